"""The simulated tax office's own sums, rounded half away from zero at every step it names.

Written apart from the tax core on purpose: what judges a document must not share its mistakes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Context, Decimal

TASA_IVA = 19
FACTURA, FACTURA_EXENTA, FACTURA_COMPRA, GUIA = 33, 34, 46, 52
NOTA_DEBITO, NOTA_CREDITO, EXPORTACION = 56, 61, 110
NOTAS = frozenset({NOTA_DEBITO, NOTA_CREDITO})
SIN_IVA = frozenset({FACTURA_EXENTA, EXPORTACION})
"""Types whose lines are all exempt."""
ANNULLABLE = frozenset({FACTURA, FACTURA_EXENTA, FACTURA_COMPRA})
"""Types of which the portal itself makes the note that annuls."""
ADDITIONAL = {
    "18": Decimal(5),
    "23": Decimal(15),
    "24": Decimal("31.5"),
    "25": Decimal("20.5"),
    "26": Decimal("20.5"),
    "27": Decimal(10),
    "271": Decimal(18),
    "44": Decimal(15),
}
"""The additional taxes the form offers for a line: code and rate in percent."""
IVA_RETENIDO = "15"
CERO = Decimal(0)

_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
_WIDE = Context(prec=60)
"""No product of two numbers of the form is cut before it is rounded here."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a line is worth, and the code of its additional tax, if any."""

    amount: Decimal
    tax: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Whole pesos, or an export's currency with two decimals. What a type does not carry is 0."""

    subtotal: Decimal
    descuento: Decimal
    neto: Decimal
    """Affected or exempt, as the type is: after the discount, with an export's freight and insurance."""
    iva: Decimal = CERO
    impuestos: dict[str, Decimal] = field(default_factory=dict)
    """Amount by code of additional tax; those that come to nothing are left out."""
    retenido: Decimal = CERO
    total: Decimal

    @property
    def adicional(self) -> Decimal:
        return sum(self.impuestos.values(), CERO)


def parse_number(text: str) -> Decimal | None:
    """A quantity, price or percentage as the form writes it (point, at most six decimals), else None."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def rounded(amount: Decimal, decimals: int = 0) -> Decimal:
    """Halves up. Every amount here is positive, so up is away from zero."""
    shifted = _WIDE.scaleb(amount, Decimal(decimals))
    whole = _WIDE.add(shifted, Decimal("0.5")).to_integral_value(rounding=ROUND_FLOOR)
    return _WIDE.scaleb(whole, Decimal(-decimals))


def percent(amount: Decimal, pct: Decimal, decimals: int = 0) -> Decimal:
    return rounded(_WIDE.divide(_WIDE.multiply(amount, pct), Decimal(100)), decimals)


def line_value(
    quantity: Decimal | None, price: Decimal | None, discount_pct: Decimal, decimals: int = 0
) -> tuple[Decimal, Decimal]:
    """(discount, amount) of a line: the product is rounded, the discount taken from it is rounded too."""
    product = _WIDE.multiply(Decimal(1) if quantity is None else quantity, price or CERO)
    gross = rounded(product, decimals)
    discount = percent(gross, discount_pct, decimals)
    return discount, gross - discount


def sum_up(
    tipo: int,
    lines: Sequence[Line],
    discount_pct: Decimal = CERO,
    surcharges: Sequence[Decimal] = (),
    decimals: int = 0,
) -> Sums:
    """The totals of a document. ``surcharges`` are an export's freight and insurance."""
    subtotal = sum((line.amount for line in lines), CERO)
    discount = percent(subtotal, discount_pct, decimals)
    neto = subtotal - discount + sum(surcharges, CERO)
    if tipo in SIN_IVA:
        return Sums(subtotal=subtotal, descuento=discount, neto=neto, total=neto)
    iva = percent(neto, Decimal(TASA_IVA))
    impuestos = _additional(lines, discount_pct)
    retenido = iva if tipo == FACTURA_COMPRA else CERO
    return Sums(
        subtotal=subtotal,
        descuento=discount,
        neto=neto,
        iva=iva,
        impuestos=impuestos,
        retenido=retenido,
        total=neto + iva + sum(impuestos.values(), CERO) - retenido,
    )


def _additional(lines: Sequence[Line], discount_pct: Decimal) -> dict[str, Decimal]:
    """By code, over its own lines less their share of the discount on the whole."""
    amounts = {}
    for code in sorted({line.tax for line in lines if line.tax}, key=int):
        base = sum((line.amount for line in lines if line.tax == code), CERO)
        amount = percent(base - percent(base, discount_pct), ADDITIONAL[code])
        if amount:
            amounts[code] = amount
    return amounts
