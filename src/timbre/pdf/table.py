"""The detail lines as rows of a table, and on which page each row goes."""

from dataclasses import dataclass
from decimal import Decimal

from timbre.dte.document import Detalle
from timbre.dte.totals import Monto
from timbre.pdf.ink import BOLD, GREY, PALE, WIDTH, Ink, wrap
from timbre.pdf.reading import Emitido
from timbre.pdf.words import number, pesos

LEFT, RIGHT = 36.0, WIDTH - 36.0
HEAD = 16.0
_NAME_X, _NAME_WIDTH = 104.0, 214.0
_QUANTITY, _UNIT, _PRICE, _DISCOUNT = 368.0, 374.0, 462.0, 502.0
_PADDING = 5.0


@dataclass(frozen=True, slots=True)
class Row:
    """A line of detail, wrapped; ``height`` in points."""

    detalle: Detalle
    monto: Monto
    code: list[str]
    name: list[str]
    description: list[str]
    height: float


def make_rows(emitido: Emitido) -> list[Row]:
    """The document's lines, each as high as its longest text."""
    pairs = zip(emitido.documento.detalles, emitido.totales.lineas, strict=True)
    return [_row(detalle, monto) for detalle, monto in pairs]


def _row(detalle: Detalle, monto: Monto) -> Row:
    code = wrap(detalle.codigo, _NAME_X - LEFT - 10, 7)
    name = wrap(detalle.nombre, _NAME_WIDTH, 8)
    description = wrap(detalle.descripcion, _NAME_WIDTH, 7)
    height = max(10.0 * len(name) + 8.5 * len(description), 8.5 * len(code), 10.0) + _PADDING
    return Row(detalle, monto, code, name, description, height)


def paginate(rows: list[Row], first: float, middle: float, last: float) -> list[list[Row]]:
    """The rows of each page. ``first`` and ``middle`` are the heights of a page that another follows.

    The last page keeps ``last`` points of its height for totals and stamp, and may hold no rows at all.
    """
    pages: list[list[Row]] = [[]]
    room = first
    for row in rows:
        if row.height > room:
            pages.append([])
            room = middle
        pages[-1].append(row)
        room -= row.height
    return pages if room >= last else [*pages, []]


def draw_head(ink: Ink, y: float) -> None:
    """The table's head, its upper edge at ``y``."""
    ink.band(LEFT, y - HEAD, RIGHT - LEFT, HEAD, PALE)
    base = y - 11
    ink.text(LEFT + 4, base, "Código", 7.5, BOLD)
    ink.text(_NAME_X, base, "Descripción", 7.5, BOLD)
    ink.right(_QUANTITY, base, "Cantidad", 7.5, BOLD)
    ink.text(_UNIT, base, "Un.", 7.5, BOLD)
    ink.right(_PRICE, base, "Precio", 7.5, BOLD)
    ink.right(_DISCOUNT, base, "% Desc.", 7.5, BOLD)
    ink.right(RIGHT - 4, base, "Valor", 7.5, BOLD)


def draw_row(ink: Ink, row: Row, y: float, *, mark_exempt: bool) -> None:
    """One line of detail, its upper edge at ``y``."""
    base, detalle = y - 10, row.detalle
    for step, text in enumerate(row.code):
        ink.text(LEFT + 4, base - 8.5 * step, text, 7)
    for step, text in enumerate(row.name):
        ink.text(_NAME_X, base - 10 * step, text, 8)
    below = base - 10 * len(row.name) + 0.5
    for step, text in enumerate(row.description):
        ink.text(_NAME_X, below - 8.5 * step, text, 7, colour=GREY)
    ink.right(_QUANTITY, base, _figure(detalle.cantidad))
    ink.text(_UNIT, base, detalle.unidad)
    ink.right(_PRICE, base, _figure(detalle.precio))
    ink.right(_DISCOUNT, base, _figure(detalle.descuento_pct or None))
    ink.right(RIGHT - 4, base, pesos(row.monto.monto))
    if mark_exempt and detalle.exento:
        ink.right(RIGHT - 4, base - 8, "exento", 6)
    ink.rule(LEFT, y - row.height, RIGHT - LEFT)


def _figure(value: Decimal | None) -> str:
    return "" if value is None else number(value)
