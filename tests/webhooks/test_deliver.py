"""Deliveries over the wire, to a real server on loopback."""

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest
import standardwebhooks
import tupana
from django.utils import timezone

from elapsing import elapse, work_off
from receiving import Receiver
from timbre.accounts.scope import Scope
from timbre.taxpayers.models import Company
from timbre.webhooks import deliver, endpoints
from timbre.webhooks.deliver import serve, take, take_slow
from timbre.webhooks.emit import Telling, emit
from timbre.webhooks.links import read_link
from timbre.webhooks.models import Delivery, Webhook
from timbre.webhooks.schedule import ATTEMPTS, WAITS
from timbre.work.claim import claim

pytestmark = pytest.mark.django_db

Subscribe = Callable[..., tuple[Webhook, str]]


@pytest.fixture
def subscribe(scope: Scope, company: Company, receiver: Receiver) -> Subscribe:
    """Sets up a webhook for document.issued at the receiver, with what is asked changed."""

    def make(**changes: object) -> tuple[Webhook, str]:
        wanted = {"url": receiver.url, "events": ["document.issued"], "now": timezone.now(), **changes}
        return endpoints.create(scope, company, **wanted)  # type: ignore[arg-type]

    return make


def tell(company: Company, *, type: str = "document.issued", **changes: object) -> Delivery:  # noqa: A002
    """Emits one event and returns the delivery it owes."""
    told = {"data": {"id": "docu_1", "folio": "7", "sender": {"name": "Ñandú & Hijos"}}, **changes}
    [event] = emit([Telling(type=type, company=company, **told)], now=timezone.now())  # type: ignore[arg-type]
    return Delivery.objects.get(event=event)


def make_due(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk, due_at__isnull=False).update(due_at=timezone.now())


def test_an_event_arrives_signed_for_both_kinds_of_receiver(
    company: Company, receiver: Receiver, subscribe: Subscribe
) -> None:
    _, secret = subscribe()
    delivery = tell(company)
    work_off()
    [request] = receiver.requests
    assert tupana.construct_webhook_event(request.body, request.headers, secret)["event"] == "document.issued"
    assert standardwebhooks.Webhook(secret).verify(request.body, request.headers)["data"]["folio"] == "7"
    event_id = str(delivery.event.id)
    assert request.headers["x-pana-event-id"] == request.headers["webhook-id"] == event_id
    assert request.headers["x-pana-delivery"] == str(delivery.pk)
    assert request.headers["x-pana-event-type"] == request.headers["x-pana-event"] == "document.issued"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == "Pana-Webhook/1.0"
    assert abs(float(request.headers["webhook-timestamp"]) - time.time()) < 5
    assert datetime.fromisoformat(request.headers["x-pana-timestamp"]).utcoffset() == timedelta(0)


def test_a_secret_of_ones_own_words_verifies_for_both_kinds_of_receiver(
    company: Company, receiver: Receiver, subscribe: Subscribe
) -> None:
    _, secret = subscribe(secret="una clave que parece base64")
    tell(company)
    work_off()
    [request] = receiver.requests
    assert tupana.construct_webhook_event(request.body, request.headers, secret)
    assert standardwebhooks.Webhook(secret.encode()).verify(request.body, request.headers)


def test_the_body_is_compact_json_without_escapes(
    company: Company, receiver: Receiver, subscribe: Subscribe
) -> None:
    subscribe()
    tell(company)
    work_off()
    [request] = receiver.requests
    again = json.dumps(request.json, separators=(",", ":"), ensure_ascii=False).encode()
    assert request.body == again
    assert "Ñandú & Hijos".encode() in request.body
    assert list(request.json) == ["event", "created_at", "data"]
    assert request.json["created_at"].endswith("Z")
    assert len(request.json["created_at"]) == len("2026-01-19T15:30:45.123456Z")


def test_a_document_without_files_says_so_with_nulls(
    company: Company, receiver: Receiver, subscribe: Subscribe
) -> None:
    subscribe(events=["document.issue_failed", "batch.completed"])
    tell(company, type="document.issue_failed")
    tell(company, type="batch.completed", data={"id": "doba_1"})
    work_off()
    failed, completed = sorted((r.json for r in receiver.requests), key=lambda body: body["event"])[::-1]
    assert failed["data"]["pdf_file"] is None
    assert failed["data"]["xml_file"] is None
    sequence = Delivery.objects.get(event__type="batch.completed").event_id
    assert completed["data"] == {
        "id": "doba_1",
        "is_sandbox": True,
        "sequence": sequence,
        "api_version": 2,
    }


