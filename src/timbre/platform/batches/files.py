"""What people take with them of a batch: its result as a table, and all its XML and PDF in one zip."""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from timbre.accounts.scope import Scope
from timbre.dte.rut import with_dots
from timbre.issuing.models import KNOWN_ISSUED, Batch, Document, StoredFile
from timbre.issuing.words import error_of
from timbre.platform.batches.telling import lines_of
from timbre.platform.batches.views import find
from timbre.platform.documents.columns import FIGURES, folio
from timbre.platform.frame import ScreenRequest, screen
from timbre.platform.tables import Column, as_csv, as_xlsx

CHUNK = 20
"""Documents whose files are in memory at once."""
COLUMNS: Sequence[Column[Document]] = (
    Column("N°", lambda d: d.index + 1),
    Column("Id externo", lambda d: d.external_id),
    Column("RUT empresa", lambda d: with_dots(d.company.entity.rut)),
    Column("RUT receptor", lambda d: with_dots(d.receiver_rut)),
    Column("Receptor", lambda d: d.receiver_name, width=40),
    Column("Tipo", lambda d: d.tipo),
    Column("Folio", folio),
    Column("Fecha", lambda d: d.date_issued),
    *FIGURES,
    Column("Error", lambda d: (error_of(d) or {}).get("code")),
    Column("Qué pasó", lambda d: (error_of(d) or {}).get("message"), width=60),
)


@screen
def as_csv_file(request: ScreenRequest, batch_id: str) -> HttpResponseBase:
    return as_csv(f"lote-{batch_id}", COLUMNS, _rows(request.scope, find(request, batch_id).batch))


@screen
def as_xlsx_file(request: ScreenRequest, batch_id: str) -> HttpResponseBase:
    return as_xlsx(f"lote-{batch_id}", COLUMNS, _rows(request.scope, find(request, batch_id).batch))


@screen
def bundle(request: ScreenRequest, batch_id: str) -> HttpResponseBase:
    """``XML/`` and ``PDF/`` of what is issued, and the result as CSV; written while it is sent."""
    batch = find(request, batch_id).batch
    response = StreamingHttpResponse(_zip(request.scope, batch), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="lote-{batch_id}.zip"'
    return response


class _Outgoing:
    """A file that is sent away as it is written; it cannot be read or wound back."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nor is anything open."""

    def take(self) -> bytes:
        written, self._written = b"".join(self._written), []
        return written


def _zip(scope: Scope, batch: Batch) -> Iterator[bytes]:
    outgoing = _Outgoing()
    at = timezone.localtime(batch.created_at)
    with zipfile.ZipFile(outgoing, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _entries(scope, batch):
            archive.writestr(_entry(name, at), content, zipfile.ZIP_DEFLATED)
            yield outgoing.take()
    yield outgoing.take()


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, at.timetuple()[:6])
    info.external_attr = 0o644 << 16
    return info


def _entries(scope: Scope, batch: Batch) -> Iterator[tuple[str, bytes]]:
    """Names and contents. Only of what is issued: other signed bytes are evidence, and no document."""
    yield "resultado.csv", b"".join(as_csv("resultado", COLUMNS, _rows(scope, batch)))
    issued = lines_of(scope, batch).filter(state__in=KNOWN_ISSUED)
    named = {document.pk: _name(document) for document in issued.select_related("company__entity")}
    ids = list(named)
    for start in range(0, len(ids), CHUNK):
        files = StoredFile.within(scope).filter(document__in=ids[start : start + CHUNK], current=True)
        for document_id, kind, content in files.values_list("document_id", "kind", "content"):
            yield f"{kind.upper()}/{named[document_id]}.{kind}", bytes(content)


def _name(document: Document) -> str:
    """``33-1234-76543210-3``: type, folio and issuer, which no two documents share."""
    return f"{document.tipo}-{document.folio}-{document.company.entity.rut}"


def _rows(scope: Scope, batch: Batch) -> Iterator[Document]:
    return lines_of(scope, batch).iterator(chunk_size=100)
