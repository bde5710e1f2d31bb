"""Totals of a document in whole pesos (OF-DTE, section on Totales).

Every product is rounded once, half away from zero, at the step the SII rounds it: each line, then the IVA.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from timbre.dte.codes import TipoDte
from timbre.dte.document import Detalle, Documento

TASA_IVA = Decimal(19)
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
"""Wide enough for a 12.6 price by a 12.6 quantity: nothing is rounded before to_pesos does."""


@dataclass(frozen=True, slots=True)
class Monto:
    """What one line is worth, in pesos: ``descuento`` is already taken off ``monto``."""

    descuento: int
    monto: int


@dataclass(frozen=True, slots=True)
class Totales:
    """Whole pesos. ``tasa_iva`` is percent, None for a document that carries no IVA."""

    lineas: tuple[Monto, ...]
    neto: int
    exento: int
    tasa_iva: Decimal | None
    iva: int
    total: int


def to_pesos(amount: Decimal) -> int:
    """Whole pesos, half away from zero: the SII rejects a peso of difference (never banker's rounding)."""
    return int(amount.quantize(Decimal(1), context=_EXACT))


def line_amount(detalle: Detalle) -> Monto:
    """MontoItem: the rounded product less the discount, itself rounded on the rounded product."""
    cantidad = Decimal(1) if detalle.cantidad is None else detalle.cantidad
    gross = to_pesos(_EXACT.multiply(cantidad, detalle.precio or Decimal(0)))
    discount = _percent(gross, detalle.descuento_pct)
    return Monto(descuento=discount, monto=gross - discount)


def compute_totals(documento: Documento) -> Totales:
    """The totals of an invoice with net prices: 33 (affected and exempt lines) or 34 (all exempt)."""
    lineas = tuple(line_amount(detalle) for detalle in documento.detalles)
    exempt_type = documento.tipo is TipoDte.FACTURA_EXENTA
    pairs = list(zip(documento.detalles, lineas, strict=True))
    exento = sum(m.monto for d, m in pairs if exempt_type or d.exento)
    neto = sum(m.monto for _, m in pairs) - exento
    iva = _percent(neto, TASA_IVA)
    tasa = None if exempt_type else TASA_IVA
    return Totales(lineas, neto, exento, tasa, iva, neto + exento + iva)


def _percent(pesos: int, percent: Decimal) -> int:
    return to_pesos(_EXACT.multiply(Decimal(pesos), percent).scaleb(-2, _EXACT))
