"""The simulated tax office's own sums: whole pesos, rounded half away from zero at every step it names.

Written apart from the tax core on purpose: what judges a document must not share its mistakes.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

TASA_IVA = 19
FACTURA, FACTURA_EXENTA = 33, 34

_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class Totals:
    """Whole pesos; ``iva`` is 0 where the type carries none."""

    neto: int
    exento: int
    iva: int
    total: int


def parse_number(text: str) -> Decimal | None:
    """A quantity, price or percentage as the form writes it (point, at most six decimals), else None."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def pesos(amount: Decimal) -> int:
    """Whole pesos, halves up. Every amount here is positive, so up is away from zero."""
    return int((amount + Decimal("0.5")).to_integral_value(rounding=ROUND_FLOOR))


def line_value(quantity: Decimal | None, price: Decimal | None, discount_pct: Decimal) -> tuple[int, int]:
    """(discount, amount) of a line: the product is rounded, the discount taken from it is rounded too."""
    one = Decimal(1)
    gross = pesos((one if quantity is None else quantity) * (price or 0))
    discount = pesos(gross * discount_pct / 100)
    return discount, gross - discount


def sum_up(tipo: int, amounts: list[int]) -> Totals:
    """The totals of a 33 (all lines affected) or a 34 (all lines exempt)."""
    subtotal = sum(amounts)
    if tipo == FACTURA_EXENTA:
        return Totals(0, subtotal, 0, subtotal)
    iva = pesos(Decimal(subtotal * TASA_IVA) / 100)
    return Totals(subtotal, 0, iva, subtotal + iva)
