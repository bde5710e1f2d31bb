"""One stretch of a log that only grows: from a row on into the past, without counting what there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest

from timbre.platform.pages import SIZE

T = TypeVar("T")
_MAX_CURSOR = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Stretch(Generic[T]):
    """Rows, newest first, and the queries (``?…``) that lead back to the newest and on; empty at an end."""

    rows: Sequence[T]
    newest: str
    older: str


def stretch_of(request: HttpRequest, rows: QuerySet[Any, T], *, by_time: bool = False) -> Stretch[T]:
    """The rows older than the one that ``?antes=`` names, in ``rows``' own order, newest first.

    That order is the primary key's, or with ``by_time`` that of ``at`` and then the primary key.
    """
    before = cursor_of(request.GET.get("antes", ""))
    found = list((_older(rows, before, by_time=by_time) if before else rows)[: SIZE + 1])
    last = found[SIZE - 1].pk if len(found) > SIZE else 0  # type: ignore[attr-defined]
    return Stretch(found[:SIZE], _query(request, 0) if before else "", _query(request, last) if last else "")


def _older(rows: QuerySet[Any, T], before: int, *, by_time: bool) -> QuerySet[Any, T]:
    if not by_time:
        return rows.filter(pk__lt=before)
    at = rows.filter(pk=before).values_list("at", flat=True).first()
    return rows.filter(at__lte=at).exclude(at=at, pk__gte=before) if at else rows.none()


def cursor_of(text: str) -> int:
    """A number that a primary key can be; 0 when it is none."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    return number if number <= _MAX_CURSOR else 0


def _query(request: HttpRequest, before: int) -> str:
    query = request.GET.copy()
    query.pop("antes", None)
    if before:
        query["antes"] = str(before)
    return f"?{query.urlencode()}"
