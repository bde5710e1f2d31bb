"""The amounts of a DTE as values."""

from collections.abc import Iterable
from decimal import Decimal

from timbre.dte.document import PESOS, Documento, Moneda
from timbre.dte.taxes import IMPUESTOS
from timbre.dte.totals import (
    CERO,
    TASA_IVA,
    ImpuestoAplicado,
    Monto,
    Totales,
    adjustment,
    by_tax,
    subtotals,
)
from timbre.pdf.nodes import Node, to_decimal


def read_moneda(node: Node) -> Moneda:
    """An export's currency and what it is worth in pesos; pesos where the document names none."""
    name = node.text("Encabezado/Totales/TpoMoneda")
    rate = node.decimal("Encabezado/OtraMoneda/TpoCambio")
    return Moneda(name, rate or Decimal(1)) if name else PESOS


def read_totales(node: Node, documento: Documento) -> Totales:
    """The amounts as written. What the format does not write (the amounts of the global adjustments, the
    bases of taxes) is worked out of those it does.
    """
    totals, pesos = node.child("Encabezado/Totales"), node.maybe_child("Encabezado/OtraMoneda")
    lines = tuple(_monto(line) for line in node.children("Detalle"))
    total, exento = totals.value("MntTotal", to_decimal), totals.amount("MntExe")
    return Totales(
        lineas=lines,
        ajustes=_ajustes(documento, lines),
        neto=totals.amount("MntNeto"),
        exento=exento,
        tasa_iva=_tasa_iva(totals, documento),
        iva=totals.amount("IVA"),
        impuestos=tuple(_impuesto(each, documento, lines) for each in totals.children("ImptoReten")),
        iva_no_retenido=totals.amount("IVANoRet"),
        garantia=totals.amount("GrntDep"),
        no_facturable=totals.amount("MontoNF"),
        total=total,
        exento_en_pesos=pesos.amount("MntExeOtrMnda") if pesos else exento,
        total_en_pesos=pesos.amount("MntTotOtrMnda") if pesos else total,
    )


def _tasa_iva(totals: Node, documento: Documento) -> Decimal | None:
    """A boleta's totals name no rate."""
    if documento.es_boleta:
        return TASA_IVA if totals.text("IVA") else None
    return totals.decimal("TasaIVA") if totals.text("MntNeto") else None


def _monto(line: Node) -> Monto:
    descuento, monto = line.amount("DescuentoMonto"), line.value("MontoItem", to_decimal)
    recargo = line.amount("RecargoMonto")
    return Monto(monto + descuento - recargo, descuento, recargo, monto)


def _ajustes(documento: Documento, lines: Iterable[Monto]) -> tuple[Decimal, ...]:
    bases = subtotals(documento, lines)
    return tuple(adjustment(each, bases[each.sobre], documento.moneda) for each in documento.ajustes)


def _impuesto(node: Node, documento: Documento, lines: Iterable[Monto]) -> ImpuestoAplicado:
    codigo = node.value("TipoImp", str)
    known = IMPUESTOS.get(codigo)
    return ImpuestoAplicado(
        codigo=codigo,
        tasa=node.amount("TasaImp"),
        base=by_tax(documento, lines).get(codigo, CERO),
        monto=node.value("MontoImp", to_decimal),
        retencion=known.retencion if known else False,
    )
