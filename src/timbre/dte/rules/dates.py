"""Days: what the XSD can hold, and what the SII takes late."""

from collections.abc import Iterator
from datetime import date, timedelta

from timbre.dte.rules.rule import Case, Found, Level, rule

FIRST_DAY = date(2003, 4, 1)
"""The format's first FchEmis; other dates may be as old as the XSD's 2000-01-01."""
_XSD_DAYS = (date(2000, 1, 1), date(2050, 12, 31))
_FIRST_OF_AN_EXPORT = date(1950, 1, 1)
"""What an export refers to may be older: a contract of long ago."""
_LATE = timedelta(days=3)


def _days(case: Case) -> Iterator[tuple[date | None, str]]:
    documento = case.documento
    yield documento.fecha_vencimiento, "header.due_date"
    yield documento.fecha_cancelacion, "header.cancellation_date"
    yield documento.periodo_desde, "header.period_from"
    yield documento.periodo_hasta, "header.period_to"
    for number, pago in enumerate(documento.pagos):
        yield pago.fecha, f"header.payments.{number}.date"
    if documento.guia_exportacion:
        yield documento.guia_exportacion.fecha_resolucion, "transport_data.authorization_resolution_date"
    for number, each in enumerate(documento.referencias):
        yield each.fecha, f"references.{number}.reference_date"


@rule(
    "date_in_future",
    "La fecha de emisión no es posterior a hoy en Chile.",
    source="Formato DTE v2.2, FchEmis",
)
def in_future(case: Case) -> Found:
    issued = case.documento.fecha_emision
    if issued > case.today:
        yield "date_issued", f"La fecha de emisión {issued} es posterior a hoy, {case.today}."


@rule(
    "date_out_of_range",
    "Las fechas van de 2000 a 2050; la de emisión, desde el 1 de abril de 2003; las referencias de una "
    "exportación, desde 1950.",
    source="DTE_v10.xsd, FechaType; Formato DTE v2.2, FchEmis",
)
def out_of_range(case: Case) -> Found:
    issued, (first, last) = case.documento.fecha_emision, _XSD_DAYS
    if issued < FIRST_DAY:
        message = f"La fecha de emisión {issued} es anterior a la factura electrónica ({FIRST_DAY})."
        yield "date_issued", message
    for day, path in _days(case):
        older = case.documento.es_exportacion and path.startswith("references")
        oldest = _FIRST_OF_AN_EXPORT if older else first
        if day is not None and not oldest <= day <= last:
            yield path, f"La fecha {day} está fuera de lo que admite el SII: de {oldest} a {last}."


@rule(
    "issue_date_old",
    "Un documento se envía al SII dentro de unos 3 días desde su fecha de emisión.",
    source="SII DTE-1-650 (envío fuera de plazo)",
    level=Level.WARN,
)
def late(case: Case) -> Found:
    issued = case.documento.fecha_emision
    if FIRST_DAY <= issued < case.today - _LATE:
        message = (
            f"La fecha de emisión {issued} es de hace más de 3 días: el SII puede anotar un reparo leve."
        )
        yield "date_issued", message


@rule(
    "due_date_before_issue", "El vencimiento no es anterior a la emisión.", source="Formato DTE v2.2, FchVenc"
)
def due_before_issue(case: Case) -> Found:
    due, issued = case.documento.fecha_vencimiento, case.documento.fecha_emision
    if due is not None and due < issued:
        message = f"La fecha de vencimiento {due} es anterior a la de emisión, {issued}."
        yield "header.due_date", message


@rule(
    "period_reversed",
    "Un período termina en su primer día o después.",
    source="Formato DTE v2.2, PeriodoDesde y PeriodoHasta",
)
def period_reversed(case: Case) -> Found:
    since, until = case.documento.periodo_desde, case.documento.periodo_hasta
    if since and until and until < since:
        yield "header.period_to", f"El período termina el {until}, antes de empezar el {since}."


@rule(
    "reference_after_document",
    "Un documento no se refiere a otro posterior.",
    source="Formato DTE v2.2, FchRef",
    level=Level.WARN,
)
def reference_later(case: Case) -> Found:
    issued = case.documento.fecha_emision
    for number, each in enumerate(case.documento.referencias):
        if issued < each.fecha <= _XSD_DAYS[1] and not case.documento.es_boleta:
            message = f"La referencia {number + 1} es del {each.fecha}, posterior a la emisión, {issued}."
            yield f"references.{number}.reference_date", message
