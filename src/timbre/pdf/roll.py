"""A boleta on an 80 mm roll: one page as high as it needs, in the SII's order for rolls (sii-protocols 2.4).

Box, SII office, issuer, receiver, date, references, detail, totals, stamp.
"""

from collections.abc import Iterable, Iterator, Sequence

from timbre.dte.codes import NOMBRES
from timbre.dte.comunas import sii_office
from timbre.dte.document import Detalle, Documento
from timbre.dte.rut import with_dots
from timbre.dte.totals import Monto
from timbre.pdf.amounts import Figure, adjustment_figures, line_mark, line_notes, total_figures
from timbre.pdf.barcode import encode
from timbre.pdf.facts import (
    Pair,
    customs_pairs,
    issuer_lines,
    note_groups,
    receiver_pairs,
    term_pairs,
    transport_pairs,
)
from timbre.pdf.ink import BLACK, BOLD, CM, Block, Ink, Pen, Style, put_lines, wrap
from timbre.pdf.logo import Prepared, prepare
from timbre.pdf.sheet import Seal, Sheet, UnfitCopy
from timbre.pdf.words import amount, number

WIDTH = 8 * CM
_EDGE = 0.55 * CM
_RIGHT, _ROOM, _MIDDLE = WIDTH - _EDGE, WIDTH - 2 * _EDGE, WIDTH / 2
_MAX_HEIGHT = 14_000.0
"""PDF readers show no page over 14,400 points."""
_COLUMNS = 12
_MODULE = 0.025 * CM
"""Two dots of a thermal printer's 203 an inch: the symbol is 6.8 cm wide."""
_MAX_STAMP = 4 * CM
_LOGO = WIDTH / 5
_LABEL_X, _FIGURE_WIDTH = 62.0, 84.0
_LINE = 9.6
_SEAL, _NAME, _TOTAL = Style(11, BOLD), Style(9.5, BOLD), Style(10.5, BOLD)
_BODY, _NOTE, _LABEL = Style(8), Style(7), Style(7.5, BOLD)
_FRAME, _DASH = Pen(2, BLACK), Pen(0.5, BLACK)
_WATERMARK, _WATERMARK_EVERY = 17.0, 260.0


def draw_roll(sheet: Sheet, after: Iterable[Block] = ()) -> bytes:
    """The whole PDF, ``after`` below the document; more than one page only when a reader could not show so
    long a one. Raises UnfitCopy for what is no boleta.
    """
    if not sheet.documento.es_boleta:
        raise UnfitCopy("Solo una boleta se imprime en rollo.")
    parts = _cut([*_blocks(sheet), *after])
    heights = [sum(block.height for block in part) + 2 * _EDGE for part in parts]
    ink = Ink(sheet.title, sheet.documento.emisor.razon_social, (WIDTH, heights[0]))
    for n, (part, height) in enumerate(zip(parts, heights, strict=True)):
        if n:
            ink.next_page((WIDTH, height))
        _mark(ink, sheet, height)
        y = height - _EDGE
        for block in part:
            block.paint(ink, y)
            y -= block.height
    return ink.finish()


def _cut(blocks: Sequence[Block]) -> list[list[Block]]:
    parts: list[list[Block]] = [[]]
    room = _MAX_HEIGHT
    for block in blocks:
        if block.height > room:
            parts.append([])
            room = _MAX_HEIGHT
        parts[-1].append(block)
        room -= block.height
    return parts


def _mark(ink: Ink, sheet: Sheet, height: float) -> None:
    """From the top, where no stamp covers it, and on for as long as there is room for a whole mark."""
    for n in range(max(1, int(height / _WATERMARK_EVERY))):
        ink.watermark(sheet.watermark, _MIDDLE, height - _WATERMARK_EVERY * (n + 0.5), _WATERMARK)


def _blocks(sheet: Sheet) -> Iterator[Block]:
    documento, totales = sheet.documento, sheet.totales
    yield _box(sheet)
    yield from _issuer(sheet)
    yield rule_block()
    yield from _pairs(receiver_pairs(documento))
    yield from _pairs(term_pairs(documento))
    yield from _pairs([*transport_pairs(documento), *customs_pairs(documento)])
    for label, texts in note_groups(documento):
        yield from _pairs((label if n == 0 else "", text) for n, text in enumerate(texts))
    yield rule_block()
    for detalle, monto in zip(documento.detalles, totales.lineas, strict=True):
        yield _detail(documento, detalle, monto)
    yield from (figure_block(each) for each in adjustment_figures(documento, totales))
    yield rule_block()
    yield from (figure_block(each) for each in total_figures(documento, totales))
    if sheet.seal:
        yield _stamp(sheet.seal)


