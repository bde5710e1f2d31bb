"""What a reader of a PDF sees: its texts, where they stand, its pictures."""

from dataclasses import dataclass

import pypdfium2
from PIL import Image

HALF_A_CENTIMETRE = 0.5 * 72 / 2.54
"""The blank border that the SII asks for, in points."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A piece of text and its box in points, origin bottom left."""

    page: int
    text: str
    left: float
    bottom: float
    right: float
    top: float

    def covers(self, other: "Printed") -> bool:
        """Whether the two stand on each other by more than half a point across and one point up."""
        across = min(self.right, other.right) - max(self.left, other.left)
        up = min(self.top, other.top) - max(self.bottom, other.bottom)
        return self.page == other.page and across > 0.5 and up > 1


def texts(pdf: bytes) -> list[str]:
    """The text of each page."""
    with pypdfium2.PdfDocument(pdf) as opened:
        return [page.get_textpage().get_text_bounded() for page in opened]


def picture(pdf: bytes, page: int = -1, dpi: int = 200) -> Image.Image:
    with pypdfium2.PdfDocument(pdf) as opened:
        return opened[page % len(opened)].render(scale=dpi / 72).to_pil()


def sizes(pdf: bytes) -> list[tuple[float, float]]:
    """The width and height of each page in points."""
    with pypdfium2.PdfDocument(pdf) as opened:
        return [page.get_size() for page in opened]


def pieces(pdf: bytes) -> list[Printed]:
    """Every piece of text with its box."""
    found = []
    with pypdfium2.PdfDocument(pdf) as opened:
        for number, page in enumerate(opened):
            text = page.get_textpage()
            boxes = [text.get_rect(n) for n in range(text.count_rects())]
            found += [Printed(number, text.get_text_bounded(*box), *box) for box in boxes]
    return found


def collisions(pdf: bytes) -> list[tuple[str, str]]:
    """Pairs of texts of which one stands on the other."""
    found = sorted(pieces(pdf), key=lambda piece: (piece.page, piece.left))
    return [
        (one.text, other.text) for n, one in enumerate(found) for other in found[n + 1 :] if one.covers(other)
    ]


def outside(pdf: bytes) -> list[str]:
    """Texts that reach into the blank border."""
    edge = HALF_A_CENTIMETRE - 0.5
    page = sizes(pdf)
    return [
        piece.text
        for piece in pieces(pdf)
        if min(piece.left, piece.bottom) < edge
        or piece.right > page[piece.page][0] - edge
        or piece.top > page[piece.page][1] - edge
    ]
