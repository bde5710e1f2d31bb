"""Totals of a document (OF-DTE, section on Totales; sii-protocols 1.6).

Whole pesos, or the currency of an export with its two decimals. Every product is rounded once, half away
from zero, at the step the SII rounds it: the line, its discount, each global adjustment, then IVA and taxes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from timbre.dte.codes import TipoDte
from timbre.dte.document import PESOS, Ajuste, Base, Detalle, Documento, Moneda
from timbre.dte.taxes import IMPUESTOS, rate_of, withholds_iva

TASA_IVA = Decimal(19)
CERO = Decimal(0)
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
"""Wide enough for a 12.6 price by a 12.6 quantity: nothing is rounded before round_half_up does."""
_UNIT = Decimal(1)
_UNITS = {decimales: _UNIT.scaleb(-decimales) for decimales in (0, 2)}
_BASES = {None: Base.AFECTO, 1: Base.EXENTO, 2: Base.NO_FACTURABLE, 6: Base.NO_FACTURABLE}
"""IndExe of a line as the subtotal it is part of: 3 has its own, 4 and 5 count nowhere."""
_NOTHING = dict.fromkeys(Base, CERO)
_GARANTIA = 3
_NO_RETENIDO = frozenset({TipoDte.FACTURA_COMPRA, TipoDte.NOTA_DEBITO, TipoDte.NOTA_CREDITO})
"""Types that have IVANoRet (table of obligatoriness): a purchase invoice and the notes on one."""


@dataclass(frozen=True, slots=True)
class Monto:
    """What one line is worth: ``monto`` is ``bruto`` (quantity by price) less discount plus surcharge."""

    bruto: Decimal
    descuento: Decimal
    recargo: Decimal
    monto: Decimal


@dataclass(frozen=True, slots=True)
class ImpuestoAplicado:
    """An additional tax or withholding of the whole document (ImptoReten). ``tasa`` is percent."""

    codigo: str
    tasa: Decimal
    base: Decimal
    monto: Decimal
    retencion: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Totales:
    """Amounts in the document's currency. ``tasa_iva`` is percent, None for a document that carries no IVA.

    ``ajustes`` are the amounts of the global adjustments in their order, negative only where their base is.
    """

    lineas: tuple[Monto, ...]
    ajustes: tuple[Decimal, ...] = ()
    neto: Decimal = CERO
    exento: Decimal = CERO
    tasa_iva: Decimal | None = None
    iva: Decimal = CERO
    impuestos: tuple[ImpuestoAplicado, ...] = ()
    iva_no_retenido: Decimal = CERO
    garantia: Decimal = CERO
    """GrntDep: what containers to be returned were charged (IndExe 3)."""
    no_facturable: Decimal = CERO
    """MontoNF, signed; no part of the total."""
    total: Decimal
    exento_en_pesos: Decimal = CERO
    total_en_pesos: Decimal
    """The same as ``total`` but for an export: its total at the document's ``cambio``."""


def round_half_up(amount: Decimal, decimals: int = 0) -> Decimal:
    """Half away from zero: the SII rejects a peso of difference (never banker's rounding)."""
    return amount.quantize(_UNITS[decimals], context=_EXACT)


def to_pesos(amount: Decimal) -> Decimal:
    """Whole pesos, half away from zero."""
    return round_half_up(amount)


def line_amount(detalle: Detalle, moneda: Moneda = PESOS) -> Monto:
    """MontoItem: the rounded product, less a discount and plus a surcharge rounded on that product."""
    cantidad = _UNIT if detalle.cantidad is None else detalle.cantidad
    bruto = round_half_up(_EXACT.multiply(cantidad, detalle.precio or CERO), moneda.decimales)
    if not (detalle.descuento_monto or detalle.descuento_pct or detalle.recargo_monto or detalle.recargo_pct):
        return Monto(bruto, CERO, CERO, bruto)
    descuento = detalle.descuento_monto or percent_of(bruto, detalle.descuento_pct, moneda)
    recargo = detalle.recargo_monto or percent_of(bruto, detalle.recargo_pct, moneda)
    return Monto(bruto, descuento, recargo, bruto - descuento + recargo)


def percent_of(amount: Decimal, percent: Decimal, moneda: Moneda = PESOS) -> Decimal:
    """A percentage of an amount, rounded."""
    if not percent:
        return CERO
    return round_half_up(_EXACT.multiply(amount, percent).scaleb(-2, _EXACT), moneda.decimales)


def compute_totals(documento: Documento) -> Totales:
    """The totals of a document of any type, whatever the caller's decimal context.

    Of nonsense (a negative amount, a tax nobody knows) the rules tell, not this.
    """
    with localcontext(_EXACT):
        moneda = documento.moneda
        lineas = tuple([line_amount(detalle, moneda) for detalle in documento.detalles])
        subtotal = subtotals(documento, lineas)
        ajustes = tuple([adjustment(each, subtotal[each.sobre], moneda) for each in documento.ajustes])
        for each, monto in zip(documento.ajustes, ajustes, strict=True):
            subtotal[each.sobre] += monto if each.recargo else -monto
        compute = _export if documento.es_exportacion else _domestic
        return compute(documento, lineas, ajustes, subtotal)