def test_file_links_are_made_fresh_at_each_attempt(
    company: Company, receiver: Receiver, subscribe: Subscribe
) -> None:
    subscribe()
    receiver.answers.append(500)
    delivery = tell(company, files={"pdf_file": "file_p", "xml_file": "file_x"})
    work_off()
    time.sleep(1.1)  # links count in seconds
    make_due(delivery)
    work_off()
    first, second = (request.json["data"] for request in receiver.requests)
    assert first["pdf_file"] != second["pdf_file"]
    token = second["xml_file"].rstrip("/").rsplit("/", 1)[1]
    now = timezone.now()
    assert read_link(token, now=now) == "file_x"
    assert read_link(token, now=now + timedelta(minutes=59)) == "file_x"
    assert read_link(token, now=now + timedelta(minutes=61)) is None


def test_retries_keep_their_ids_and_follow_the_schedule_to_the_end(
    company: Company, receiver: Receiver, subscribe: Subscribe
) -> None:
    webhook, _ = subscribe()
    receiver.answers.extend([500, 404, 403, 301, 500, 400, 500, 500, 501, 418])
    delivery = tell(company)
    waits = []
    for _ in range(ATTEMPTS):
        make_due(delivery)
        assert work_off() == 1
        delivery.refresh_from_db()
        if delivery.due_at and delivery.sent_at:
            waits.append(delivery.due_at - delivery.sent_at)
    assert len(waits) == len(WAITS) == 9
    for wait, least in zip(waits, WAITS, strict=True):
        assert least <= wait < least * 1.25 + timedelta(seconds=1)
    assert len({wait / least for wait, least in zip(waits, WAITS, strict=True)}) == 9
    assert timedelta(days=3) < sum(waits, timedelta()) < timedelta(days=4)
    assert delivery.status == Delivery.Status.FAILED
    assert (delivery.attempts, delivery.due_at, delivery.status_code) == (10, None, 418)
    assert delivery.error == "El servidor respondió 418"
    assert len({r.headers["x-pana-delivery"] for r in receiver.requests}) == 1
    assert len({r.headers["webhook-id"] for r in receiver.requests}) == 1
    assert len({r.json["data"]["sequence"] for r in receiver.requests}) == 1
    webhook.refresh_from_db()
    assert (webhook.sent, webhook.delivered, webhook.last_status_code) == (10, 0, 418)


def test_a_delivery_that_succeeds_at_last_is_delivered_and_never_sent_again(
    company: Company, receiver: Receiver, subscribe: Subscribe
) -> None:
    webhook, _ = subscribe()
    receiver.answers.extend([503, 204])
    delivery = tell(company)
    work_off()
    elapse(timedelta(seconds=7))
    work_off()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.error) == (Delivery.Status.DELIVERED, 2, "")
    assert (delivery.due_at, delivery.lease_until, delivery.token) == (None, None, "")
    webhook.refresh_from_db()
    assert (webhook.sent, webhook.delivered, webhook.success_rate) == (2, 1, 50.0)
    assert webhook.last_sent_at == delivery.sent_at
    assert (webhook.failing_since, webhook.slow) == (None, False)
    assert work_off() == 0


def test_redirects_are_failures_and_not_followed(
    company: Company, receiver: Receiver, subscribe: Subscribe
) -> None:
    def redirect(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(307)
        handler.send_header("Location", "/elsewhere")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    subscribe()
    receiver.answers.append(redirect)
    delivery = tell(company)
    work_off()
    delivery.refresh_from_db()
    assert [request.path for request in receiver.requests] == ["/hook"]
    assert (delivery.status, delivery.status_code) == (Delivery.Status.PENDING, 307)


def drip_headers(handler: BaseHTTPRequestHandler) -> None:
    """A byte every 0.1 s, so that no single wait is long."""
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 60:
        handler.wfile.write(bytes([byte]))
        time.sleep(0.1)


def test_a_receiver_that_drips_its_answer_is_cut_at_the_total_timeout(
    company: Company, receiver: Receiver, subscribe: Subscribe
) -> None:
    subscribe()
    receiver.answers.append(drip_headers)
    delivery = tell(company)
    began = time.monotonic()
    serve(*take(1), timeout=0.6)
    assert time.monotonic() - began < 2
    delivery.refresh_from_db()
    assert (delivery.status_code, delivery.attempts) == (None, 1)
    assert delivery.error == "No respondió en 0.6 segundos"


def test_an_endless_answer_is_not_read_to_its_end(
    company: Company, receiver: Receiver, subscribe: Subscribe
) -> None:
    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"a" * 65536)

    subscribe()
    receiver.answers.append(flood)
    delivery = tell(company)
    work_off()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.status_code) == (Delivery.Status.DELIVERED, 200)


def test_an_answer_that_is_not_http_is_a_failed_attempt(
    company: Company, receiver: Receiver, subscribe: Subscribe
) -> None:
    subscribe()
    receiver.answers.append(lambda handler: handler.wfile.write(b"hola\r\n\r\n") and None)
    delivery = tell(company)
    work_off()
    delivery.refresh_from_db()
    assert delivery.error == "Cortó la conexión o respondió algo que no es HTTP"


