"""The foot of a letter sheet's last page: totals, receipt, stamp and destination (sii-protocols 2.4)."""

from collections.abc import Sequence

from timbre.pdf.amounts import Figure, total_figures
from timbre.pdf.barcode import encode
from timbre.pdf.heading import RIGHT
from timbre.pdf.ink import BLANK, BOLD, CM, GREY, Block, Ink, Style, wrap
from timbre.pdf.sheet import Seal, Sheet

BOTTOM = 40.0
RECEIPT_HEIGHT = 106.0
_STAMP_HEIGHT = 4 * CM + 34
_FOOT_ROOM = 24.0
"""Points under totals and receipt, where the destination stands."""
_MODULE = 0.022 * CM
_STAMP_X = 2.1 * CM
_X = 330.0
_LABEL_WIDTH, _FIGURE_WIDTH = 134.0, 92.0
_VALUE, _TOTAL, _HEADING = Style(8.5), Style(10.5, BOLD), Style(8.5, BOLD)
_DESTINATION, _LABEL, _SMALL, _LAW = Style(12, BOLD), Style(7.5, BOLD), Style(7.5), Style(6.3, colour=GREY)
LAW = (
    "El acuse de recibo que se declara en este acto, de acuerdo a lo dispuesto en la letra b) del Art. 4°, "
    "y la letra c) del Art. 5° de la Ley 19.983, acredita que la entrega de mercaderías o servicio(s) "
    "prestado(s) ha(n) sido recibido(s)."
)


def make_closing(sheet: Sheet) -> Block:
    """All that stands at the foot; it is painted from its upper edge."""
    figures = [_figure(each) for each in total_figures(sheet.documento, sheet.totales)]
    totals = sum(each.height for each in figures)
    receipt = RECEIPT_HEIGHT + 8 if sheet.has_receipt else 0.0
    height = max(totals + receipt + _FOOT_ROOM, _STAMP_HEIGHT) + 4

    def paint(ink: Ink, y: float) -> None:
        _totals(ink, figures, y - 4)
        if sheet.has_receipt:
            _receipt(ink, y - 4 - totals - 8)
        if sheet.seal:
            _stamp(ink, sheet.seal)
        ink.right(RIGHT, BOTTOM + 6, sheet.destination, _DESTINATION)

    return Block(height, paint)


def _totals(ink: Ink, figures: Sequence[Block], top: float) -> None:
    y = top
    for figure in figures:
        figure.paint(ink, y)
        y -= figure.height
    ink.box(_X, y, RIGHT - _X, top - y)


def _figure(figure: Figure) -> Block:
    style = _TOTAL if figure.strong else _VALUE
    lines = wrap(figure.label, _LABEL_WIDTH, style)
    height = 10.5 * (len(lines) - 1) + (18 if figure.strong else 14)

    def paint(ink: Ink, y: float) -> None:
        base = y - (13 if figure.strong else 10)
        if figure.strong:
            ink.band(_X, y - height, RIGHT - _X, height)
        for row, line in enumerate(lines):
            ink.text(_X + 8, base - 10.5 * row, line, style)
        ink.figure(RIGHT - 8, base, figure.text, style, _FIGURE_WIDTH)

    return Block(height, paint)


def _receipt(ink: Ink, y: float) -> None:
    width, height = RIGHT - _X, RECEIPT_HEIGHT
    ink.box(_X, y - height, width, height)
    ink.centre(_X + width / 2, y - 12, "Acuse de Recibo", _HEADING)
    half = width / 2
    blanks = (("Nombre", 0, 0.0, width), ("R.U.T.", 1, 0.0, half), ("Fecha", 1, half, half))
    for label, row, x, room in (*blanks, ("Recinto", 2, 0.0, half), ("Firma", 2, half, half)):
        base = y - 29 - 18 * row
        ink.text(_X + x + 8, base, label, _SMALL)
        ink.rule(_X + x + 42, base - 1.5, room - 50, BLANK)
    for row, line in enumerate(wrap(LAW, width - 16, _LAW)):
        ink.text(_X + 8, y - 82 - 7.5 * row, line, _LAW)


def _stamp(ink: Ink, seal: Seal) -> None:
    """At the foot, two centimetres from the left edge at least, with its two lines under it."""
    barcode = encode(seal.ted)
    width, height = barcode.width * _MODULE, barcode.rows * 3 * _MODULE
    y, middle = BOTTOM + 26, _STAMP_X + width / 2
    ink.symbol(barcode, _STAMP_X, y, width, height)
    title, legend = seal.legend
    ink.centre(middle, y - 11, title, _LABEL)
    ink.centre(middle, y - 21, legend, _SMALL, width)
