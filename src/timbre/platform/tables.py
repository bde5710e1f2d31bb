"""A table that people take with them: CSV for any number of rows, XLSX for Excel."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import Generic, TypeVar

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

T = TypeVar("T")
Cell = str | int | date | datetime | None
PIECE = 200
"""Rows of a CSV that are sent together."""
_NO_CHARACTERS = "\ufffe\uffff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """A heading, how its cell is read from a row, and how wide Excel shows it, in characters."""

    heading: str
    read: Callable[[T], Cell]
    width: int = 14


def as_csv(name: str, columns: Sequence[Column[T]], rows: Iterable[T]) -> HttpResponseBase:
    """``name.csv``, UTF-8 with a mark and semicolons, as Excel in Chile expects; any number of rows."""
    response = StreamingHttpResponse(_lines(columns, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def as_xlsx(name: str, columns: Sequence[Column[T]], rows: Iterable[T]) -> HttpResponseBase:
    """``name.xlsx``: numbers are numbers, and dates are dates that Excel has room to show."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Timbre")
    sheet.freeze_panes = "A2"
    for place, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    sheet.append([column.heading for column in columns])
    for row in rows:
        sheet.append([_for_excel(column.read(row)) for column in columns])
    file = SpooledTemporaryFile(max_size=2_000_000)  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=kind)


class _Echo:
    def write(self, line: str) -> str:
        return line


def _lines(columns: Sequence[Column[T]], rows: Iterable[T]) -> Iterator[str]:
    """A heading, then some rows at a time: each piece is compressed and sent for itself."""
    writer = csv.writer(_Echo(), delimiter=";")
    yield "\ufeff" + writer.writerow([column.heading for column in columns])
    left = iter(rows)
    while some := list(islice(left, PIECE)):
        yield "".join(writer.writerow([_for_csv(column.read(row)) for column in columns]) for row in some)


def _for_csv(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return f"{timezone.localtime(cell):%Y-%m-%d %H:%M:%S}"
    return _harmless(cell) if isinstance(cell, str) else str("" if cell is None else cell)


def _for_excel(cell: Cell) -> Cell:
    """Excel knows no time zones: the instant as a clock in Chile shows it."""
    if isinstance(cell, datetime):
        return timezone.localtime(cell).replace(tzinfo=None, microsecond=0)
    return _harmless(cell) if isinstance(cell, str) else cell


def _harmless(text: str) -> str:
    """A name like ``=HYPERLINK(…)`` must stay a name; and no character that no cell can hold."""
    plain = "".join(c for c in text if (c >= " " and c not in _NO_CHARACTERS) or c in "\t\n")
    return f"'{plain}" if plain.startswith(_FORMULA) else plain
