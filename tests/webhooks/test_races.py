"""What several workers and a user do to one webhook at the same time."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from elapsing import elapse, work_all_off
from receiving import Answer, Receiver
from subscribed import again, subscribe, tell
from timbre.accounts import letters
from timbre.taxpayers.models import Company
from timbre.webhooks import deliveries, endpoints
from timbre.webhooks.deliver import LEASE, serve, take
from timbre.webhooks.models import Delivery, Event, Webhook

pytestmark = pytest.mark.django_db(transaction=True)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def meanwhile(act: Callable[[], object], status: int = 200) -> Answer:
    """An answer that is given once something else has been done in another connection."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        try:
            act()
        finally:
            connection.close()
        handler.send_response(status)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def at_once(*acts: Callable[[], object]) -> None:
    """All of them, each on a thread of its own, from the same moment on."""
    ready = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        try:
            ready.wait(10)
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(run, acts))


@pytest.fixture
def webhook(company: Company, receiver: Receiver) -> Webhook:
    return subscribe(company, receiver)


def test_a_worker_that_dies_amid_a_delivery_is_followed_by_another_with_the_same_ids(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    """Dead or asleep for longer than its lease: what it comes back to write is not written."""
    tell(company)
    [first] = take(1)

    def another_takes_over() -> None:
        Delivery.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        [second] = take(1)
        serve(second)

    receiver.answers.append(meanwhile(another_takes_over, status=500))
    serve(first)
    one, other = receiver.requests
    for header in ("webhook-id", "x-pana-event-id", "x-pana-delivery"):
        assert one.headers[header] == other.headers[header]
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.log.count()) == ("delivered", 1, 1)
    row = again(webhook)
    assert (row.sent, row.delivered, row.failing_since, row.slow) == (1, 1, None, False)


def test_until_its_lease_runs_out_nobody_takes_what_a_dead_worker_held(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    tell(company)
    assert len(take(1)) == 1
    elapse(LEASE - timedelta(seconds=5))
    assert take(1) == []
    elapse(timedelta(seconds=10))
    work_all_off()
    assert len(receiver.requests) == 1


def test_several_workers_send_each_delivery_once(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    for number in range(24):
        tell(company, number)

    def work() -> None:
        while taken := take(3):
            for delivery in taken:
                serve(delivery)

    at_once(work, work, work)
    folios = [request.json["data"]["folio"] for request in receiver.requests]
    assert sorted(folios, key=int) == [str(number) for number in range(24)]
    assert set(Delivery.objects.values_list("status", "attempts")) == {("delivered", 1)}


def test_a_webhook_deleted_amid_an_attempt_leaves_nothing(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    tell(company)
    receiver.answers.append(meanwhile(lambda: endpoints.delete(again(webhook))))
    work_all_off()
    assert len(receiver.requests) == 1
    assert not Delivery.objects.exists()
    assert Event.objects.filter(type="document.issued").count() == 1


@pytest.mark.parametrize("everything", [False, True])
def test_a_replay_amid_an_attempt_does_not_repeat_it(
    company: Company, webhook: Webhook, receiver: Receiver, *, everything: bool
) -> None:
    tell(company)
    counted: list[int] = []

    def replay() -> None:
        now = timezone.now()
        counted.append(deliveries.replay(again(webhook), since=now - HOUR, everything=everything, now=now))

    receiver.answers.append(meanwhile(replay))
    work_all_off()
    assert counted == [0]
    assert len(receiver.requests) == 1


def test_two_replays_at_once_owe_what_was_never_owed_once(company: Company, webhook: Webhook) -> None:
    endpoints.update(again(webhook), is_active=False)
    for number in range(5):
        tell(company, number)
    endpoints.update(again(webhook), is_active=True)
    now = timezone.now()
    counted: list[int] = []

    def replay() -> None:
        counted.append(deliveries.replay(again(webhook), since=now - HOUR, now=now))

    at_once(replay, replay, replay)
    assert sorted(counted) == [0, 0, 5]
    assert Delivery.objects.count() == 5


def test_of_two_workers_that_fail_at_once_one_writes_the_letter(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    tell(company, 1)
    tell(company, 2)
    failing = timezone.now() - 2 * DAY
    Webhook.objects.update(failing_since=failing)
    receiver.answers.extend([500, 500])
    one, other = take(2)
    at_once(lambda: serve(one), lambda: serve(other))
    letters.postman.submit(int).result(10)
    assert len(mail.outbox) == 1
    Webhook.objects.update(failing_since=failing - 4 * DAY, warned_at=failing, slow=False)
    Delivery.objects.update(due_at=timezone.now())
    receiver.answers.extend([500, 500])
    one, other = take(2)
    at_once(lambda: serve(one), lambda: serve(other))
    letters.postman.submit(int).result(10)
    assert len(mail.outbox) == 2
    assert Event.objects.filter(type="webhook.disabled").count() == 1
    assert not again(webhook).is_active
    elapse(2 * DAY)
    work_all_off()
    assert set(Delivery.objects.values_list("status", flat=True)) == {"cancelled"}
    assert len(receiver.requests) == 4


def test_an_answer_that_goes_well_while_another_is_refused_does_not_end_the_rest(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    tell(company)
    until = timezone.now() + HOUR

    def another_is_refused() -> None:
        Webhook.objects.update(rest_until=until, slow=True)

    receiver.answers.append(meanwhile(another_is_refused))
    work_all_off()
    tell(company, 2)
    work_all_off()
    assert len(receiver.requests) == 1
    row = again(webhook)
    assert (row.rest_until, row.slow, row.delivered) == (until, True, 1)


def test_what_a_user_changes_amid_an_attempt_stays_changed(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    tell(company)
    receiver.answers.append(
        meanwhile(lambda: endpoints.update(again(webhook), url=receiver.url + "/new"), status=410)
    )
    work_all_off()
    row = again(webhook)
    assert (row.is_active, row.url) == (True, receiver.url + "/new")


def test_a_change_of_one_thing_does_not_undo_what_a_worker_has_found(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    as_it_was = again(webhook)
    receiver.answers.append(410)
    tell(company)
    work_all_off()
    endpoints.update(as_it_was, events=["document.paid"])
    row = again(webhook)
    assert (row.is_active, row.disabled_reason, row.events) == (False, "gone", ["document.paid"])
