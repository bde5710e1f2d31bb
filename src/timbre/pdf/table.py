"""The rows of a letter sheet (notes, detail lines, global adjustments), and on which page each row goes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from timbre.dte.document import Detalle, Documento
from timbre.dte.totals import Monto
from timbre.pdf.amounts import Figure, adjustment_figures, line_mark, line_notes
from timbre.pdf.facts import note_groups
from timbre.pdf.heading import LEFT, RIGHT
from timbre.pdf.ink import BOLD, GREY, Block, Ink, Style, put_lines, wrap
from timbre.pdf.sheet import Sheet
from timbre.pdf.words import amount, number

HEAD = 20.0
_NAME_X, _NAME_WIDTH = 104.0, 214.0
_QUANTITY, _UNIT, _PRICE = 386.0, 391.0, 498.0
_QUANTITY_WIDTH, _UNIT_WIDTH, _PRICE_WIDTH, _AMOUNT_WIDTH = 62.0, 31.0, 70.0, 69.0
_BODY, _SMALL, _NOTE, _LABEL = Style(8), Style(7), Style(7, colour=GREY), Style(7.5, BOLD)
_LINE, _SMALL_LINE = 10.0, 8.5


@dataclass(frozen=True, slots=True)
class Row:
    """A block of the flow; those of the detail stand below its head."""

    block: Block
    in_detail: bool = False


def make_rows(sheet: Sheet) -> list[Row]:
    """The groups of notes, the detail lines, the global adjustments."""
    documento, totales = sheet.documento, sheet.totales
    pairs = zip(documento.detalles, totales.lineas, strict=True)
    return [
        *(Row(each) for each in _notes(documento)),
        *(Row(_detail(documento, detalle, monto), in_detail=True) for detalle, monto in pairs),
        *(Row(_adjustment(each), in_detail=True) for each in adjustment_figures(documento, totales)),
    ]


def _notes(documento: Documento) -> Iterator[Block]:
    for label, texts in note_groups(documento):
        for n, text in enumerate(texts):
            yield _note(label if n == 0 else "", wrap(text, RIGHT - _NAME_X, _BODY))


def _note(label: str, lines: Sequence[str]) -> Block:
    """A text of a group; the first says what they are."""

    def paint(ink: Ink, y: float) -> None:
        ink.text(LEFT + 4, y - 7, label, _LABEL)
        put_lines(ink, _NAME_X, y - 7, lines, _BODY, _LINE)

    return Block(_LINE * len(lines) + 2, paint)


def _detail(documento: Documento, detalle: Detalle, monto: Monto) -> Block:
    """A line of detail, wrapped; as high as its longest column."""
    code = wrap(detalle.codigo, _NAME_X - LEFT - 10, _SMALL)
    name = wrap(detalle.nombre, _NAME_WIDTH, _BODY)
    texts = [detalle.descripcion, *line_notes(documento, detalle, monto)]
    below = [line for text in texts for line in wrap(text, _NAME_WIDTH, _NOTE)]
    said = line_mark(documento, detalle)
    high = _LINE * len(name) + _SMALL_LINE * len(below)
    height = max(high, _SMALL_LINE * len(code), 2 * _LINE if said else _LINE) + 5

    def paint(ink: Ink, y: float) -> None:
        base = y - 10
        put_lines(ink, LEFT + 4, base, code, _SMALL, _SMALL_LINE)
        put_lines(ink, _NAME_X, base, name, _BODY, _LINE)
        put_lines(ink, _NAME_X, base - _LINE * len(name) + 0.5, below, _NOTE, _SMALL_LINE)
        ink.figure(_QUANTITY, base, _figure(detalle.cantidad), _BODY, _QUANTITY_WIDTH)
        ink.figure(_UNIT + _UNIT_WIDTH, base, detalle.unidad, _BODY, _UNIT_WIDTH)
        ink.figure(_PRICE, base, _figure(detalle.precio), _BODY, _PRICE_WIDTH)
        ink.figure(RIGHT - 4, base, amount(monto.monto, documento.moneda), _BODY, _AMOUNT_WIDTH)
        ink.right(RIGHT - 4, base - 8, said, _NOTE)
        ink.rule(LEFT, y - height, RIGHT - LEFT)

    return Block(height, paint)


def _adjustment(figure: Figure) -> Block:
    lines = wrap(figure.label, _PRICE - _NAME_X - 10, _BODY)
    height = _LINE * len(lines) + 5

    def paint(ink: Ink, y: float) -> None:
        put_lines(ink, _NAME_X, y - 10, lines, _BODY, _LINE)
        ink.figure(RIGHT - 4, y - 10, figure.text, _BODY, _AMOUNT_WIDTH)
        ink.rule(LEFT, y - height, RIGHT - LEFT)

    return Block(height, paint)


def paginate(rows: Sequence[Row], first: float, middle: float, last: float) -> list[list[Row]]:
    """The rows of each page. ``first`` and ``middle`` are the heights for rows on the first and other pages.

    The last page keeps ``last`` points of its height for the closing; a row moves there with it, so that no
    page has totals alone, but where that row and the closing fit no page together.
    """
    pages: list[list[Row]] = [[]]
    room = first
    for row in rows:
        if row.block.height > room:
            pages.append([])
            room = middle
        pages[-1].append(row)
        room -= row.block.height
    if room >= last:
        return pages
    moved = pages[-1][-1:]
    if sum(row.block.height for row in moved) + last > middle:
        return [*pages, []]
    return [*pages[:-1], pages[-1][:-1], moved]


def draw_head(ink: Ink, documento: Documento, y: float) -> None:
    """The detail's head, its upper edge at ``y``; it says whether prices are with IVA where that may be
    taken otherwise.
    """
    ink.band(LEFT, y - 18, RIGHT - LEFT, 16)
    base = y - 13
    ink.text(LEFT + 4, base, "Código", _LABEL)
    ink.text(_NAME_X, base, "Descripción", _LABEL)
    ink.right(_QUANTITY, base, "Cantidad", _LABEL)
    ink.right(_UNIT + _UNIT_WIDTH, base, "Un.", _LABEL)
    ink.right(_PRICE, base, price_label(documento), _LABEL)
    ink.right(RIGHT - 4, base, "Valor", _LABEL)


def price_label(documento: Documento) -> str:
    """Prices of an invoice are net and those of a boleta with IVA, if nothing else is said."""
    if documento.brutos == documento.es_boleta:
        return "Precio"
    return "Precio con IVA" if documento.brutos else "Precio neto"


def _figure(value: Decimal | None) -> str:
    return "" if value is None else number(value)
