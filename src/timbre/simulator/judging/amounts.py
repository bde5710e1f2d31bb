"""Every amount of a signed document again, from the quantities, prices and percentages in its XML alone."""

from collections.abc import Iterator
from decimal import Decimal

from lxml import etree

from timbre.simulator import alerts
from timbre.simulator.alerts import Refusal
from timbre.simulator.arithmetic import (
    ADDITIONAL,
    CERO,
    EXPORTACION,
    FACTURA_COMPRA,
    FACTURA_EXENTA,
    IVA_RETENIDO,
    NOTA_CREDITO,
    SIN_IVA,
    TASA_IVA,
    Line,
    Sums,
    line_value,
    sum_up,
)
from timbre.simulator.building.amounts import CHARGES
from timbre.simulator.building.export import pesos_of
from timbre.simulator.form.export import PESO_CL, decimals_of
from timbre.simulator.form.lines import ANNULS
from timbre.simulator.judging.notes import read_references
from timbre.simulator.reading import children, find_all, read_decimal, read_text

Stated = list[tuple[str, Decimal]]


def judge_arithmetic(dte: etree._Element) -> None:
    """Raises Refusal when a line, a discount, a tax or a total is not what the others make it."""
    tipo = int(read_text(dte, "//s:IdDoc/s:TipoDTE"))
    decimals = decimals_of(read_text(dte, "//s:Totales/s:TpoMoneda")) if tipo == EXPORTACION else 0
    kind = _kind(dte, tipo)
    exempt = "1" if tipo == EXPORTACION or (kind != tipo and kind in SIN_IVA) else ""
    lines = [_judge_line(line, kind, exempt, decimals) for line in find_all(dte, "//s:Detalle")]
    pct, charges = _adjustments(dte, kind)
    sums = sum_up(kind, lines, pct, charges, decimals)
    stated = list(_stated(find_all(dte, "//s:Totales")[0]))
    if stated != list(_expected(kind, sums)):
        raise Refusal(alerts.MONTOS)
    if tipo == EXPORTACION:
        _judge_pesos(dte, sums.total)


def _kind(dte: etree._Element, tipo: int) -> int:
    """The type by whose sums it goes: a credit note that annuls a 34 or a 46 may repeat it as it was."""
    annulled = {each.tipo for each in read_references(dte) if each.code == ANNULS}
    if tipo == NOTA_CREDITO and annulled == {str(FACTURA_EXENTA)} and find_all(dte, "//s:IndExe"):
        return FACTURA_EXENTA
    if tipo == NOTA_CREDITO and annulled == {str(FACTURA_COMPRA)} and find_all(dte, "//s:Retenedor"):
        return FACTURA_COMPRA
    return tipo


def _judge_line(line: etree._Element, tipo: int, exempt: str, decimals: int) -> Line:
    quantity, price = read_decimal(line, "s:QtyItem"), read_decimal(line, "s:PrcItem")
    pct = read_decimal(line, "s:DescuentoPct") or CERO
    discount, amount = line_value(quantity, price, pct, decimals)
    stated = (read_decimal(line, "s:DescuentoMonto") or CERO, read_decimal(line, "s:MontoItem"))
    codes = [code.text or "" for code in find_all(line, "s:CodImpAdic")]
    withheld = tipo == FACTURA_COMPRA
    marks = (read_text(line, "s:Retenedor/s:IndAgente"), read_text(line, "s:IndExe"))
    right = (
        stated == (discount, amount)
        and marks == ("R" if withheld else "", exempt)
        and (codes == [IVA_RETENIDO] if withheld else len(codes) <= 1 and set(codes) <= ADDITIONAL.keys())
        and not find_all(line, "s:RecargoMonto")
        and not (tipo in SIN_IVA and codes)
    )
    if not right:
        raise Refusal(alerts.MONTOS)
    return Line(amount, "" if withheld or not codes else codes[0])


def _adjustments(dte: etree._Element, tipo: int) -> tuple[Decimal, list[Decimal]]:
    """The one percentage off the whole, and an export's charges: those customs is told of, and no others."""
    base = "1" if tipo in SIN_IVA else ""
    discounts, charges = [], []
    for row in find_all(dte, "//s:DscRcgGlobal"):
        kind = (read_text(row, "s:TpoMov"), read_text(row, "s:TpoValor"), read_text(row, "s:IndExeDR"))
        value = read_decimal(row, "s:ValorDR") or CERO
        if kind == ("D", "%", base):
            discounts.append(value)
        elif kind == ("R", "$", base) and tipo == EXPORTACION:
            charges.append((read_text(row, "s:GlosaDR"), value))
        else:
            raise Refusal(alerts.MONTOS)
    told = [(glosa, read_decimal(dte, f"//s:Aduana/s:{_CUSTOMS[glosa]}")) for glosa in CHARGES.values()]
    if len(discounts) > 1 or charges != [(glosa, value) for glosa, value in told if value]:
        raise Refusal(alerts.MONTOS)
    return sum(discounts, CERO), [value for _, value in charges]


_CUSTOMS = {"FLETE": "MntFlete", "SEGURO": "MntSeguro"}


def _stated(totals: etree._Element) -> Iterator[tuple[str, Decimal]]:
    """The totals as the document lists them, taxes by code."""
    for name, child in children(totals):
        if name == "ImptoReten":
            code = read_text(child, "s:TipoImp")
            yield f"rate {code}", read_decimal(child, "s:TasaImp") or CERO
            yield f"tax {code}", read_decimal(child, "s:MontoImp") or CERO
        elif name != "TpoMoneda":
            yield name, Decimal(child.text or "")


def _expected(tipo: int, sums: Sums) -> Iterator[tuple[str, Decimal]]:
    if tipo in SIN_IVA:
        yield "MntExe", sums.neto
    elif sums.neto:
        yield "MntNeto", sums.neto
        yield "TasaIVA", Decimal(TASA_IVA)
        yield "IVA", sums.iva
        if sums.retenido:
            yield f"rate {IVA_RETENIDO}", Decimal(TASA_IVA)
            yield f"tax {IVA_RETENIDO}", sums.retenido
        for code, worth in sums.impuestos.items():
            yield f"rate {code}", ADDITIONAL[code]
            yield f"tax {code}", worth
    yield "MntTotal", sums.total


def _judge_pesos(dte: etree._Element, total: Decimal) -> None:
    other = "//s:OtraMoneda/s:"
    rate = read_decimal(dte, f"{other}TpoCambio") or CERO
    worth = pesos_of(total, rate, read_text(dte, "//s:IdDoc/s:FmaPagExp"))
    stated = [read_decimal(dte, f"{other}{name}") for name in ("MntExeOtrMnda", "MntTotOtrMnda")]
    own = read_text(dte, "//s:Totales/s:TpoMoneda") == PESO_CL
    if read_text(dte, f"{other}TpoMoneda") != PESO_CL or stated != [worth, worth] or (own and rate != 1):
        raise Refusal(alerts.MONTOS)
