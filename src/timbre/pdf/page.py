"""A signed DTE on paper: letter pages, drawn from the signed XML alone."""

from collections.abc import Sequence

from timbre.dte.codes import IDK_SIMULATOR, NOMBRES
from timbre.dte.document import Resolucion
from timbre.pdf.ink import Ink, Style
from timbre.pdf.reading import Emitido, read
from timbre.pdf.sections import BOTTOM, CLOSING, draw_closing, draw_heading, draw_receiver
from timbre.pdf.table import HEAD, RIGHT, DetailRow, Row, draw_head, make_rows, paginate

_FOOT = Style(7)


def draw(xml: bytes, *, resolucion: Resolucion, cedible: bool = False) -> bytes:
    """The PDF of one signed ``<DTE>``; the same XML gives the same bytes.

    ``cedible`` draws the copy that can be assigned (Ley 19.983). A document stamped by the simulator's
    authority carries a watermark on every page. Raises InvalidXml when the XML is no DTE we can read.
    """
    emitido = read(xml)
    documento = emitido.documento
    ink = Ink(f"{NOMBRES[documento.tipo]} N° {emitido.folio}", documento.emisor.razon_social)
    top = _open(ink, emitido)
    start = draw_receiver(ink, documento, top)
    pages = paginate(make_rows(emitido), start - HEAD - BOTTOM, top - HEAD - BOTTOM, CLOSING)
    for number, rows in enumerate(pages, start=1):
        if number > 1:
            ink.next_page()
            start = _open(ink, emitido)
        _draw_rows(ink, rows, start)
        if len(pages) > 1:
            ink.right(RIGHT, BOTTOM - 16, f"Página {number} de {len(pages)}", _FOOT)
    draw_closing(ink, emitido, resolucion, cedible=cedible)
    return ink.finish()


def _open(ink: Ink, emitido: Emitido) -> float:
    """A page with its heading; answers where its content begins."""
    if emitido.idk == IDK_SIMULATOR:
        ink.watermark("DOCUMENTO DE PRUEBA", "SIN VALIDEZ TRIBUTARIA")
    return draw_heading(ink, emitido)


def _draw_rows(ink: Ink, rows: Sequence[Row], y: float) -> None:
    """References, then the head of the detail, then its lines."""
    headed = False
    for row in rows:
        if isinstance(row, DetailRow) and not headed:
            draw_head(ink, y)
            y, headed = y - HEAD, True
        row.draw(ink, y)
        y -= row.height
