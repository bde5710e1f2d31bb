"""From an accepted batch to the SII's files, one lane's turn at a time."""

from offices import Office, documents_of, factura
from timbre.issuing.models import State, StoredFile
from timbre.webhooks.models import Event


def test_a_batch_is_issued_with_its_files_confirmed_and_told(enrolled: Office) -> None:
    exenta = factura(dte_type={"code": "34"}, receptor="39003003-7")
    batch = enrolled.ask(factura(), exenta, factura())
    enrolled.work()
    batch.refresh_from_db()
    assert batch.status == "completed"
    for document in documents_of(batch):
        assert document.state == State.DONE, (document.error_code, document.sii_words)
        xml = document.files.get(kind=StoredFile.Kind.XML)
        assert xml.confirmed_at is not None
        assert document.digest.encode() in bytes(xml.content)
        assert bytes(document.files.get(kind=StoredFile.Kind.PDF).content).startswith(b"%PDF")
        issued = Event.objects.get(document_id=document.pk, type="document.issued")
        assert set(issued.files) == {"xml_file", "pdf_file"}
    assert Event.objects.filter(type="batch.completed", batch_id=batch.pk).count() == 1
    assert len(enrolled.store.issued()) == 3
