"""One page of a long list. Only as many rows are read as are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

T = TypeVar("T")
S = TypeVar("S")
SIZE = 50
"""Rows of a page."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows, where they stand, and the queries (``?…``) that lead to the neighbours; empty at an end."""

    rows: Sequence[T]
    number: int
    total: int
    before: str
    after: str

    @property
    def first(self) -> int:
        """The place of the first row, from 1; 0 when there is none."""
        return (self.number - 1) * SIZE + 1 if self.rows else 0

    def holding(self, rows: Sequence[S]) -> "Page[S]":
        """The same page with what its rows stand for."""
        return Page(rows, self.number, self.total, self.before, self.after)

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1 if self.rows else 0


def page_of(request: HttpRequest, rows: QuerySet[Any, T], *, total: int) -> Page[T]:
    """The page that ``?pagina=`` asks for, of ``total`` rows in their order; the nearest there is."""
    number = min(_asked(request), max(1, -(-total // SIZE)))
    start = (number - 1) * SIZE
    return Page(
        list(rows[start : start + SIZE]),
        number,
        total,
        before=_query(request, number - 1) if number > 1 else "",
        after=_query(request, number + 1) if start + SIZE < total else "",
    )


def _asked(request: HttpRequest) -> int:
    text = request.GET.get("pagina", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def _query(request: HttpRequest, number: int) -> str:
    query: QueryDict = request.GET.copy()
    query["pagina"] = str(number)
    return f"?{query.urlencode()}"
