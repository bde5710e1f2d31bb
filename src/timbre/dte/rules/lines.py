"""The lines: how many, of which kind, their discounts, and tickets of shows."""

from datetime import datetime

from timbre.dte.codes import BOLETAS, EXPORTACIONES, TipoDte
from timbre.dte.document import Documento
from timbre.dte.rules.rule import EVERY, Case, Found, rule

T = TipoDte
MOST, MOST_OF_A_BOLETA = 60, 1000
_GUARANTEE = frozenset({T.FACTURA, T.FACTURA_EXENTA, T.NOTA_CREDITO, T.NOTA_DEBITO})
_TICKETS_SINCE, _TICKETS_UNTIL = datetime(2010, 3, 10), datetime(2051, 1, 1)  # noqa: DTZ001 - Chile's, naive
_MOST_FOLIO = 999_999


@rule("dte_field_required", "Un documento tiene al menos una línea.", source="DTE_v10.xsd, Detalle")
def some(case: Case) -> Found:
    if not case.documento.detalles:
        yield "details", "El documento no tiene líneas de detalle."


@rule(
    "detail_line_limit",
    "Un documento tiene hasta 60 líneas; una boleta, hasta 1.000.",
    source="DTE_v10.xsd, Detalle",
)
def too_many(case: Case) -> Found:
    most = MOST_OF_A_BOLETA if case.documento.es_boleta else MOST
    if len(case.documento.detalles) > most:
        message = f"El documento tiene {len(case.documento.detalles)} líneas; el SII admite {most}."
        yield "details", f"{message} Divídelo."


def exempt_indicators(documento: Documento) -> frozenset[int]:
    """IndExe that a line of the type may carry: an export's lines are exempt, and it has no MontoNF."""
    if documento.es_exportacion:
        return frozenset({1})
    found = {1, 2, 6}
    if documento.tipo in _GUARANTEE:
        found.add(3)
    if documento.tipo is T.GUIA_DESPACHO:
        found |= {4, 5}
    return frozenset(found)


@rule(
    "exempt_indicator_not_allowed",
    "El indicador de exención de una línea es uno de los que admite su tipo de documento.",
    source="DTE_v10.xsd y EnvioBOLETA_v11.xsd, IndExe; Formato DTE v2.2, GrntDep",
)
def exempt_indicator(case: Case) -> Found:
    allowed = exempt_indicators(case.documento)
    for number, line in enumerate(case.documento.detalles):
        if line.exencion is not None and line.exencion not in allowed:
            codes = ", ".join(map(str, sorted(allowed)))
            message = f"La línea {number + 1} lleva indicador {line.exencion}; este tipo admite {codes}."
            yield f"details.{number}.exempt_indicator", message


@rule(
    "quantity_required",
    "Cada línea de una guía de despacho dice su cantidad.",
    source="Formato DTE v2.2, tabla de obligatoriedad, QtyItem",
    types=frozenset({T.GUIA_DESPACHO}),
)
def quantity(case: Case) -> Found:
    for number, line in enumerate(case.documento.detalles):
        if line.cantidad is None:
            yield f"details.{number}.quantity", f"Falta la cantidad de la línea {number + 1}."


@rule(
    "discount_twice",
    "Un descuento de línea es un porcentaje o un monto, no los dos.",
    source="Formato DTE v2.2, DescuentoPct",
)
def discount_twice(case: Case) -> Found:
    for number, line in enumerate(case.documento.detalles):
        if line.descuento_pct and line.descuento_monto:
            message = f"La línea {number + 1} trae descuento en porcentaje y en monto: deja uno solo."
            yield f"details.{number}.discount_amount", message


@rule(
    "surcharge_twice",
    "Un recargo de línea es un porcentaje o un monto, no los dos.",
    source="Formato DTE v2.2, RecargoPct",
)
def surcharge_twice(case: Case) -> Found:
    for number, line in enumerate(case.documento.detalles):
        if line.recargo_pct and line.recargo_monto:
            message = f"La línea {number + 1} trae recargo en porcentaje y en monto: deja uno solo."
            yield f"details.{number}.surcharge_amount", message


