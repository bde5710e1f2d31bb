"""A receiver that asks for time gets it, and nobody else waits for it."""

from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler

import pytest
from django.utils import timezone

from elapsing import elapse, work_all_off, work_off
from receiving import Answer, Receiver
from subscribed import again, subscribe, tell
from timbre.taxpayers.models import Company
from timbre.webhooks import deliveries, endpoints
from timbre.webhooks.deliver import serve, take, take_slow
from timbre.webhooks.models import Delivery, Webhook

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=3)


def busy(status: int, retry_after: str = "") -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", "0")
        if retry_after:
            handler.send_header("Retry-After", retry_after)
        handler.end_headers()

    return answer


@pytest.fixture
def webhook(company: Company, receiver: Receiver) -> Webhook:
    return subscribe(company, receiver)


def rest_of(webhook: Webhook) -> timedelta:
    until = again(webhook).rest_until
    return until - timezone.now() if until else timedelta(0)


@pytest.mark.parametrize("status", [429, 503, 500])
def test_retry_after_holds_back_the_whole_webhook(
    company: Company, webhook: Webhook, receiver: Receiver, status: int
) -> None:
    receiver.answers.append(busy(status, "3600"))
    first, second = tell(company, 1), tell(company, 2)
    work_all_off()
    assert [request.json["data"]["folio"] for request in receiver.requests] == ["1"]
    assert timedelta(minutes=59) < rest_of(webhook) <= timedelta(hours=1)
    waiting = {row.event_id: row for row in Delivery.objects.all()}
    assert waiting[first.pk].attempts == 1
    assert (waiting[second.pk].attempts, waiting[second.pk].status) == (0, "pending")
    elapse(timedelta(minutes=59))
    assert work_off() == 0
    elapse(timedelta(minutes=1))
    work_all_off()
    assert sorted(request.json["data"]["folio"] for request in receiver.requests) == ["1", "1", "2"]
    assert set(Delivery.objects.values_list("status", "attempts")) == {("delivered", 2), ("delivered", 1)}


def test_retry_after_may_be_a_date(company: Company, webhook: Webhook, receiver: Receiver) -> None:
    wanted = timezone.now() + timedelta(hours=2)
    receiver.answers.append(busy(503, format_datetime(wanted)))
    tell(company)
    work_off()
    assert abs(rest_of(webhook) - timedelta(hours=2)) < SOON
    due_at = Delivery.objects.get().due_at
    assert due_at is not None
    assert due_at - wanted > -SOON


def test_nobody_can_ask_for_more_than_a_day(company: Company, webhook: Webhook, receiver: Receiver) -> None:
    receiver.answers.append(busy(429, "31536000"))
    tell(company)
    work_off()
    assert timedelta(days=1) - SOON < rest_of(webhook) <= timedelta(days=1)


def test_the_wait_of_the_schedule_is_the_least(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    receiver.answers.extend([500, busy(503, "1")])
    tell(company)
    work_off()
    elapse(timedelta(seconds=7))
    work_off()
    delivery = Delivery.objects.get()
    assert delivery.attempts == 2
    assert delivery.due_at is not None
    assert delivery.due_at - timezone.now() > timedelta(minutes=5) - SOON
    assert rest_of(webhook) < SOON * 2


def test_who_only_says_that_it_is_busy_rests_longer_the_longer_it_lasts(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    receiver.answers.extend([429, 502, 503, 504] * 50)
    for number in range(50):
        tell(company, number)
    work_all_off()
    assert len(receiver.requests) == 1
    for _ in range(60):
        elapse(timedelta(minutes=1))
        work_all_off()
    assert len(receiver.requests) < 30
    assert timedelta(minutes=10) < rest_of(webhook) + timedelta(minutes=5) < timedelta(hours=1)
    untouched = Delivery.objects.filter(attempts=0)
    assert untouched.count() > 20
    receiver.answers.clear()
    elapse(timedelta(hours=1))
    work_all_off()
    assert not untouched.exists()


def test_other_webhooks_are_told_meanwhile(company: Company, webhook: Webhook, receiver: Receiver) -> None:
    receiver.answers.append(busy(503, "3600"))
    tell(company)
    work_off()
    neighbour = subscribe(company, receiver, "/other")
    tell(company, 2)
    work_all_off()
    assert [request.path for request in receiver.requests] == ["/hook", "/hook/other"]
    assert not again(neighbour).slow


def test_what_was_claimed_together_with_the_one_refused_is_handed_back_untried(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    receiver.answers.append(busy(429, "60"))
    for number in range(3):
        tell(company, number)
    refused, *others = take(10)
    for delivery in [refused, *others]:
        serve(delivery)
    assert len(receiver.requests) == 1
    for row in Delivery.objects.exclude(pk=refused.pk):
        assert (row.attempts, row.status, row.token, row.lease_until) == (0, "pending", "", None)
    assert take(10) == take_slow(10) == []


def test_whoever_asks_for_something_to_be_sent_ends_the_rest(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    for ask in (
        lambda: endpoints.test(again(webhook), timezone.now()),
        lambda: deliveries.resend(
            deliveries.find(again(webhook), str(Delivery.objects.earliest("event_id").pk)), timezone.now()
        ),
        lambda: deliveries.replay(
            again(webhook), since=timezone.now() - timedelta(hours=1), now=timezone.now()
        ),
    ):
        receiver.answers.append(busy(503, "7200"))
        tell(company)
        work_all_off()
        before = len(receiver.requests)
        ask()
        work_all_off()
        assert len(receiver.requests) > before
        assert again(webhook).rest_until is None
