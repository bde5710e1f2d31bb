"""What each attempt leaves behind, and sending a delivery again."""

from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from elapsing import work_off
from receiving import Receiver, saying
from timbre.accounts.errors import NotFound, Rejection
from timbre.taxpayers.models import Company
from timbre.webhooks import deliveries, endpoints
from timbre.webhooks.deliver import serve, take
from timbre.webhooks.emit import Telling, emit
from timbre.webhooks.models import Attempt, Delivery, Webhook
from timbre.webhooks.post import WITHHELD
from timbre.webhooks.schedule import ATTEMPTS, WAITS

pytestmark = pytest.mark.django_db
Status = Delivery.Status


@pytest.fixture
def webhook(company: Company, receiver: Receiver) -> Webhook:
    wanted = {"url": receiver.url, "events": ["document.issued"], "now": timezone.now()}
    return endpoints.create(company.scope, company, **wanted)[0]


def tell(company: Company, **changes: object) -> Delivery:
    told = {"data": {"id": "docu_1", "folio": "7"}, "document_id": "docu_1", **changes}
    [event] = emit([Telling(type="document.issued", company=company, **told)], now=timezone.now())
    return Delivery.objects.get(event=event)


def wait_for_next_try(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk, due_at__isnull=False).update(due_at=timezone.now())


def test_an_attempt_leaves_what_was_answered_and_how_long_it_took(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    receiver.answers.append(saying("{«recibido»: sí}".encode()))
    delivery = tell(company)
    work_off()
    [attempt] = delivery.log.all()
    assert (attempt.status_code, attempt.answer, attempt.error) == (200, "{«recibido»: sí}", "")
    assert (attempt.url, attempt.good) == (webhook.url, True)
    assert 0 <= attempt.duration_ms < 5000
    delivery.refresh_from_db()
    assert delivery.sent_at == attempt.at


def test_attempts_stand_newest_first(company: Company, webhook: Webhook, receiver: Receiver) -> None:
    receiver.answers.extend([saying(b"ay", 500), saying(b"ya", 201)])
    delivery = tell(company)
    work_off()
    wait_for_next_try(delivery)
    work_off()
    assert [(a.status_code, a.answer, a.error) for a in delivery.log.all()] == [
        (201, "ya", ""),
        (500, "ay", "El servidor respondió 500"),
    ]


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (b"<script>alert(1)</script>", "<script>alert(1)</script>"),
        (b"a\x00b\x1b[31mc\x7f\xc2\x9bd", "a\ufffdb\ufffd[31mc\ufffd\ufffdd"),
        (b"uno\r\ndos\ttres\rcuatro", "uno\ndos\ttres\ufffdcuatro"),
        ("a\u202eb\u2066c\ufeffd".encode(), "a\ufffdb\ufffdc\ufffdd"),
        (b"\xff\xfe ni esto", "\ufffd\ufffd ni esto"),
        ("ñ".encode() * 3000, "ñ" * 1024),
        (b"x" * 10_000_000, "x" * 2048),
    ],
    ids=["markup", "controls", "line ends", "turned around", "not UTF-8", "cut", "ten megabytes"],
)
def test_of_a_hostile_answer_only_two_harmless_kilobytes_are_kept(
    company: Company, webhook: Webhook, receiver: Receiver, body: bytes, kept: str
) -> None:
    receiver.answers.append(saying(body))
    delivery = tell(company)
    work_off()
    assert delivery.log.get().answer == kept
    delivery.refresh_from_db()
    assert delivery.status == Status.DELIVERED


def test_what_a_service_of_this_machine_answers_is_not_for_those_who_reach_timbre_from_elsewhere(
    company: Company, webhook: Webhook, receiver: Receiver, settings: LazySettings
) -> None:
    settings.LOCAL, settings.WEBHOOK_ALLOW = False, [ip_network("127.0.0.0/8")]
    receiver.answers.append(saying(b"root:x:0:0"))
    delivery = tell(company)
    work_off()
    attempt = delivery.log.get()
    assert (attempt.status_code, attempt.answer) == (200, WITHHELD)


def test_an_attempt_that_got_no_answer_says_why(company: Company, webhook: Webhook) -> None:
    Webhook.objects.update(url="https://10.0.0.1/hook")
    delivery = tell(company)
    work_off()
    [attempt] = delivery.log.all()
    assert (attempt.status_code, attempt.answer) == (None, "")
    assert attempt.error == "10.0.0.1 está en una red privada o reservada"


def test_keeping_the_log_costs_one_insert(company: Company, webhook: Webhook, receiver: Receiver) -> None:
    tell(company)
    [delivery] = take(1)
    with CaptureQueriesContext(connection) as queries:
        serve(delivery)
    mine = [query["sql"] for query in queries if "webhooks_attempt" in query["sql"]]
    assert [sql.split()[0] for sql in mine] == ["INSERT"]
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 5


