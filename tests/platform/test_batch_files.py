"""What is taken away of a batch: its XML and PDF, and its result."""

import io
import zipfile

from openpyxl import load_workbook

from lots import DONE, REFUSED, ana, at, content_of, make_batch, visitor
from offices import Office, documents_of, enrolled, factura, folios, office
from timbre.issuing.models import Document, State, StoredFile
from timbre.taxpayers.models import Company
from visiting import Visitor

__all__ = ["ana", "enrolled", "folios", "office", "visitor"]


def test_the_zip_holds_the_stored_bytes_of_what_is_issued_and_the_result(
    ana: Visitor, enrolled: Office
) -> None:
    batch = enrolled.ask(*[factura() for _ in range(23)], factura("39090001-5"))
    enrolled.work()
    response = ana.get(at("batches-zip", batch))
    assert response["Content-Disposition"] == f'attachment; filename="lote-{batch.pk}.zip"'
    assert response.streaming
    with zipfile.ZipFile(io.BytesIO(content_of(response))) as archive:
        assert archive.testzip() is None
        found = {name: archive.read(name) for name in archive.namelist()}
        assert len(archive.namelist()) == len(found)
    result = found.pop("resultado.csv")
    assert result == content_of(ana.get(at("batches-csv", batch)))
    expected = {
        f"{file.kind.upper()}/33-{file.document.folio}-39001001-K.{file.kind}": bytes(file.content)
        for file in StoredFile.objects.select_related("document")
    }
    assert len(expected) == 46
    assert found == expected


def test_signed_bytes_that_may_not_be_issued_are_not_handed_out(visitor: Visitor, company: Company) -> None:
    batch = make_batch(company, (State.IN_DOUBT, ""), folio=7)
    StoredFile.of(documents_of(batch)[0], StoredFile.Kind.XML, b"<DTE/>").save()
    with zipfile.ZipFile(io.BytesIO(content_of(visitor.get(at("batches-zip", batch))))) as archive:
        assert archive.namelist() == ["resultado.csv"]


def test_the_result_says_of_each_document_what_became_of_it(visitor: Visitor, company: Company) -> None:
    batch = make_batch(company, DONE, REFUSED, sii_words="", receiver_name="=HYPERLINK(1)")
    Document.objects.filter(batch=batch, index=0).update(folio=77)
    lines = content_of(visitor.get(at("batches-csv", batch))).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("N°;Id externo;RUT empresa;RUT receptor;Receptor;Tipo;Folio;Fecha;")
    assert lines[1].startswith(f"1;{batch.pk}-0;76.543.210-3;39.007.007-1;'=HYPERLINK(1);33;77;")
    assert lines[1].endswith(";1000;0;190;1190;Emitido;;")
    assert lines[2].endswith(";No emitido;sii_rejected;Motivo.")
    sheet = load_workbook(io.BytesIO(content_of(visitor.get(at("batches-xlsx", batch))))).active
    assert sheet is not None
    assert sheet.column_dimensions["H"].width > len("2026-11-22")
    table = list(sheet.values)
    assert (table[1][6], table[1][11], table[2][12]) == (77, 1190, "No emitido")
