"""A signed DTE on paper, drawn from the signed XML alone."""

from timbre.dte.document import Resolucion
from timbre.pdf.ink import Ink
from timbre.pdf.letter import draw_letter
from timbre.pdf.reading import read
from timbre.pdf.roll import draw_roll
from timbre.pdf.sheet import Formato, make_sheet

SII_SITE = "www.sii.cl"


def draw(
    xml: bytes,
    *,
    resolucion: Resolucion,
    cedible: bool = False,
    formato: Formato = "carta",
    logo: bytes | None = None,
    site: str = SII_SITE,
) -> bytes:
    """The PDF of one signed ``<DTE>`` of any type; the same arguments give the same bytes.

    ``cedible`` draws the copy that can be assigned (Ley 19.983), ``rollo`` a boleta on an 80 mm roll,
    ``site`` is where a reader verifies it (a boleta's issuer may have one of its own), ``logo`` a PNG or
    JPEG that was judged before. A document stamped by the simulator's authority carries a watermark on every
    page. Raises InvalidXml when the XML is no DTE we can read, UnfitCopy when the document has no such copy.
    """
    emitido = read(xml)
    sheet = make_sheet(emitido, resolucion, cedible=cedible, logo=logo, site=site)
    if formato == "rollo":
        return draw_roll(sheet)
    ink = Ink(sheet.title, emitido.documento.emisor.razon_social)
    draw_letter(ink, sheet)
    return ink.finish()
