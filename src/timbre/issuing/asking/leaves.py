"""The leaves of a request whose shapes the API has checked, as the tax core's values."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

Request = Mapping[str, Any]


def text(source: Request, field: str) -> str:
    """Empty for what is not said."""
    value = source.get(field)
    return "" if value is None else str(value)


def decimal(source: Request, field: str) -> Decimal | None:
    """A number of whichever precision it was written with."""
    value = source.get(field)
    return None if value is None else Decimal(str(value))


def number(source: Request, field: str) -> int | None:
    """A code or a count."""
    value = source.get(field)
    return None if value in (None, "") else int(value)


def day(source: Request, field: str) -> date | None:
    """A day written ``YYYY-MM-DD``."""
    value = source.get(field)
    return date.fromisoformat(value) if value else None
