"""The files of a document as they go within an event."""

import base64

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from offices import Office, factura
from receiving import Receiver
from subscribed import subscribe
from timbre.issuing import enclosing
from timbre.issuing.models import Document, StoredFile
from timbre.taxpayers.models import Company
from timbre.webhooks.body import MAX_INLINE
from timbre.webhooks.deliver import serve, take

pytestmark = pytest.mark.django_db


def test_an_issued_document_arrives_with_the_bytes_that_are_kept(
    enrolled: Office, receiver: Receiver
) -> None:
    subscribe(Company.objects.get(), receiver, inline_files=True)
    enrolled.ask(factura())
    enrolled.work()
    for delivery in take(10):
        serve(delivery, read_files=enclosing.read_files)
    [request] = receiver.requests
    for stored in StoredFile.objects.filter(document=Document.objects.get(), current=True):
        data = request.json["data"]
        assert base64.b64decode(data[f"{stored.kind}_base64"]) == bytes(stored.content)
        assert data[f"{stored.kind}_sha256"] == stored.sha256


def test_a_file_too_long_is_left_out_unread(enrolled: Office) -> None:
    enrolled.ask(factura())
    enrolled.work()
    xml, pdf = StoredFile.objects.order_by("-kind")
    StoredFile.objects.filter(pk=pdf.pk).update(content=b"x" * (MAX_INLINE + 1))
    with CaptureQueriesContext(connection) as queries:
        assert enclosing.read_files([xml.pk, pdf.pk]) == {xml.pk: bytes(xml.content)}
    assert len(queries) == 1
    StoredFile.objects.filter(pk=pdf.pk).update(content=b"x" * MAX_INLINE)
    assert set(enclosing.read_files([xml.pk, pdf.pk])) == {xml.pk, pdf.pk}
