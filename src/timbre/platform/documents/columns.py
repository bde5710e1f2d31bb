"""The columns of a document in CSV and XLSX: what an accountant takes into a book or a spreadsheet."""

from timbre.issuing.models import Document, State
from timbre.issuing.words import error_of, estado_of
from timbre.platform.tables import Column


def _folio(document: Document) -> int | None:
    """A number, and only of what was issued; before, the SII's proposal may still change."""
    return document.folio if document.state in (State.ISSUED, State.DONE) else None


def _error(document: Document) -> str:
    fault = error_of(document)
    return "" if fault is None else str(fault["message"] or fault["code"])


COLUMNS: list[Column[Document]] = [
    Column("empresa_rut", lambda d: d.company.entity.rut),
    Column("empresa", lambda d: d.company.entity.name),
    Column("tipo", lambda d: d.tipo),
    Column("folio", _folio),
    Column("fecha", lambda d: d.date_issued),
    Column("receptor_rut", lambda d: d.receiver_rut),
    Column("receptor", lambda d: d.receiver_name),
    Column("neto", lambda d: d.neto),
    Column("exento", lambda d: d.exento),
    Column("iva", lambda d: d.iva),
    Column("total", lambda d: d.total),
    Column("estado", lambda d: str(estado_of(d.state, d.error_code).label)),
    Column("pagado", lambda d: "sí" if d.is_paid else "no"),
    Column("external_id", lambda d: d.external_id),
    Column("lote", lambda d: d.batch_id),
    Column("id", lambda d: d.pk),
    Column("error", _error),
]