def subtotals(documento: Documento, lineas: Iterable[Monto]) -> dict[Base, Decimal]:
    """What the lines of each kind add up to before global adjustments. IndExe 3, 4 and 5 are in none."""
    found = _NOTHING.copy()
    for detalle, monto in zip(documento.detalles, lineas, strict=True):
        exencion = documento.exencion_de(detalle)
        if exencion in _BASES:
            found[_BASES[exencion]] += -monto.monto if exencion == 6 else monto.monto
    return found


def adjustment(ajuste: Ajuste, base: Decimal, moneda: Moneda = PESOS) -> Decimal:
    """The amount of a global adjustment over what its lines add up to."""
    if ajuste.pct is not None:
        return percent_of(base, ajuste.pct, moneda)
    return round_half_up(ajuste.monto or CERO, moneda.decimales)


def _domestic(
    documento: Documento,
    lineas: tuple[Monto, ...],
    ajustes: tuple[Decimal, ...],
    subtotal: dict[Base, Decimal],
) -> Totales:
    neto, iva = _neto_and_iva(subtotal[Base.AFECTO], gross=documento.brutos)
    exento, impuestos = subtotal[Base.EXENTO], _taxes(documento, lineas)
    garantia = _guarantee(documento, lineas)
    cobrado = sum([-each.monto if each.retencion else each.monto for each in impuestos], CERO)
    total = neto + exento + iva + cobrado + garantia
    return Totales(
        lineas=lineas,
        ajustes=ajustes,
        neto=neto,
        exento=exento,
        tasa_iva=TASA_IVA if neto else None,
        iva=iva,
        impuestos=impuestos,
        iva_no_retenido=_not_withheld(documento, iva, impuestos),
        garantia=garantia,
        no_facturable=subtotal[Base.NO_FACTURABLE],
        total=total,
        exento_en_pesos=exento,
        total_en_pesos=total,
    )


def _neto_and_iva(affected: Decimal, *, gross: bool) -> tuple[Decimal, Decimal]:
    """Of gross prices the net is worked out, and the IVA is what is left of them."""
    if not gross:
        return affected, percent_of(affected, TASA_IVA)
    neto = round_half_up(affected * 100 / (100 + TASA_IVA))
    return neto, affected - neto


def _taxes(documento: Documento, lineas: Iterable[Monto]) -> tuple[ImpuestoAplicado, ...]:
    """Each known code once and in order; one that comes to no peso is left out, the XSD wants more than 0."""
    bases = by_tax(documento, lineas)
    if not bases:
        return ()
    alone = len({d.impuesto for d in documento.detalles if d.exencion is None}) == 1
    found = [
        _tax(codigo, tasa, _adjusted(documento, bases[codigo], alone=alone))
        for codigo in sorted(bases, key=int)
        if (tasa := rate_of(codigo, documento.fecha_emision)) is not None
    ]
    return tuple([each for each in found if each.monto])


def by_tax(documento: Documento, lineas: Iterable[Monto]) -> dict[str, Decimal]:
    """What the affected lines of each known code add up to before global adjustments."""
    found: dict[str, Decimal] = {}
    for detalle, monto in zip(documento.detalles, lineas, strict=True):
        if detalle.impuesto in IMPUESTOS and detalle.exencion is None:
            found[detalle.impuesto] = found.get(detalle.impuesto, CERO) + monto.monto
    return found


def _tax(codigo: str, tasa: Decimal, base: Decimal) -> ImpuestoAplicado:
    return ImpuestoAplicado(codigo, tasa, base, percent_of(base, tasa), IMPUESTOS[codigo].retencion)


def _adjusted(documento: Documento, base: Decimal, *, alone: bool) -> Decimal:
    """A code's lines less (plus) their share of the global adjustments on the affected lines.

    A percentage falls on each code alike; an amount only when all affected lines are of this code.
    """
    adjusted = base
    for each in documento.ajustes:
        if each.sobre is Base.AFECTO and (alone or each.pct is not None):
            monto = adjustment(each, base)
            adjusted += monto if each.recargo else -monto
    return adjusted


def _not_withheld(documento: Documento, iva: Decimal, impuestos: tuple[ImpuestoAplicado, ...]) -> Decimal:
    """IVANoRet: what a partial withholding leaves of the IVA; none without one, or when all is withheld."""
    if documento.tipo not in _NO_RETENIDO:
        return CERO
    retenido = sum([each.monto for each in impuestos if withholds_iva(each.codigo)], CERO)
    return iva - retenido if CERO < retenido < iva else CERO


def _guarantee(documento: Documento, lineas: Iterable[Monto]) -> Decimal:
    pairs = zip(documento.detalles, lineas, strict=True)
    return sum([monto.monto for detalle, monto in pairs if detalle.exencion == _GARANTIA], CERO)


def _export(
    documento: Documento,
    lineas: tuple[Monto, ...],
    ajustes: tuple[Decimal, ...],
    subtotal: dict[Base, Decimal],
) -> Totales:
    exento = subtotal[Base.EXENTO]
    en_pesos = round_half_up(exento * documento.cambio)
    return Totales(
        lineas=lineas,
        ajustes=ajustes,
        exento=exento,
        no_facturable=subtotal[Base.NO_FACTURABLE],
        total=exento,
        exento_en_pesos=en_pesos,
        total_en_pesos=en_pesos,
    )
