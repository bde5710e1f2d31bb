"""Events and what they owe to whom."""

import threading
from datetime import datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enrolled import enrol
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.taxpayers.models import Company
from timbre.webhooks import endpoints
from timbre.webhooks.emit import Telling, emit
from timbre.webhooks.models import Delivery, Event, Webhook

pytestmark = pytest.mark.django_db


TOLD = {"folio": "1", "is_sandbox": True}


def subscribe(company: Company, url: str = "https://1.1.1.1/a", **changes: object) -> Webhook:
    wanted = {"url": url, "events": ["document.issued"], "now": timezone.now(), **changes}
    return endpoints.create(company.scope, company, **wanted)[0]  # type: ignore[arg-type]


def issued(company: Company) -> Telling:
    return Telling(type="document.issued", company=company, data={"folio": "1"}, document_id="docu_1")


def told_to(event: Event) -> set[str]:
    return set(Delivery.objects.filter(event=event).values_list("webhook_id", flat=True))


def test_every_subscribed_webhook_of_the_company_is_told_and_no_other(
    company: Company, now: datetime
) -> None:
    one, two = subscribe(company), subscribe(company, "https://1.1.1.1/b")
    subscribe(company, "https://1.1.1.1/c", events=["document.paid"])
    subscribe(company, "https://1.1.1.1/d", is_active=False)
    neighbour = enrol(company.scope, "76111111-6")
    subscribe(neighbour)
    [event] = emit([issued(company)], now=now)
    assert told_to(event) == {one.pk, two.pk}
    assert set(Delivery.objects.values_list("due_at", flat=True)) == {now}
    assert Event.within(company.scope).get().seq == event.seq


def test_an_event_without_listeners_is_kept_for_who_asks(company: Company, now: datetime) -> None:
    emit([issued(company)], now=now)
    event = Event.objects.get()
    assert (event.type, event.data, event.document_id) == ("document.issued", TOLD, "docu_1")
    assert event.created_at == now
    assert not Delivery.objects.exists()


def test_environments_do_not_meet_unless_both_was_asked_for(company: Company, now: datetime) -> None:
    twin = enrol(Scope(company.user_id, "production"))
    own = subscribe(company)
    subscribe(twin)
    both = subscribe(twin, "https://1.1.1.1/both", environment="both")
    [event] = emit([issued(company)], now=now)
    assert event.environment == "sandbox"
    assert told_to(event) == {own.pk, both.pk}


def test_sandbox_is_never_told_of_production(company: Company, now: datetime) -> None:
    twin = enrol(Scope(company.user_id, "production"))
    webhook = subscribe(company)
    Webhook.objects.filter(pk=webhook.pk).update(both=True)  # as a row from before this was decided
    [event] = emit([issued(twin)], now=now)
    assert told_to(event) == set()


def test_another_user_s_company_of_the_same_rut_is_told_nothing(company: Company, now: datetime) -> None:
    stranger = enrol(Scope(User.objects.named("eva@example.com").pk, "sandbox"))
    subscribe(stranger)
    subscribe(enrol(Scope(stranger.user_id, "production")), "https://1.1.1.1/both", environment="both")
    [event] = emit([issued(company)], now=now)
    assert told_to(event) == set()


def test_five_hundred_events_cost_a_bounded_number_of_queries(company: Company, now: datetime) -> None:
    subscribe(company)
    other = enrol(company.scope, "76111111-6")
    subscribe(other)
    with CaptureQueriesContext(connection) as queries:
        events = emit([issued(c) for c in [company, other] * 250], now=now)
    assert len(queries) <= 25
    assert Delivery.objects.count() == len(events) == 500
    sequence = [event.seq for event in events]
    assert sequence == sorted(sequence)


def test_a_move_that_fails_takes_its_event_and_deliveries_with_it(company: Company, now: datetime) -> None:
    subscribe(company)
    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012 - the move and its end
        emit([issued(company)], now=now)
        raise ZeroDivisionError
    assert not Event.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["an issued document", "a test of a webhook"])
def test_who_reads_on_from_the_last_event_seen_misses_none(
    company: Company, now: datetime, first: str
) -> None:
    webhook = subscribe(company)
    numbered, go_on = threading.Event(), threading.Event()

    def hesitate() -> None:
        with transaction.atomic():
            if first == "an issued document":
                emit([issued(company)], now=now)
            else:
                endpoints.test(webhook, now)
            numbered.set()
            go_on.wait(5)
        connection.close()

    slow = threading.Thread(target=hesitate)
    slow.start()
    numbered.wait(5)
    threading.Timer(0.3, go_on.set).start()
    with transaction.atomic():
        [later] = emit([issued(company)], now=now)
    assert Event.objects.filter(seq__lt=later.seq).count() == 1
    slow.join()