@rule(
    "discount_over_line",
    "El descuento de una línea no pasa de lo que vale.",
    source="DTE_v10.xsd, MontoItem",
    sums=True,
)
def discount_over_line(case: Case) -> Found:
    for number, monto in enumerate(case.totales.lineas):
        if monto.descuento > monto.bruto:
            message = (
                f"El descuento de la línea {number + 1} es {monto.descuento} y la línea vale {monto.bruto}."
            )
            yield f"details.{number}.discount_amount", message


@rule(
    "amount_not_whole",
    "Los descuentos, recargos y pagos en monto son pesos enteros; en una exportación, unidades enteras.",
    source="DTE_v10.xsd, DescuentoMonto y RecargoMonto (enteros)",
    sums=True,
)
def whole(case: Case) -> Found:
    for number, (line, monto) in enumerate(zip(case.documento.detalles, case.totales.lineas, strict=True)):
        for amount, percent, name, label in (
            (monto.descuento, line.descuento_pct, "discount", "descuento"),
            (monto.recargo, line.recargo_pct, "surcharge", "recargo"),
        ):
            if amount != amount.to_integral_value():
                field = f"{name}_percent" if percent else f"{name}_amount"
                message = (
                    f"El {label} de la línea {number + 1} es {amount}: el SII solo lo recibe sin decimales."
                )
                yield f"details.{number}.{field}", message


@rule(
    "gross_price_not_allowed",
    "Guías de despacho y exportaciones llevan precios netos.",
    source="Formato DTE v2.2, MntBruto",
    types=EXPORTACIONES | {T.GUIA_DESPACHO},
)
def gross_price(case: Case) -> Found:
    if case.documento.brutos:
        message = f"Un documento tipo {case.documento.tipo:d} lleva precios netos: usa unit_price."
        yield "details.0.gross_unit_price", message


@rule(
    "field_not_for_type",
    "Las entradas a espectáculos van en boletas.",
    source="EnvioBOLETA_v11.xsd, InfoTicket e ItemEspectaculo",
    types=EVERY - BOLETAS,
)
def ticket_elsewhere(case: Case) -> Found:
    for number, line in enumerate(case.documento.detalles):
        if line.entrada or line.espectaculo:
            field = "ticket" if line.entrada else "show_item_type"
            yield f"details.{number}.{field}", "Una entrada a un espectáculo solo va en una boleta."


@rule(
    "ticket_invalid",
    "Una entrada tiene un folio de hasta 6 cifras, fechas desde 2010 y clase 01 o 02.",
    source="EnvioBOLETA_v11.xsd, InfoTicket e ItemEspectaculo",
    types=BOLETAS,
)
def ticket(case: Case) -> Found:
    for number, line in enumerate(case.documento.detalles):
        if line.espectaculo not in ("", "01", "02"):
            message = f"La clase de espectáculo es «{line.espectaculo}»: debe ser 01 o 02."
            yield f"details.{number}.show_item_type", message
        entrada = line.entrada
        if entrada is None:
            continue
        if not 1 <= entrada.folio <= _MOST_FOLIO:
            message = f"El folio de la entrada es {entrada.folio}: debe tener de 1 a 6 cifras."
            yield f"details.{number}.ticket.ticket_folio", message
        for moment, name in ((entrada.generada, "generated_at"), (entrada.fecha_evento, "event_datetime")):
            if not _is_moment(moment):
                message = f"«{moment}» no es una fecha y hora desde 2010: se escribe 2026-03-14T21:00:00."
                yield f"details.{number}.ticket.{name}", message


def _is_moment(text: str) -> bool:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return False
    return moment.tzinfo is None and "T" in text and _TICKETS_SINCE <= moment < _TICKETS_UNTIL