def _box(sheet: Sheet) -> Block:
    """Between 1.5 x 5.5 and 4 x 8 cm, its line between 0.5 and 1 mm, its letters of at least 10 points."""
    emisor = sheet.documento.emisor
    name = wrap(NOMBRES[sheet.documento.tipo].upper(), _ROOM - 16, _SEAL)
    lines = [f"R.U.T.: {with_dots(emisor.rut)}", *name, sheet.number]
    height = 15.0 * len(lines) + 12

    def paint(ink: Ink, y: float) -> None:
        ink.box(_EDGE, y - height, _ROOM, height, _FRAME)
        for row, line in enumerate(lines):
            ink.centre(_MIDDLE, y - 17 - 15 * row, line, _SEAL)
        office = f"S.I.I. - {sii_office(emisor.comuna)}"
        ink.centre(_MIDDLE, y - height - 13, office, _NAME, _ROOM)

    return Block(height + 22, paint)


def _issuer(sheet: Sheet) -> Iterator[Block]:
    if sheet.logo is not None:
        yield _logo(prepare(sheet.logo, _LOGO, _LOGO))
    yield text_block(sheet.documento.emisor.razon_social.upper(), _NAME)
    yield from (text_block(line, _BODY) for line in issuer_lines(sheet.documento))


def _logo(logo: Prepared) -> Block:
    def paint(ink: Ink, y: float) -> None:
        ink.picture(logo.picture, _EDGE, y - logo.height, logo.width, logo.height)

    return Block(logo.height + 4, paint)


def text_block(text: str, style: Style) -> Block:
    lines, leading = wrap(text, _ROOM, style), style.size * 1.2
    return Block(leading * len(lines), lambda ink, y: put_lines(ink, _EDGE, y - 8, lines, style, leading))


def _pairs(pairs: Iterable[Pair]) -> Iterator[Block]:
    yield from (_pair(label, text) for label, text in pairs if text)


def _pair(label: str, text: str) -> Block:
    lines = wrap(text, _ROOM - _LABEL_X, _BODY)

    def paint(ink: Ink, y: float) -> None:
        ink.text(_EDGE, y - 8, label, _LABEL)
        put_lines(ink, _EDGE + _LABEL_X, y - 8, lines, _BODY, _LINE)

    return Block(_LINE * len(lines), paint)


def rule_block() -> Block:
    return Block(8, lambda ink, y: ink.rule(_EDGE, y - 4, _ROOM, _DASH))


def _detail(documento: Documento, detalle: Detalle, monto: Monto) -> Block:
    """The name, what is said of it, and below them quantity by price with the amount at the right."""
    name = wrap(" ".join(filter(None, [detalle.codigo, detalle.nombre])), _ROOM, _BODY)
    texts = [
        detalle.descripcion,
        *line_notes(documento, detalle, monto),
        line_mark(documento, detalle).capitalize(),
    ]
    below = [line for text in texts for line in wrap(text, _ROOM, _NOTE)]
    height = _LINE * (len(name) + 1) + 8.4 * len(below) + 3

    def paint(ink: Ink, y: float) -> None:
        put_lines(ink, _EDGE, y - 8, name, _BODY, _LINE)
        put_lines(ink, _EDGE, y - 8 - _LINE * len(name), below, _NOTE, 8.4)
        base = y - height + 4
        ink.left_figure(_EDGE + 8, base, _product(detalle), _BODY, _ROOM - _FIGURE_WIDTH - 14)
        ink.figure(_RIGHT, base, amount(monto.monto, documento.moneda), _BODY, _FIGURE_WIDTH)

    return Block(height, paint)


def _product(detalle: Detalle) -> str:
    """``3 kg x 1.990,5``."""
    if detalle.cantidad is None and detalle.precio is None:
        return ""
    quantity = number(detalle.cantidad) if detalle.cantidad is not None else "1"
    price = f"x {number(detalle.precio)}" if detalle.precio is not None else ""
    return " ".join(filter(None, [quantity, detalle.unidad, price]))


def figure_block(figure: Figure) -> Block:
    style = _TOTAL if figure.strong else _BODY
    lines = wrap(figure.label, _ROOM - _FIGURE_WIDTH - 6, style)
    leading = style.size * 1.25

    def paint(ink: Ink, y: float) -> None:
        put_lines(ink, _EDGE, y - style.size, lines, style, leading)
        ink.figure(_RIGHT, y - style.size, figure.text, style, _FIGURE_WIDTH)

    return Block(leading * len(lines) + 1.5, paint)


def _stamp(seal: Seal) -> Block:
    """At least 2 by 4.5 cm, at most 4 cm high: rows of a large stamp are lower."""
    barcode = encode(seal.ted, _COLUMNS)
    width, height = barcode.width * _MODULE, min(barcode.rows * 3 * _MODULE, _MAX_STAMP)
    legends = [line for text in seal.legend for line in wrap(text, _ROOM, _NOTE)]

    def paint(ink: Ink, y: float) -> None:
        ink.symbol(barcode, _MIDDLE - width / 2, y - 14 - height, width, height)
        for row, line in enumerate(legends):
            ink.centre(_MIDDLE, y - height - 24 - 9 * row, line, _LABEL if row == 0 else _NOTE)

    return Block(height + 20 + 9 * len(legends), paint)
