"""The columns of a document in CSV and XLSX: what an accountant takes into a book or a spreadsheet."""

from timbre.dte.rut import with_dots
from timbre.issuing.models import KNOWN_ISSUED, Document
from timbre.issuing.words import error_of, estado_of
from timbre.platform.tables import Column


def folio(document: Document) -> int | None:
    """A number, and only of what was issued; before, the SII's proposal may still change."""
    return document.folio if document.state in KNOWN_ISSUED else None


def _error(document: Document) -> str:
    fault = error_of(document)
    return "" if fault is None else str(fault["message"] or fault["code"])


FIGURES: list[Column[Document]] = [
    Column("Neto", lambda d: d.neto),
    Column("Exento", lambda d: d.exento),
    Column("IVA", lambda d: d.iva),
    Column("Total", lambda d: d.total),
    Column("Estado", lambda d: str(estado_of(d.state, d.error_code).label)),
]
"""What it comes to and how it stands: the same in a batch's result."""
COLUMNS: list[Column[Document]] = [
    Column("RUT empresa", lambda d: with_dots(d.company.entity.rut)),
    Column("Empresa", lambda d: d.company.entity.name, width=40),
    Column("Tipo", lambda d: d.tipo),
    Column("Folio", folio),
    Column("Fecha", lambda d: d.date_issued),
    Column("RUT receptor", lambda d: with_dots(d.receiver_rut)),
    Column("Receptor", lambda d: d.receiver_name, width=40),
    *FIGURES,
    Column("Pagado", lambda d: "sí" if d.is_paid else "no"),
    Column("Id externo", lambda d: d.external_id),
    Column("Lote", lambda d: d.batch_id, width=24),
    Column("Identificador", lambda d: d.pk, width=24),
    Column("Qué pasó", _error, width=60),
]
