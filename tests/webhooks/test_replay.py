"""Sending a stretch of time again: exactly what is owed, with the ids it always had."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from elapsing import elapse, work_all_off
from enrolled import enrol
from receiving import Receiver
from subscribed import again, subscribe, tell
from timbre.accounts.errors import Rejection
from timbre.accounts.scope import Scope
from timbre.taxpayers.models import Company
from timbre.webhooks import deliveries, endpoints
from timbre.webhooks.deliver import serve, take
from timbre.webhooks.emit import Telling, emit
from timbre.webhooks.models import Delivery, Event, Webhook
from timbre.work.environments import Environment

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
Status = Delivery.Status


@pytest.fixture
def webhook(company: Company, receiver: Receiver) -> Webhook:
    return subscribe(company, receiver)


def replay(webhook: Webhook, *, hours: float = 24, **changes: bool | datetime) -> int:
    """What happened in the last hours, again."""
    now = timezone.now()
    return deliveries.replay(again(webhook), since=now - hours * HOUR, now=now, **changes)  # type: ignore[arg-type]


def arrived(receiver: Receiver) -> list[str]:
    return sorted(request.json["data"]["folio"] for request in receiver.requests)


def test_what_did_not_get_through_is_sent_and_what_did_is_left(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    for number, status in enumerate([Status.DELIVERED, Status.FAILED, Status.CANCELLED]):
        event = tell(company, number)
        Delivery.objects.filter(event=event).update(status=status, due_at=None, attempts=10)
    waiting = tell(company, 3)
    Delivery.objects.filter(event=waiting).update(due_at=timezone.now() + 9 * HOUR, attempts=4)
    tell(company, 4)
    assert replay(webhook) == 3
    work_all_off()
    assert arrived(receiver) == ["1", "2", "3", "4"]
    assert replay(webhook) == 0


def test_everything_is_sent_again_when_asked(company: Company, webhook: Webhook, receiver: Receiver) -> None:
    events = [tell(company, number) for number in range(3)]
    work_all_off()
    assert replay(webhook, everything=True) == 3
    work_all_off()
    assert arrived(receiver) == ["0", "0", "1", "1", "2", "2"]
    for event in events:
        same = [r for r in receiver.requests if r.headers["webhook-id"] == str(event.id)]
        assert len(same) == 2
        assert len({r.headers["x-pana-delivery"] for r in same}) == 1
        assert {r.json["data"]["sequence"] for r in same} == {event.seq}


def test_what_happened_while_it_was_paused_is_owed_now(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    endpoints.update(again(webhook), is_active=False)
    event = tell(company)
    tell(company, type="document.paid")
    with pytest.raises(Rejection, match="webhook_inactive"):
        replay(webhook)
    endpoints.update(again(webhook), is_active=True)
    assert replay(webhook) == 1
    work_all_off()
    [request] = receiver.requests
    assert request.headers["webhook-id"] == str(event.id)
    assert replay(webhook) == 0
    assert Delivery.objects.count() == 1


def test_a_new_webhook_can_be_told_of_what_was_before_it(company: Company, receiver: Receiver) -> None:
    tell(company)
    elapse(HOUR)
    webhook = subscribe(company, receiver)
    assert replay(webhook) == 1


def test_both_ends_of_the_range_are_included(company: Company, webhook: Webhook) -> None:
    for number in range(4):
        tell(company, number)
        elapse(HOUR)
    Delivery.objects.update(status=Status.FAILED, due_at=None)
    first, second, third, _ = Event.objects.order_by("seq")
    now = timezone.now()
    row = again(webhook)
    assert deliveries.replay(row, since=second.created_at, until=third.created_at, now=now) == 2
    assert set(Delivery.objects.filter(status="pending").values_list("event_id", flat=True)) == {
        second.pk,
        third.pk,
    }
    assert deliveries.replay(row, since=first.created_at, until=first.created_at, now=now) == 1


def test_an_empty_range_is_refused(webhook: Webhook) -> None:
    now = timezone.now()
    for since, until in ((now, now - HOUR), (now + HOUR, None)):
        with pytest.raises(Rejection) as refusal:
            deliveries.replay(webhook, since=since, until=until, now=now)
        assert (refusal.value.code, refusal.value.param) == ("range_invalid", "since")


def test_a_range_too_long_for_one_transaction_is_refused_whole(
    company: Company, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "MOST_REPLAYED", 2)
    for number in range(3):
        tell(company, number)
    Delivery.objects.update(status=Status.FAILED, due_at=None)
    with pytest.raises(Rejection, match="range_invalid"):
        replay(webhook)
    assert not Delivery.objects.exclude(status=Status.FAILED).exists()


def test_other_webhooks_and_other_companies_are_left_alone(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    other = enrol(company.scope, "76111111-6")
    subscribe(other, receiver)
    subscribe(company, receiver, "/other")
    tell(company)
    tell(other)
    Delivery.objects.update(status=Status.FAILED, due_at=None)
    assert replay(webhook) == 1
    assert Delivery.objects.get(status=Status.PENDING).webhook_id == webhook.pk


def test_tests_of_other_webhooks_are_not_owed(company: Company, receiver: Receiver) -> None:
    webhook = subscribe(company, receiver, events=["webhook.test"])
    endpoints.test(subscribe(company, receiver, "/other"), timezone.now())
    assert replay(webhook) == 0


def test_a_webhook_of_both_environments_gets_its_twin_s_events_too(
    company: Company, receiver: Receiver
) -> None:
    twin = enrol(Scope(company.user_id, Environment.PRODUCTION))
    webhook = endpoints.create(
        twin.scope,
        twin,
        url="https://1.1.1.1/",
        events=["document.issued"],
        environment="both",
        is_active=False,
        now=timezone.now(),
    )[0]
    tell(company)
    tell(twin)
    tell(enrol(company.scope, "76111111-6"))
    endpoints.update(webhook, is_active=True)
    assert replay(webhook) == 2
    endpoints.update(webhook, environment="production")
    Delivery.objects.all().delete()
    assert replay(webhook) == 1


def test_what_is_being_sent_at_this_moment_is_not_sent_twice(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    tell(company)
    [taken] = take(1)
    assert replay(webhook) == 0
    assert replay(webhook, everything=True) == 0
    serve(taken)
    work_all_off()
    assert len(receiver.requests) == 1


def test_a_replay_takes_few_queries_however_much_it_sends(company: Company, webhook: Webhook) -> None:
    emit([Telling(type="document.issued", company=company, data={}) for _ in range(200)], now=timezone.now())
    half = Delivery.objects.order_by("event_id")[:100].values("pk")
    Delivery.objects.filter(pk__in=half).delete()
    Delivery.objects.update(status=Status.FAILED, due_at=None)
    with CaptureQueriesContext(connection) as queries:
        assert replay(webhook) == 200
    assert len(queries) <= 15


def test_a_replay_without_end_is_told_to_wait(company: Company, webhook: Webhook) -> None:
    for _ in range(60):
        replay(webhook)
    with pytest.raises(Rejection) as refusal:
        replay(webhook)
    assert (refusal.value.status, refusal.value.code) == (429, "too_many_attempts")
    assert refusal.value.retry_after
