"""A document on letter pages: heading on each, rows that flow, totals and stamp on the last."""

from collections.abc import Sequence

from timbre.pdf.closing import BOTTOM, make_closing
from timbre.pdf.heading import RIGHT, TOP, make_heading, make_parties
from timbre.pdf.ink import HEIGHT, WIDTH, Block, Ink, Style
from timbre.pdf.sheet import Sheet
from timbre.pdf.table import HEAD, Row, draw_head, make_rows, paginate

_FOOT = Style(7)
_WATERMARK = 46.0


def draw_letter(ink: Ink, sheet: Sheet) -> None:
    """The document's pages; the last one stays open."""
    closing, first, brief = make_closing(sheet), make_heading(sheet), make_heading(sheet, brief=True)
    rows = [*(Row(block) for block in make_parties(sheet)), *make_rows(sheet)]
    room = TOP - HEAD - BOTTOM
    pages = paginate(rows, room - first.height, room - brief.height, closing.height)
    start = _open_page(ink, sheet, first)
    for number, fitting in enumerate(pages, start=1):
        if number > 1:
            ink.next_page()
            start = _open_page(ink, sheet, brief)
        _draw_rows(ink, sheet, fitting, start)
        if len(pages) > 1:
            ink.right(RIGHT, BOTTOM - 16, f"Página {number} de {len(pages)}", _FOOT)
    closing.paint(ink, BOTTOM + closing.height)


def next_page(ink: Ink, sheet: Sheet) -> float:
    """One more page with its heading; answers where its content begins."""
    ink.next_page()
    return _open_page(ink, sheet, make_heading(sheet, brief=True))


def _open_page(ink: Ink, sheet: Sheet, heading: Block) -> float:
    ink.watermark(sheet.watermark, WIDTH / 2, HEIGHT / 2, _WATERMARK)
    heading.paint(ink, TOP)
    return TOP - heading.height


def _draw_rows(ink: Ink, sheet: Sheet, rows: Sequence[Row], y: float) -> None:
    """Parties and notes, then the head of the detail, then its lines."""
    headed = False
    for row in rows:
        if row.in_detail and not headed:
            draw_head(ink, sheet.documento, y)
            y, headed = y - HEAD, True
        row.block.paint(ink, y)
        y -= row.block.height
