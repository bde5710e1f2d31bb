"""The canvas as the page's sections use it: standard-14 fonts, points, colours, text that wraps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

from reportlab.lib.pagesizes import LETTER
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfdoc import PDFImageXObject
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from timbre.pdf.barcode import Barcode

PLAIN, BOLD = "Helvetica", "Helvetica-Bold"
WIDTH, HEIGHT = LETTER
CM = 72 / 2.54

Colour = tuple[float, float, float]
RED: Colour = (0.80, 0.06, 0.10)
BLACK: Colour = (0, 0, 0)
GREY: Colour = (0.38, 0.38, 0.38)
PALE: Colour = (0.93, 0.93, 0.93)
FAINT: Colour = (0.88, 0.88, 0.88)


@dataclass(frozen=True, slots=True)
class Style:
    """How a text looks; ``size`` in points."""

    size: float
    font: str = PLAIN
    colour: Colour = BLACK


@dataclass(frozen=True, slots=True)
class Pen:
    """How a line looks; ``width`` in points."""

    width: float
    colour: Colour


THIN, SEAL, HAIR, BLANK = Pen(0.6, GREY), Pen(2, RED), Pen(0.5, FAINT), Pen(0.5, BLACK)


class Ink:
    """A PDF being drawn, letter size if nothing else is said; the same calls give the same bytes.

    Origin bottom left, points.
    """

    def __init__(self, title: str, author: str, size: tuple[float, float] = LETTER) -> None:
        self._file = BytesIO()
        self.canvas = Canvas(self._file, pagesize=size, invariant=1, pageCompression=1, lang="es-CL")
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)

    def text(self, x: float, y: float, text: str, style: Style) -> None:
        self.canvas.setFillColorRGB(*style.colour)
        self.canvas.setFont(style.font, style.size)
        self.canvas.drawString(x, y, text)

    def right(self, x: float, y: float, text: str, style: Style) -> None:
        self.text(x - stringWidth(text, style.font, style.size), y, text, style)

    def figure(self, x: float, y: float, text: str, style: Style, width: float) -> None:
        """Right-aligned at ``x`` and never wider than ``width``: long figures get smaller, not cut."""
        self.right(x, y, text, _fit(text, style, width))

    def left_figure(self, x: float, y: float, text: str, style: Style, width: float) -> None:
        """Begins at ``x`` and is never wider than ``width``."""
        self.text(x, y, text, _fit(text, style, width))

    def centre(self, x: float, y: float, text: str, style: Style, width: float = WIDTH) -> None:
        """In the middle of ``width`` and never wider."""
        fitting = _fit(text, style, width)
        self.text(x - stringWidth(text, fitting.font, fitting.size) / 2, y, text, fitting)

    def box(self, x: float, y: float, width: float, height: float, pen: Pen = THIN) -> None:
        self.canvas.setLineWidth(pen.width)
        self.canvas.setStrokeColorRGB(*pen.colour)
        self.canvas.rect(x, y, width, height)

    def band(self, x: float, y: float, width: float, height: float) -> None:
        self.canvas.setFillColorRGB(*PALE)
        self.canvas.rect(x, y, width, height, stroke=0, fill=1)

    def rule(self, x: float, y: float, width: float, pen: Pen = HAIR) -> None:
        self.canvas.setLineWidth(pen.width)
        self.canvas.setStrokeColorRGB(*pen.colour)
        self.canvas.line(x, y, x + width, y)

    def symbol(self, barcode: Barcode, x: float, y: float, width: float, height: float) -> None:
        """A 1-bit image: reportlab's own images cost eight bits a module."""
        image = PDFImageXObject("timbre")
        image.width, image.height = barcode.width, barcode.rows
        # no public way to one bit: the image as drawImage would register it, with our own content
        image.streamContent, image._filters = barcode.bits, ()  # type: ignore[attr-defined, assignment]  # noqa: SLF001
        self.canvas._doc.addForm("timbre", image)  # type: ignore[attr-defined]  # noqa: SLF001
        self.canvas.saveState()
        self.canvas.translate(x, y)
        self.canvas.scale(width, height)
        self.canvas.doForm("timbre")
        self.canvas.restoreState()

    def picture(self, picture: ImageReader, x: float, y: float, width: float, height: float) -> None:
        self.canvas.drawImage(picture, x, y, width, height, mask="auto")

    def watermark(self, lines: Sequence[str], x: float, y: float, size: float) -> None:
        """The lines across the page, upwards, their middle at ``x`` and ``y``."""
        style = Style(size, BOLD, FAINT)
        self.canvas.saveState()
        self.canvas.translate(x, y)
        self.canvas.rotate(52)
        for row, line in enumerate(lines):
            self.centre(0, size * (0.52 - 1.26 * row), line, style)
        self.canvas.restoreState()

    def next_page(self, size: tuple[float, float] = LETTER) -> None:
        self.canvas.showPage()
        self.canvas.setPageSize(size)

    def finish(self) -> bytes:
        self.canvas.save()
        return self._file.getvalue()


def _fit(text: str, style: Style, width: float) -> Style:
    needed = stringWidth(text, style.font, style.size)
    return replace(style, size=style.size * width / needed) if needed > width else style


@dataclass(frozen=True, slots=True)
class Block:
    """Something of a known height that is painted below its upper edge."""

    height: float
    paint: Callable[[Ink, float], None]


def wrap(text: str, width: float, style: Style) -> list[str]:
    """The text in lines no wider than ``width``; words too long for a line are cut.

    Only blanks end a word: figures stay with a sign that a no-break space binds to them.
    """
    if stringWidth(text, style.font, style.size) <= width:
        return [text] if text else []
    blank = stringWidth(" ", style.font, style.size)
    lines: list[list[str]] = [[]]
    room = width
    for word in text.split(" "):
        for piece, needed in _cut(word, width, style):
            if needed > room and lines[-1]:
                lines.append([])
                room = width
            lines[-1].append(piece)
            room -= needed + blank
    return [" ".join(line) for line in lines]


def _cut(word: str, width: float, style: Style) -> list[tuple[str, float]]:
    """A word in pieces that fit, each with its own width."""
    whole = stringWidth(word, style.font, style.size)
    if whole <= width:
        return [(word, whole)]
    pieces: list[tuple[str, float]] = []
    piece, used = "", 0.0
    for letter in word:
        needed = stringWidth(letter, style.font, style.size)
        if piece and used + needed > width:
            pieces.append((piece, used))
            piece, used = "", 0.0
        piece, used = piece + letter, used + needed
    return [*pieces, (piece, used)]


def put_lines(ink: Ink, x: float, y: float, lines: Sequence[str], style: Style, leading: float) -> None:
    """Lines below each other, the first one's base at ``y``."""
    for step, line in enumerate(lines):
        ink.text(x, y - leading * step, line, style)