def test_a_server_that_is_not_there_is_a_failed_attempt(company: Company, subscribe: Subscribe) -> None:
    with Receiver() as gone:
        url = gone.url
    subscribe(url=url)
    delivery = tell(company)
    work_off()
    delivery.refresh_from_db()
    assert delivery.error == "No se pudo conectar: nada atiende en ese puerto"
    assert delivery.status == Delivery.Status.PENDING


def test_connections_are_kept_between_deliveries(
    company: Company, receiver: Receiver, subscribe: Subscribe
) -> None:
    subscribe()
    for _ in range(5):
        tell(company)
    work_off()
    assert len(receiver.requests) == 5
    assert receiver.connections == 1


def test_a_lost_claim_writes_nothing(company: Company, subscribe: Subscribe) -> None:
    webhook, _ = subscribe()
    tell(company)
    [slept] = take(1)
    later = timezone.now() + deliver.LEASE * 2
    [taken_over] = claim(Delivery.objects.all(), now=later, lease=deliver.LEASE)
    serve(slept)
    row = Delivery.objects.get()
    assert (row.token, row.attempts, row.status) == (taken_over.token, 0, Delivery.Status.PENDING)
    webhook.refresh_from_db()
    assert webhook.sent == 0


def test_a_delivery_whose_lease_is_nearly_over_is_not_even_tried(
    company: Company, receiver: Receiver, subscribe: Subscribe
) -> None:
    subscribe()
    tell(company)
    [delivery] = take(1)
    delivery.lease_until = timezone.now() + timedelta(seconds=5)
    serve(delivery)
    assert receiver.requests == []
    assert Delivery.objects.get().attempts == 0


def test_the_deliveries_of_a_paused_webhook_end_quietly(
    company: Company, receiver: Receiver, subscribe: Subscribe
) -> None:
    webhook, _ = subscribe()
    delivery = tell(company)
    endpoints.update(webhook, is_active=False)
    work_off()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.due_at) == (Delivery.Status.CANCELLED, None)
    assert receiver.requests == []


def test_a_webhook_deleted_while_its_delivery_is_out_leaves_nothing(
    company: Company, subscribe: Subscribe
) -> None:
    webhook, _ = subscribe()
    tell(company)
    [delivery] = take(1)
    endpoints.delete(webhook)
    serve(delivery)
    assert not Delivery.objects.exists()


def test_a_slow_webhook_gets_one_delivery_at_a_time_and_holds_up_nobody(
    company: Company, subscribe: Subscribe
) -> None:
    webhook, _ = subscribe()
    Webhook.objects.filter(pk=webhook.pk).update(slow=True)
    for _ in range(3):
        tell(company)
    assert take(10) == []
    [delivery] = take_slow(10)
    assert take_slow(10) == []
    serve(delivery)
    webhook.refresh_from_db()
    assert not webhook.slow
    assert len(take(10)) == 2


def test_production_never_delivers_over_plain_http(
    company: Company, receiver: Receiver, subscribe: Subscribe
) -> None:
    webhook, _ = subscribe()
    Webhook.objects.filter(pk=webhook.pk).update(environment="production")
    delivery = tell(company)
    work_off()
    delivery.refresh_from_db()
    assert receiver.requests == []
    assert delivery.error == "En producción solo se entrega a https://"


def test_a_test_event_goes_to_that_webhook_alone_whatever_it_asked_for(
    receiver: Receiver, subscribe: Subscribe
) -> None:
    webhook, secret = subscribe(events=["document.paid"])
    subscribe(url=receiver.url + "/other", events=["webhook.test"])
    now = timezone.now()
    endpoints.test(webhook, now)
    work_off()
    [request] = receiver.requests
    assert request.path == "/hook"
    event = tupana.construct_webhook_event(request.body, request.headers, secret)
    assert event["event"] == "webhook.test"
    assert event["data"]["test"] is True
    assert event["data"]["webhook_id"] == webhook.pk
    assert datetime.fromisoformat(event["data"]["timestamp"]) == now
    assert event["data"]["message"]


def test_a_secret_that_no_longer_opens_is_a_failed_attempt(
    company: Company, receiver: Receiver, subscribe: Subscribe
) -> None:
    webhook, _ = subscribe()
    Webhook.objects.filter(pk=webhook.pk).update(secret="sealed with a key that is gone")
    delivery = tell(company)
    work_off()
    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.status, delivery.lease_until) == (1, Delivery.Status.PENDING, None)
    assert "TIMBRE_SECRET_KEY" in delivery.error
    assert delivery.due_at is not None
    assert delivery.due_at > timezone.now()
    assert receiver.requests == []
