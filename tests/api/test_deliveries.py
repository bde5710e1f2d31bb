"""The log of a webhook's deliveries over HTTP."""

from http.server import BaseHTTPRequestHandler

import pytest
from django.utils import timezone

from calling import Caller, error_of, make_key
from enrolled import enrol
from receiving import Receiver
from timbre.accounts.scope import Scope
from timbre.taxpayers.models import Company
from timbre.webhooks import endpoints
from timbre.webhooks.deliver import serve, take, take_slow
from timbre.webhooks.emit import Telling, emit
from timbre.webhooks.models import Delivery, Webhook
from timbre.work.environments import Environment


@pytest.fixture
def webhook(company: Company, receiver: Receiver) -> Webhook:
    wanted = {"url": receiver.url, "events": ["document.issued"], "now": timezone.now()}
    return endpoints.create(company.scope, company, **wanted)[0]


def tell(company: Company, number: int = 1, **changes: object) -> Delivery:
    told = {"data": {"n": number}, "document_id": f"docu_{number}", "batch_id": "doba_1", **changes}
    [event] = emit([Telling(type="document.issued", company=company, **told)], now=timezone.now())
    return Delivery.objects.get(event=event)


def work_off() -> None:
    for delivery in take(50) + take_slow(50):
        serve(delivery)


def path_of(webhook: Webhook, *rest: object) -> str:
    return "/".join(["/v2/webhooks", webhook.pk, "deliveries", *map(str, rest), ""])


def test_deliveries_are_listed_newest_first_and_by_status(
    caller: Caller, company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    receiver.answers.extend([200, 500])
    sent = [tell(company, number) for number in range(2)]
    work_off()
    sent.append(tell(company, 2))
    told = caller.get(path_of(webhook)).json()
    assert [each["id"] for each in told["data"]] == [str(each.pk) for each in reversed(sent)]
    assert told["meta"]["total"] == 3
    waiting, failing, good = told["data"]
    assert (good["status"], good["status_code"], good["error"], good["next_attempt_at"]) == (
        "delivered",
        200,
        None,
        None,
    )
    assert (good["event"], good["event_id"]) == ("document.issued", str(sent[0].event.id))
    assert (good["document_id"], good["batch_id"], good["is_sandbox"]) == ("docu_0", "doba_1", True)
    assert (failing["status"], failing["attempts"], failing["error"]) == (
        "pending",
        1,
        "El servidor respondió 500",
    )
    assert failing["next_attempt_at"] > failing["sent_at"]
    assert (waiting["attempts"], waiting["sent_at"]) == (0, None)
    found = caller.get(path_of(webhook), status="delivered").json()
    assert [each["document_id"] for each in found["data"]] == ["docu_0"]
    assert caller.get(path_of(webhook), status="failed").json()["data"] == []
    assert error_of(caller.get(path_of(webhook), status="lost"))["param"] == "status"
    page = caller.get(path_of(webhook), page="2", page_size="2").json()
    assert [each["document_id"] for each in page["data"]] == ["docu_0"]


def test_one_delivery_tells_what_is_sent_and_what_came_back(
    caller: Caller, company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    def refuse(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(503)
        handler.send_header("Content-Length", "9")
        handler.end_headers()
        handler.wfile.write(b"<b>no</b>")

    receiver.answers.append(refuse)
    delivery = tell(company, files={"pdf_file": "file_p"})
    work_off()
    told = caller.get(path_of(webhook, delivery.pk)).json()
    [attempt] = told["log"]
    assert (attempt["status_code"], attempt["answer"]) == (503, "<b>no</b>")
    assert (attempt["error"], attempt["url"]) == ("El servidor respondió 503", webhook.url)
    assert attempt["duration_ms"] >= 0
    assert told["request"]["body"]["data"]["pdf_file"] == "(enlace nuevo en cada intento)"
    assert told["request"]["headers"]["X-Pana-Signature"] == "(no se muestra)"
    assert told["request"]["headers"]["X-Pana-Delivery"] == str(delivery.pk)


def test_a_delivery_sent_again_arrives_again(
    caller: Caller, company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    delivery = tell(company)
    work_off()
    response = caller.post(path_of(webhook, delivery.pk, "resend"))
    assert (response.status_code, response.json()["status"]) == (202, "pending")
    work_off()
    first, second = receiver.requests
    assert first.headers["x-pana-event-id"] == second.headers["x-pana-event-id"]
    endpoints.update(webhook, is_active=False)
    error = error_of(caller.post(path_of(webhook, delivery.pk, "resend")))
    assert (error["code"], error["resource"]) == ("webhook_inactive", webhook.pk)


def test_deliveries_are_nobody_elses(
    caller: Caller, stranger: Caller, company: Company, webhook: Webhook
) -> None:
    delivery = tell(company)
    other_side = make_key(company.user, Environment.PRODUCTION)
    for outsider in (stranger, other_side):
        for answer in (
            outsider.get(path_of(webhook)),
            outsider.get(path_of(webhook, delivery.pk)),
            outsider.post(path_of(webhook, delivery.pk, "resend")),
        ):
            assert error_of(answer)["code"] == "resource_missing"
            assert answer.status_code == 404
    assert Delivery.objects.get().due_at == delivery.due_at
    for missing in ("x", "00000000-0000-0000-0000-000000000000"):
        assert caller.get(path_of(webhook, missing)).status_code == 404


def test_a_webhook_of_production_that_asked_for_both_says_which_events_are_sandbox_s(
    company: Company, receiver: Receiver
) -> None:
    twin = enrol(Scope(company.user_id, "production"))
    both, _ = endpoints.create(
        twin.scope,
        twin,
        url="https://1.1.1.1/",
        events=["document.issued"],
        environment="both",
        now=timezone.now(),
    )
    tell(company)
    tell(twin)
    caller = make_key(company.user, Environment.PRODUCTION)
    told = caller.get(path_of(both)).json()["data"]
    assert [each["is_sandbox"] for each in told] == [False, True]
