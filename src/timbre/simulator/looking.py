"""Looking back: the list of issued documents, one of them, its PDF, the XML backup (notes 5.7, 5.8)."""

from collections.abc import Mapping
from datetime import date
from math import ceil

from werkzeug.wrappers import Response

from timbre.dte.document import Resolucion
from timbre.pdf.page import draw
from timbre.simulator import alerts
from timbre.simulator.alerts import Refusal
from timbre.simulator.checking import parse_day
from timbre.simulator.exchange import Exchange, page
from timbre.simulator.pages.frame import alert_page
from timbre.simulator.pages.listing import backup_form, backup_list, backup_xml, document_page, list_page
from timbre.simulator.store import Issued

ROWS_PER_PAGE = 100
BACKUP_LIMIT = 20
RESOLUCION = Resolucion(numero=0, fecha=date(2026, 1, 1))
"""Number 0 is what certification prints: no document of the simulator may look authorised."""

_CONDITIONS = {
    "RUT_RECP": "receiver LIKE ? || '-_'",
    "FOLIO": "folio = ?",
    "TPO_DOC": "tipo = ?",
    "FEC_DESDE": "fecha >= ?",
    "FEC_HASTA": "fecha <= ?",
}


def show_list(exchange: Exchange) -> Response:
    company, query = exchange.company.rut, exchange.query
    condition, values = _filter(query)
    if query.get("ESTADO", "") == "PRV":
        condition = "0"  # nothing is ever provisional here
        values = []
    pages = max(1, ceil(exchange.store.count_issued(company, condition, values) / ROWS_PER_PAGE))
    asked = query.get("NUM_PAG", "")
    number = max(1, int(asked)) if asked.isdecimal() and len(asked) <= 6 else 1
    window = f"LIMIT {ROWS_PER_PAGE} OFFSET {ROWS_PER_PAGE * (number - 1)}"
    found = exchange.store.issued(company, condition, values, window)
    return page(list_page(found, number, pages, exchange.now.timestamp()))


def _filter(fields: Mapping[str, str]) -> tuple[str, list[str]]:
    """SQL over the issued documents and its values. Raises Refusal for what no filter can be."""
    given = {name: fields[name].strip() for name in _CONDITIONS if fields.get(name, "").strip()}
    for name, value in given.items():
        right = parse_day(value, date(2000, 1, 1)) if name.startswith("FEC_") else value.isdecimal()
        if not right or len(value) > 18:
            raise Refusal(alerts.FILTRO)
    return " AND ".join(["1", *(_CONDITIONS[name] for name in given)]), list(given.values())


def show_document(exchange: Exchange) -> Response:
    return page(document_page(find_document(exchange, "CODIGO"), exchange.now.timestamp()))


def find_document(exchange: Exchange, name: str) -> Issued:
    """The company's issued document whose internal code the query's field gives. Raises Refusal."""
    codigo = exchange.query.get(name, "")
    usable = codigo.isdecimal() and len(codigo) <= 18
    document = exchange.store.find_issued(exchange.company.rut, int(codigo)) if usable else None
    if document is None:
        raise Refusal(alerts.DOCUMENTO_INEXISTENTE)
    return document


def show_pdf(exchange: Exchange) -> Response:
    """The PDF of an issued document, drawn from its signed XML alone, watermarked by its IDK."""
    document = find_document(exchange, "DHDR_CODIGO")
    return Response(draw(document.xml, resolucion=RESOLUCION), content_type="application/pdf")


def show_backup_form(exchange: Exchange) -> Response:
    return page(backup_form(exchange.company.rut))


def show_backup_list(exchange: Exchange) -> Response:
    condition, values = _backup_filter(exchange, exchange.form)
    count = exchange.store.count_issued(exchange.company.rut, condition, values)
    if not count:
        return page(alert_page(alerts.SIN_INFORMACION))
    first = exchange.store.issued(exchange.company.rut, condition, values, f"LIMIT {ROWS_PER_PAGE}")
    return page(backup_list(first, count))


def download_backup(exchange: Exchange) -> Response:
    """At most 20 documents; one more and the answer is an error page instead of a shorter file."""
    condition, values = _backup_filter(exchange, exchange.query)
    documents = exchange.store.issued(exchange.company.rut, condition, values, f"LIMIT {BACKUP_LIMIT + 1}")
    if len(documents) > BACKUP_LIMIT:
        raise Refusal(alerts.DEMASIADOS_DOCUMENTOS)
    if not documents:
        raise Refusal(alerts.SIN_INFORMACION)
    response = Response(backup_xml(documents), content_type="application/xml; charset=ISO-8859-1")
    response.headers["Content-Disposition"] = "attachment; filename=DTE_DOWN.xml"
    return response


def _backup_filter(exchange: Exchange, fields: Mapping[str, str]) -> tuple[str, list[str]]:
    """The list's filters, but a FOLIO silently drops FEC_HASTA, as measured on the real portal."""
    asked = f"{fields.get('RUT_EMP', '')}-{fields.get('DV_EMP', '').upper()}"
    if asked != exchange.company.rut:
        raise Refusal(alerts.EMPRESA_NO_AUTORIZADA)
    if fields.get("ORIGEN") != "ENV":
        return "0", []  # nobody ever sends documents to a company here
    if fields.get("FOLIO", "").strip():
        fields = {**fields, "FEC_HASTA": ""}
    return _filter(fields)
