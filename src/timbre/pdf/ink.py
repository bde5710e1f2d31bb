"""The canvas as the page's sections use it: standard-14 fonts, points, colours, text that wraps."""

from io import BytesIO

from reportlab.lib.pagesizes import LETTER
from reportlab.pdfbase.pdfdoc import PDFImageXObject
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from timbre.pdf.barcode import Barcode

PLAIN, BOLD = "Helvetica", "Helvetica-Bold"
WIDTH, HEIGHT = LETTER
RED, BLACK, GREY, PALE, FAINT = (0.80, 0.06, 0.10), (0, 0, 0), (0.38,) * 3, (0.93,) * 3, (0.88,) * 3

Colour = tuple[float, ...]


class Ink:
    """A letter-size PDF being drawn; the same calls give the same bytes. Origin bottom left, points."""

    def __init__(self, title: str, author: str) -> None:
        self._file = BytesIO()
        self.canvas = Canvas(self._file, pagesize=LETTER, invariant=1, pageCompression=1, lang="es-CL")
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)

    def text(
        self, x: float, y: float, text: str, size: float = 8, font: str = PLAIN, colour: Colour = BLACK
    ) -> None:
        self.canvas.setFillColorRGB(*colour)
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, y, text)

    def right(self, x: float, y: float, text: str, size: float = 8, font: str = PLAIN) -> None:
        self.text(x - stringWidth(text, font, size), y, text, size, font)

    def centre(
        self, x: float, y: float, text: str, size: float = 8, font: str = PLAIN, colour: Colour = BLACK
    ) -> None:
        self.text(x - stringWidth(text, font, size) / 2, y, text, size, font, colour)

    def box(
        self, x: float, y: float, width: float, height: float, line: float = 0.6, colour: Colour = GREY
    ) -> None:
        self.canvas.setLineWidth(line)
        self.canvas.setStrokeColorRGB(*colour)
        self.canvas.rect(x, y, width, height)

    def band(self, x: float, y: float, width: float, height: float, colour: Colour = PALE) -> None:
        self.canvas.setFillColorRGB(*colour)
        self.canvas.rect(x, y, width, height, stroke=0, fill=1)

    def rule(self, x: float, y: float, width: float, colour: Colour = FAINT) -> None:
        self.canvas.setLineWidth(0.5)
        self.canvas.setStrokeColorRGB(*colour)
        self.canvas.line(x, y, x + width, y)

    def symbol(self, barcode: Barcode, x: float, y: float, width: float, height: float) -> None:
        """A 1-bit image: reportlab's own images cost eight bits a module."""
        image = PDFImageXObject("timbre")
        image.width, image.height = barcode.width, barcode.rows
        image.streamContent, image._filters = barcode.bits, ()  # noqa: SLF001 - no public way to one bit
        self.canvas._doc.addForm("timbre", image)  # noqa: SLF001 - what drawImage does
        self.canvas.saveState()
        self.canvas.translate(x, y)
        self.canvas.scale(width, height)
        self.canvas.doForm("timbre")
        self.canvas.restoreState()

    def watermark(self, *lines: str) -> None:
        self.canvas.saveState()
        self.canvas.translate(WIDTH / 2, HEIGHT / 2)
        self.canvas.rotate(52)
        for row, line in enumerate(lines):
            self.centre(0, 24 - 58 * row, line, 46, BOLD, FAINT)
        self.canvas.restoreState()

    def next_page(self) -> None:
        self.canvas.showPage()

    def finish(self) -> bytes:
        self.canvas.save()
        return self._file.getvalue()


def wrap(text: str, width: float, size: float, font: str = PLAIN) -> list[str]:
    """The text in lines no wider than ``width``; words too long for a line are cut."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if stringWidth(longer, font, size) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _cut(word, width, size, font)
        lines.extend(full)
    return [*lines, line] if line else lines


def _cut(word: str, width: float, size: float, font: str) -> list[str]:
    pieces, piece = [], ""
    if stringWidth(word, font, size) <= width:
        return [word]
    for letter in word:
        if piece and stringWidth(piece + letter, font, size) > width:
            pieces.append(piece)
            piece = ""
        piece += letter
    return [*pieces, piece]
