"""Figures and dates as they are written in Chile."""

from datetime import date
from decimal import Decimal

from timbre.dte.document import PESOS, Moneda

_MONTHS = (
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()  # noqa: SIM905
)
_CHILEAN = str.maketrans(",.", ".,")


def amount(value: Decimal, moneda: Moneda = PESOS) -> str:
    """``1234567`` as ``1.234.567``, in another currency with its decimals: ``1.234,50``."""
    return f"{value:,.{moneda.decimales}f}".translate(_CHILEAN)


def money(value: Decimal, moneda: Moneda = PESOS) -> str:
    """An amount with its sign: ``$ 1.234``, ``-$ 1.234``; in another currency the figure alone."""
    figure = amount(abs(value), moneda)
    return ("-" if value < 0 else "") + (figure if moneda.decimales else f"$ {figure}")


def number(value: Decimal) -> str:
    """``1234.50`` as ``1.234,5``: every decimal that counts and no other."""
    whole, point, decimals = f"{value:,f}".partition(".")
    decimals = decimals.rstrip("0") if point else ""
    return whole.replace(",", ".") + (f",{decimals}" if decimals else "")


def long_date(day: date) -> str:
    """``14 de marzo de 2026``."""
    return f"{day.day} de {_MONTHS[day.month - 1]} de {day.year}"


def short_date(day: date | None) -> str:
    """``14-03-2026``, empty for no day."""
    return f"{day:%d-%m-%Y}" if day else ""


def moment(text: str) -> str:
    """``2026-03-14T21:30:00`` as ``14-03-2026 21:30``; what is no such text stays as it is."""
    day, _, hour = text.partition("T")
    parts = day.split("-")
    return f"{'-'.join(reversed(parts))} {hour[:5]}".rstrip() if len(parts) == 3 else text
