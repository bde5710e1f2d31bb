"""A signed DTE on paper: letter pages, drawn from the signed XML alone."""

from timbre.dte.codes import IDK_SIMULATOR, NOMBRES
from timbre.dte.document import Resolucion
from timbre.pdf.ink import Ink
from timbre.pdf.reading import Emitido, read
from timbre.pdf.sections import (
    BOTTOM,
    CLOSING,
    draw_closing,
    draw_heading,
    draw_receiver,
    draw_references,
    has_exempt_marks,
)
from timbre.pdf.table import HEAD, RIGHT, Row, draw_head, draw_row, make_rows, paginate


def draw(xml: bytes, *, resolucion: Resolucion, cedible: bool = False) -> bytes:
    """The PDF of one signed ``<DTE>``; the same XML gives the same bytes.

    ``cedible`` draws the copy that can be assigned (Ley 19.983). A document stamped by the simulator's
    authority carries a watermark on every page. Raises InvalidXml when the XML is no DTE we can read.
    """
    emitido = read(xml)
    ink = Ink(f"{NOMBRES[emitido.documento.tipo]} N° {emitido.folio}", emitido.documento.emisor.razon_social)
    pages = _Pages(ink, emitido)
    pages.draw()
    draw_closing(ink, emitido, resolucion, cedible=cedible)
    return ink.finish()


class _Pages:
    """The flow of detail rows over as many pages as they need; the last one is left open."""

    def __init__(self, ink: Ink, emitido: Emitido) -> None:
        self._ink = ink
        self._emitido = emitido
        self._marks = has_exempt_marks(emitido.documento)

    def draw(self) -> None:
        top = self._open()
        documento = self._emitido.documento
        start = draw_references(self._ink, documento, draw_receiver(self._ink, documento, top))
        pages = paginate(make_rows(self._emitido), start - HEAD - BOTTOM, top - HEAD - BOTTOM, CLOSING)
        for number, rows in enumerate(pages, start=1):
            if number > 1:
                self._ink.next_page()
                start = self._open()
            self._table(rows, start)
            if len(pages) > 1:
                self._ink.right(RIGHT, BOTTOM - 16, f"Página {number} de {len(pages)}", 7)

    def _open(self) -> float:
        if self._emitido.idk == IDK_SIMULATOR:
            self._ink.watermark("DOCUMENTO DE PRUEBA", "SIN VALIDEZ TRIBUTARIA")
        return draw_heading(self._ink, self._emitido)

    def _table(self, rows: list[Row], y: float) -> None:
        if rows:
            draw_head(self._ink, y)
        y -= HEAD
        for row in rows:
            draw_row(self._ink, row, y, mark_exempt=self._marks)
            y -= row.height
