"""The upper part of a letter sheet, after the SII's Manual de muestras impresas (sii-protocols 2.4)."""

from collections.abc import Sequence
from dataclasses import dataclass

from timbre.dte.codes import NOMBRES
from timbre.dte.comunas import sii_office
from timbre.dte.rut import with_dots
from timbre.pdf.facts import (
    Pair,
    customs_pairs,
    issuer_lines,
    receiver_pairs,
    term_pairs,
    transport_pairs,
)
from timbre.pdf.ink import BOLD, CM, GREY, HEIGHT, RED, SEAL, WIDTH, Block, Ink, Style, put_lines, wrap
from timbre.pdf.logo import prepare
from timbre.pdf.sheet import Sheet

LEFT, RIGHT = 36.0, WIDTH - 36.0
TOP = HEIGHT - 36.0
_BOX_WIDTH = 7.4 * CM
_LOGO_WIDTH, _LOGO_HEIGHT = 92.0, 74.0
_LEADING = 11.5
_TITLE, _SEAL, _OFFICE = Style(13, BOLD), Style(12.5, BOLD, RED), Style(10, BOLD, RED)
_ISSUER, _VALUE, _LABEL = Style(8.5, colour=GREY), Style(8.5), Style(7.5, BOLD)


def make_heading(sheet: Sheet, *, brief: bool = False) -> Block:
    """The logo and the issuer at the left, the SII's red box at the right.

    ``brief`` is that of the pages after the first: of the issuer the name alone.
    """
    logo = prepare(sheet.logo, _LOGO_WIDTH, _LOGO_HEIGHT) if sheet.logo else None
    x = LEFT + logo.width + 10 if logo else LEFT
    issuer, box = _issuer(sheet, x, brief=brief), _box(sheet)
    height = max(issuer.height, box.height, logo.height if logo else 0) + 12

    def paint(ink: Ink, y: float) -> None:
        if logo:
            ink.picture(logo.picture, LEFT, y - logo.height, logo.width, logo.height)
        issuer.paint(ink, y)
        box.paint(ink, y)

    return Block(height, paint)


def _issuer(sheet: Sheet, x: float, *, brief: bool) -> Block:
    width = RIGHT - _BOX_WIDTH - x - 22
    name = wrap(sheet.documento.emisor.razon_social.upper(), width, _TITLE)
    texts = [] if brief else issuer_lines(sheet.documento)
    below = [line for text in texts for line in wrap(text, width, _ISSUER)]

    def paint(ink: Ink, y: float) -> None:
        put_lines(ink, x, y - 14, name, _TITLE, 16)
        put_lines(ink, x, y - 14 - 16 * len(name), below, _ISSUER, _LEADING)

    return Block(14 + 16 * len(name) + _LEADING * len(below), paint)


def _box(sheet: Sheet) -> Block:
    """Between 1.5 x 5.5 and 4 x 8 cm, capitals of at least 10 points, its line between 0.5 and 1 mm."""
    emisor = sheet.documento.emisor
    name = wrap(NOMBRES[sheet.documento.tipo].upper(), _BOX_WIDTH - 16, _SEAL)
    height, middle = 60.0 + 15 * len(name), RIGHT - _BOX_WIDTH / 2
    office = f"S.I.I. - {sii_office(emisor.comuna)}"

    def paint(ink: Ink, y: float) -> None:
        ink.box(RIGHT - _BOX_WIDTH, y - height, _BOX_WIDTH, height, SEAL)
        ink.centre(middle, y - 22, f"R.U.T.: {with_dots(emisor.rut)}", _SEAL)
        for row, line in enumerate(name):
            ink.centre(middle, y - 42 - 15 * row, line, _SEAL)
        ink.centre(middle, y - height + 13, sheet.number, _SEAL)
        ink.centre(middle, y - height - 15, office, _OFFICE, _BOX_WIDTH)

    return Block(height + 18, paint)


@dataclass(frozen=True, slots=True)
class _Column:
    """Labels at ``x``, their values ``indent`` points on, wrapped at ``width``."""

    x: float
    indent: float
    width: float

    def make(self, pairs: Sequence[Pair]) -> Block:
        """The pairs below each other; one without text takes no room."""
        wrapped = [(label, wrap(text, self.width, _VALUE)) for label, text in pairs if text]

        def paint(ink: Ink, y: float) -> None:
            for label, lines in wrapped:
                ink.text(self.x, y, label, _LABEL)
                put_lines(ink, self.x + self.indent, y, lines, _VALUE, _LEADING)
                y -= _LEADING * len(lines)

        return Block(_LEADING * sum(len(lines) for _, lines in wrapped), paint)


_WIDE, _NARROW = _Column(LEFT + 6, 62, 264), _Column(WIDTH - 232, 68, 122)
_FIRST, _SECOND = _Column(LEFT + 6, 62, 200), _Column(LEFT + 282, 68, 184)


def make_parties(sheet: Sheet) -> list[Block]:
    """The receiver with the date and the terms of payment beside it; then transport; then customs."""
    documento = sheet.documento
    receiver = _boxed(_WIDE.make(receiver_pairs(documento)), _NARROW.make(term_pairs(documento)))
    moves = [pairs for pairs in (transport_pairs(documento), customs_pairs(documento)) if pairs]
    return [receiver, *(_halved(pairs) for pairs in moves)]


def _halved(pairs: Sequence[Pair]) -> Block:
    half = (len(pairs) + 1) // 2
    return _boxed(_FIRST.make(pairs[:half]), _SECOND.make(pairs[half:]))


def _boxed(*columns: Block) -> Block:
    height = max(column.height for column in columns) + 10

    def paint(ink: Ink, y: float) -> None:
        ink.box(LEFT, y - height, RIGHT - LEFT, height)
        for column in columns:
            column.paint(ink, y - 13)

    return Block(height + 8, paint)
