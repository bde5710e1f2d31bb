"""The lines of a document as its PDF prints them, and how its totals come about."""

from dataclasses import dataclass
from decimal import Decimal

from timbre.dte.document import Detalle
from timbre.dte.totals import Monto, compute_totals
from timbre.issuing.asking import to_documento
from timbre.issuing.models import Document
from timbre.issuing.previewing import steps_of
from timbre.platform.documents.words import quantity

_SHOWN = 6
"""Decimals of what is not rounded yet."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line; ``amount`` in pesos, its discount taken off, the rest as people write it."""

    name: str
    description: str
    quantity: str
    unit: str
    price: str
    discount: str
    exempt: bool
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Sum:
    """One step to the totals: what was worked out and what the document carries, as people write it."""

    concept: str
    formula: str
    exact: str
    amount: str


def sums(document: Document) -> list[Sum]:
    """Every step, rounding by rounding."""
    return [
        Sum(paso.concepto, paso.formula_bound, quantity(round(paso.exacto, _SHOWN)), quantity(paso.monto))
        for paso in steps_of(document)
    ]


def lines(document: Document) -> list[Line]:
    """What was asked, line by line, with the amounts the SII computes."""
    documento = to_documento(document.request)
    amounts = compute_totals(documento).lineas
    return [_line(detalle, monto) for detalle, monto in zip(documento.detalles, amounts, strict=True)]


def _line(detalle: Detalle, monto: Monto) -> Line:
    discount = detalle.descuento_pct
    return Line(
        name=detalle.nombre,
        description=detalle.descripcion,
        quantity=quantity(detalle.cantidad),
        unit=detalle.unidad,
        price=quantity(detalle.precio),
        discount=quantity(discount) if discount else "",
        exempt=detalle.exencion == 1,
        amount=monto.monto,
    )
