"""The files within the event, for who asked for them there."""

import base64
import hashlib
from collections.abc import Collection, Mapping

import pytest
import standardwebhooks
from django.utils import timezone

from elapsing import work_all_off
from receiving import Receiver
from subscribed import SECRET, subscribe, tell
from timbre.taxpayers.models import Company
from timbre.webhooks import deliveries, endpoints
from timbre.webhooks.deliver import serve, take
from timbre.webhooks.models import Webhook

pytestmark = pytest.mark.django_db
FILES = {"xml_file": "file_x", "pdf_file": "file_p"}
KEPT = {"file_x": "<DTE>ñ</DTE>".encode("latin-1"), "file_p": b"%PDF-1.7 \x00\xff"}


def kept(file_ids: Collection[str]) -> Mapping[str, bytes]:
    return {file_id: KEPT[file_id] for file_id in file_ids}


@pytest.fixture
def webhook(company: Company, receiver: Receiver) -> Webhook:
    events = ["document.issued", "document.issue_failed", "batch.completed"]
    return subscribe(company, receiver, events=events, inline_files=True)


def deliver(read_files: object = kept) -> None:
    for delivery in take(10):
        serve(delivery, read_files=read_files)  # type: ignore[arg-type]


def test_both_files_come_in_base64_with_their_checksums_besides_their_links(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    tell(company, files=FILES)
    deliver()
    [request] = receiver.requests
    data = standardwebhooks.Webhook(SECRET).verify(request.body, request.headers)["data"]
    for kind, content in (("xml", KEPT["file_x"]), ("pdf", KEPT["file_p"])):
        assert base64.b64decode(data[f"{kind}_base64"]) == content
        assert data[f"{kind}_sha256"] == hashlib.sha256(content).hexdigest()
        assert data[f"{kind}_file"].startswith("http")


def test_what_there_is_not_is_null(company: Company, webhook: Webhook, receiver: Receiver) -> None:
    tell(company, type="document.issue_failed")
    tell(company, files=FILES)
    deliver(lambda ids: {"file_x": KEPT["file_x"]} if ids else {})
    failed, long_pdf = (request.json["data"] for request in receiver.requests)
    assert [failed[name] for name in ("xml_base64", "xml_sha256", "pdf_base64", "pdf_sha256")] == [None] * 4
    assert long_pdf["xml_base64"] is not None
    assert long_pdf["pdf_base64"] is long_pdf["pdf_sha256"] is None
    assert long_pdf["pdf_file"].startswith("http")


def test_events_without_a_document_stay_as_they_are(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    tell(company, type="batch.completed")
    deliver()
    [request] = receiver.requests
    assert not any("base64" in name or "file" in name for name in request.json["data"])


def test_nobody_gets_them_unasked(company: Company, webhook: Webhook, receiver: Receiver) -> None:
    endpoints.update(webhook, inline_files=False)
    tell(company, files=FILES)
    deliver()
    [request] = receiver.requests
    assert set(request.json["data"]) == {
        "id",
        "folio",
        "is_sandbox",
        "sequence",
        "api_version",
        "xml_file",
        "pdf_file",
    }


def test_the_request_is_shown_without_them(company: Company, webhook: Webhook, receiver: Receiver) -> None:
    tell(company, files={"xml_file": "file_x"})
    deliver()
    [request] = receiver.requests
    [delivery] = deliveries.log_of(webhook)
    shown = deliveries.request_of(deliveries.find(webhook, str(delivery.pk))).body
    assert set(shown["data"]) == set(request.json["data"])
    assert shown["data"]["xml_base64"] == shown["data"]["xml_sha256"] == deliveries.INLINE
    assert shown["data"]["pdf_base64"] is shown["data"]["pdf_sha256"] is None


def test_a_test_event_has_none(webhook: Webhook, receiver: Receiver) -> None:
    endpoints.test(webhook, timezone.now())
    work_all_off()
    assert "xml_base64" not in receiver.requests[0].json["data"]