def test_an_attempt_that_lost_its_claim_leaves_nothing(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    tell(company)
    [delivery] = take(1)
    Delivery.objects.update(token="somebody else's")
    serve(delivery)
    assert len(receiver.requests) == 1
    assert not Attempt.objects.exists()


@pytest.mark.parametrize("over", [Status.DELIVERED, Status.FAILED, Status.CANCELLED])
def test_what_is_over_arrives_again_with_the_same_ids(
    company: Company, webhook: Webhook, receiver: Receiver, over: str
) -> None:
    delivery = tell(company)
    work_off()
    Delivery.objects.update(status=over)
    found = deliveries.find(webhook, str(delivery.pk))
    assert deliveries.resend(found, timezone.now()).status == Status.PENDING
    work_off()
    first, second = receiver.requests
    for header in ("x-pana-event-id", "x-pana-delivery", "webhook-id"):
        assert first.headers[header] == second.headers[header]
    assert first.json == second.json
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.log.count()) == (Status.DELIVERED, 2, 2)


def test_what_is_sent_again_gets_the_whole_schedule_again(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    receiver.answers.extend([500] * 100)
    delivery = tell(company)
    for _ in range(2):
        for _ in range(ATTEMPTS):
            work_off()
            wait_for_next_try(delivery)
        delivery.refresh_from_db()
        assert (delivery.status, delivery.due_at) == (Status.FAILED, None)
        deliveries.resend(deliveries.find(webhook, str(delivery.pk)), timezone.now())
    assert delivery.attempts == len(receiver.requests) == 2 * ATTEMPTS
    work_off()
    delivery.refresh_from_db()
    assert delivery.due_at is not None
    assert delivery.due_at - timezone.now() <= WAITS[0] * 1.25


def test_what_waits_is_tried_now_and_keeps_its_place(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    receiver.answers.extend([500, 500])
    delivery = tell(company)
    work_off()
    work_off()
    assert len(receiver.requests) == 1
    now = timezone.now()
    again = deliveries.resend(deliveries.find(webhook, str(delivery.pk)), now)
    assert (again.due_at, again.resent_after) == (now, 0)
    work_off()
    delivery.refresh_from_db()
    assert delivery.attempts == len(receiver.requests) == 2
    assert delivery.due_at is not None
    assert delivery.due_at - timezone.now() > WAITS[1] - timedelta(seconds=5)


def test_what_is_being_sent_is_not_sent_twice(company: Company, webhook: Webhook, receiver: Receiver) -> None:
    delivery = tell(company)
    [taken] = take(1)
    deliveries.resend(deliveries.find(webhook, str(delivery.pk)), timezone.now())
    work_off()
    serve(taken)
    work_off()
    assert len(receiver.requests) == 1


def test_a_paused_webhook_is_sent_nothing_again(company: Company, webhook: Webhook) -> None:
    delivery = tell(company)
    endpoints.update(webhook, is_active=False)
    work_off()
    found = deliveries.find(webhook, str(delivery.pk))
    with pytest.raises(Rejection, match="webhook_inactive"):
        deliveries.resend(found, timezone.now())
    delivery.refresh_from_db()
    assert (delivery.status, delivery.due_at) == (Status.CANCELLED, None)


def test_a_delivery_is_found_under_its_own_webhook_alone(company: Company, webhook: Webhook) -> None:
    delivery = tell(company)
    other, _ = endpoints.create(
        company.scope, company, url="https://1.1.1.1/", events=["document.paid"], now=timezone.now()
    )
    for where, wanted in [(other, str(delivery.pk)), (webhook, "ni uuid"), (webhook, "\x00"), (webhook, "")]:
        with pytest.raises(NotFound):
            deliveries.find(where, wanted)


def test_the_request_is_shown_as_it_is_sent_but_for_what_is_secret_or_fresh(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    delivery = tell(company, files={"pdf_file": "file_p"})
    work_off()
    [request] = receiver.requests
    shown = deliveries.request_of(deliveries.find(webhook, str(delivery.pk)))
    hidden = {"X-Pana-Signature", "webhook-signature"}
    assert {shown.headers.pop(name) for name in hidden} == {deliveries.WITHHELD}
    assert {name.lower(): value for name, value in shown.headers.items()}.items() <= request.headers.items()
    sent = request.json
    assert sent["data"]["pdf_file"].startswith("http")
    sent["data"]["pdf_file"] = deliveries.FRESH_LINK
    assert shown.body == sent
    assert shown.url == webhook.url


def test_a_delivery_may_be_sent_again_more_often_than_a_small_number_counts(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    delivery = tell(company)
    Delivery.objects.update(attempts=32_767, resent_after=32_767)
    work_off()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == (Status.DELIVERED, 32_768)
    assert deliveries.resend(delivery, timezone.now()).resent_after == 32_768


def test_of_a_delivery_that_was_tried_without_end_the_newest_attempts_are_told(
    company: Company, webhook: Webhook
) -> None:
    delivery, now = tell(company), timezone.now()
    tries = [now + timedelta(seconds=number) for number in range(60)]
    Attempt.objects.bulk_create(Attempt(delivery=delivery, at=at, url="", duration_ms=1) for at in tries)
    assert [attempt.at for attempt in deliveries.attempts_of(delivery)] == tries[:9:-1]
