"""What is printed of a document's amounts, as labels and figures: the same on every paper."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from timbre.dte.codes import SOLO_EXENTOS
from timbre.dte.document import Ajuste, Base, Detalle, Documento, Entrada
from timbre.dte.totals import Monto, Totales
from timbre.pdf.naming import MARKS, tax_name
from timbre.pdf.words import amount, moment, money, number

_BASES = {Base.AFECTO: "afecto", Base.EXENTO: "exento", Base.NO_FACTURABLE: "no facturable"}


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount with its label; ``strong`` is the total's own."""

    label: str
    text: str
    strong: bool = False


def line_mark(documento: Documento, detalle: Detalle) -> str:
    """What a line's amount is when it is no affected sale; nothing where all lines are exempt."""
    is_plain = documento.tipo in SOLO_EXENTOS and detalle.exencion == 1
    return "" if is_plain else MARKS.get(detalle.exencion or 0, "")


def line_notes(documento: Documento, detalle: Detalle, monto: Monto) -> Iterator[str]:
    """What was taken off or put on a line, its tax, its ticket."""
    moneda = documento.moneda
    if monto.descuento:
        yield f"Descuento{_percent(detalle.descuento_pct)}: -{money(monto.descuento, moneda)}"
    if monto.recargo:
        yield f"Recargo{_percent(detalle.recargo_pct)}: +{money(monto.recargo, moneda)}"
    if detalle.impuesto:
        withheld = " (retiene quien emite)" if detalle.agente_retenedor else ""
        yield f"{tax_name(detalle.impuesto)}{withheld}"
    if detalle.entrada:
        yield from _ticket(detalle.entrada)


def _ticket(entrada: Entrada) -> Iterator[str]:
    yield f"Entrada N° {entrada.folio} {entrada.tipo}, generada {moment(entrada.generada)}"
    yield f"{entrada.evento} ({entrada.codigo_evento}), {moment(entrada.fecha_evento)}, {entrada.lugar}"
    seat = [
        f"Ubicación {entrada.ubicacion}" if entrada.ubicacion else "",
        f"fila {entrada.fila}" if entrada.fila else "",
        f"asiento {entrada.asiento}" if entrada.asiento else "",
    ]
    yield ", ".join(filter(None, seat))


def adjustment_figures(documento: Documento, totales: Totales) -> list[Figure]:
    """The global discounts and surcharges, each with what it is taken from."""
    pairs = zip(documento.ajustes, totales.ajustes, strict=True)
    return [_adjustment(documento, ajuste, monto) for ajuste, monto in pairs]


def _adjustment(documento: Documento, ajuste: Ajuste, monto: Decimal) -> Figure:
    kind = "Recargo" if ajuste.recargo else "Descuento"
    base = "" if documento.tipo in SOLO_EXENTOS else f" sobre lo {_BASES[ajuste.sobre]}"
    label = f"{kind} global{_percent(ajuste.pct)}{base}"
    text = ("+" if ajuste.recargo else "-") + amount(monto, documento.moneda)
    return Figure(f"{label}: {ajuste.glosa}" if ajuste.glosa else label, text)


def total_figures(documento: Documento, totales: Totales) -> Iterator[Figure]:
    """What adds up to the total, the total, and what is not part of it.

    An exempt document shows no net and no IVA; one without value shows its total alone.
    """
    moneda = documento.moneda
    yield from _parts(documento, totales)
    currency = f" {moneda.nombre}" if moneda.decimales else ""
    yield Figure(f"Total{currency}", money(totales.total, moneda), strong=True)
    if moneda.decimales:
        yield Figure("Tipo de cambio", number(moneda.tipo_cambio))
        yield Figure("Total en pesos", money(totales.total_en_pesos))
    if totales.no_facturable:
        yield Figure("Monto no facturable", money(totales.no_facturable, moneda))
        yield Figure("Total del período", money(totales.total + totales.no_facturable, moneda))


def _parts(documento: Documento, totales: Totales) -> Iterator[Figure]:
    if totales.tasa_iva is not None:
        yield Figure("Monto neto", money(totales.neto))
    if totales.exento or documento.tipo in SOLO_EXENTOS:
        yield Figure("Exento", money(totales.exento, documento.moneda))
    if totales.tasa_iva is not None:
        yield Figure(f"I.V.A. {number(totales.tasa_iva)}%", money(totales.iva))
    for each in totales.impuestos:
        signed = -each.monto if each.retencion else each.monto
        yield Figure(f"{tax_name(each.codigo)}{_percent(each.tasa)}", money(signed))
    if totales.iva_no_retenido:
        yield Figure("I.V.A. no retenido", money(totales.iva_no_retenido))
    if totales.garantia:
        yield Figure("Garantía de envases", money(totales.garantia))


def _percent(percent: Decimal | None) -> str:
    return f" {number(percent)}%" if percent else ""
