"""Nobody makes others wait: not with a crowd of deliveries, however slowly each of them is answered."""

from datetime import timedelta

import pytest
from django.utils import timezone

from elapsing import work_all_off
from enrolled import enrol
from receiving import Receiver
from subscribed import subscribe, tell
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.taxpayers.models import Company
from timbre.webhooks.deliver import serve, take, take_slow
from timbre.webhooks.models import Delivery, Webhook

pytestmark = pytest.mark.django_db


@pytest.fixture
def neighbour(db: None, receiver: Receiver) -> Company:
    """Another user's company, with a webhook."""
    company = enrol(Scope(User.objects.named("beto@example.com").pk, "sandbox"), rut="77777777-7")
    subscribe(company, receiver, "/neighbour")
    return company


def owners(taken: list[Delivery]) -> list[str]:
    return [Webhook.objects.get(pk=delivery.webhook_id).user.email for delivery in taken]


def test_a_crowd_of_deliveries_that_was_there_before_keeps_nobody_waiting(
    company: Company, neighbour: Company, receiver: Receiver
) -> None:
    subscribe(company, receiver)
    for number in range(40):
        tell(company, number)
    assert len(take(16)) == 16
    tell(neighbour)
    assert "beto@example.com" in owners(take(8))


def test_a_crowd_of_webhooks_keeps_nobody_waiting(
    company: Company, neighbour: Company, receiver: Receiver
) -> None:
    for number in range(20):
        subscribe(company, receiver, f"/{number}")
    tell(company)
    tell(neighbour)
    assert "beto@example.com" in owners(take(8))


def test_a_crowd_of_slow_webhooks_keeps_no_other_slow_one_waiting(
    company: Company, neighbour: Company, receiver: Receiver
) -> None:
    for number in range(20):
        subscribe(company, receiver, f"/{number}")
    Webhook.objects.update(slow=True)
    tell(company)
    tell(neighbour)
    assert "beto@example.com" in owners(take_slow(8))


def test_of_one_user_alone_as_many_are_taken_as_there_is_room_for(
    company: Company, receiver: Receiver
) -> None:
    subscribe(company, receiver)
    for number in range(20):
        tell(company, number)
    taken = [*take(8), *take(8), *take(8)]
    assert len({delivery.pk for delivery in taken}) == len(taken) == 20
    soon = timezone.now() + timedelta(minutes=1)
    assert all(delivery.lease_until and delivery.lease_until <= soon for delivery in taken)


def test_what_was_claimed_together_with_one_that_failed_goes_on_one_at_a_time(
    company: Company, receiver: Receiver
) -> None:
    subscribe(company, receiver)
    receiver.answers.append(500)
    for number in range(5):
        tell(company, number)
    first, *others = take(5)
    serve(first)
    for delivery in others[:-1]:
        serve(delivery)
    assert len(receiver.requests) == 1
    serve(others[-1])
    assert len(receiver.requests) == 2
    work_all_off()
    assert len(receiver.requests) == 5
