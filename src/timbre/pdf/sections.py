"""The fixed parts of the printed copy, after the SII's Manual de muestras impresas (sii-protocols 2.4).

Those that flow down take their upper edge and answer where they ended.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from timbre.dte.codes import NOMBRES
from timbre.dte.comunas import sii_office
from timbre.dte.document import Documento, Resolucion
from timbre.dte.rut import with_dots
from timbre.pdf.barcode import encode
from timbre.pdf.ink import BLANK, BOLD, GREY, HEIGHT, RED, SEAL, WIDTH, Ink, Style, wrap
from timbre.pdf.reading import Emitido
from timbre.pdf.table import LEFT, RIGHT
from timbre.pdf.words import PAYMENT, long_date, number, pesos, short_date

CM = 72 / 2.54
TOP, BOTTOM = HEIGHT - 36.0, 40.0
CLOSING = 226.0
"""Points at the foot of the last page for totals, receipt and stamp."""
_BOX_WIDTH = 7.4 * CM
_MODULE = 0.022 * CM
_STAMP_X = 2.1 * CM
_CLOSING_X = 330.0
_TITLE, _SEAL, _OFFICE = Style(13, BOLD), Style(12.5, BOLD, RED), Style(10, BOLD, RED)
_ISSUER, _VALUE, _LABEL = Style(8.5, colour=GREY), Style(8.5), Style(7.5, BOLD)
_HEADING, _TOTAL, _CEDIBLE = Style(8.5, BOLD), Style(10.5, BOLD), Style(12, BOLD)
_SMALL, _LAW = Style(7.5), Style(6.3, colour=GREY)
_ACUSE = (
    "El acuse de recibo que se declara en este acto, de acuerdo a lo dispuesto en la letra b) del Art. 4°, "
    "y la letra c) del Art. 5° de la Ley 19.983, acredita que la entrega de mercaderías o servicio(s) "
    "prestado(s) ha(n) sido recibido(s)."
)


def draw_heading(ink: Ink, emitido: Emitido) -> float:
    """The issuer at the left, the SII's red box at the right."""
    return min(_issuer(ink, emitido.documento), _box(ink, emitido)) - 12


def _issuer(ink: Ink, documento: Documento) -> float:
    emisor = documento.emisor
    width, y = RIGHT - _BOX_WIDTH - LEFT - 22, TOP - 14
    for line in wrap(emisor.razon_social.upper(), width, _TITLE):
        ink.text(LEFT, y, line, _TITLE)
        y -= 16
    place = ", ".join(filter(None, [emisor.direccion, emisor.comuna, emisor.ciudad]))
    contact = " · ".join(filter(None, [emisor.telefono, emisor.correo]))
    for text in (f"Giro: {emisor.giro}", place, contact):
        for line in wrap(text, width, _ISSUER):
            ink.text(LEFT, y, line, _ISSUER)
            y -= 11.5
    return y


def _box(ink: Ink, emitido: Emitido) -> float:
    """Between 1.5 x 5.5 and 4 x 8 cm, capitals of at least 10 points, its line between 0.5 and 1 mm."""
    documento = emitido.documento
    name = wrap(NOMBRES[documento.tipo].upper(), _BOX_WIDTH - 16, _SEAL)
    height = 60.0 + 15 * len(name)
    middle, y = RIGHT - _BOX_WIDTH / 2, TOP - 22
    ink.box(RIGHT - _BOX_WIDTH, TOP - height, _BOX_WIDTH, height, SEAL)
    ink.centre(middle, y, f"R.U.T.: {with_dots(documento.emisor.rut)}", _SEAL)
    for row, line in enumerate(name):
        ink.centre(middle, y - 20 - 15 * row, line, _SEAL)
    ink.centre(middle, TOP - height + 13, f"N° {emitido.folio}", _SEAL)
    ink.centre(middle, TOP - height - 15, f"S.I.I. - {sii_office(documento.emisor.comuna)}", _OFFICE)
    return TOP - height - 18


@dataclass(frozen=True, slots=True)
class _Column:
    """Labels at ``x``, their values ``indent`` points on, wrapped at ``width``."""

    x: float
    indent: float
    width: float

    def draw(self, ink: Ink, pairs: Sequence[tuple[str, str]], y: float) -> float:
        for label, value in pairs:
            lines = wrap(value, self.width, _VALUE)
            for step, line in enumerate(lines):
                if step == 0:
                    ink.text(self.x, y, label, _LABEL)
                ink.text(self.x + self.indent, y, line, _VALUE)
                y -= 11.5
        return y


_RECEIVER = _Column(LEFT + 6, 62, 284)
_TERMS = _Column(WIDTH - 214, 64, 108)


def draw_receiver(ink: Ink, documento: Documento, y: float) -> float:
    """The receiver, with the date and the terms of payment beside it."""
    receptor = documento.receptor
    pairs = [
        ("Señor(es)", receptor.razon_social),
        ("R.U.T.", with_dots(receptor.rut)),
        ("Giro", receptor.giro),
        ("Dirección", receptor.direccion),
        ("Comuna", receptor.comuna),
        ("Ciudad", receptor.ciudad),
        ("Contacto", " · ".join(filter(None, [receptor.contacto, receptor.correo]))),
    ]
    ends = _RECEIVER.draw(ink, pairs, y - 13), _TERMS.draw(ink, _terms(documento), y - 13)
    end = min(ends) + 3
    ink.box(LEFT, end, RIGHT - LEFT, y - end)
    return end - 8


def _terms(documento: Documento) -> list[tuple[str, str]]:
    due, payment = documento.fecha_vencimiento, documento.forma_pago
    return [
        ("Fecha emisión", long_date(documento.fecha_emision)),
        ("Forma de pago", PAYMENT[payment] if payment else ""),
        ("Vencimiento", short_date(due) if due else ""),
    ]


def draw_closing(ink: Ink, emitido: Emitido, resolucion: Resolucion, *, cedible: bool) -> None:
    """Totals, receipt and stamp, at the foot of the last page."""
    y = _totals(ink, emitido, BOTTOM + CLOSING - 4)
    _receipt(ink, y - 8)
    _stamp(ink, emitido.ted, resolucion)
    if cedible:
        ink.right(RIGHT, BOTTOM + 6, "CEDIBLE", _CEDIBLE)


def _totals(ink: Ink, emitido: Emitido, top: float) -> float:
    y = top
    for label, amount in _total_rows(emitido):
        y -= 14
        ink.text(_CLOSING_X + 8, y + 4, label, _VALUE)
        ink.right(RIGHT - 8, y + 4, f"$ {pesos(amount)}", _VALUE)
    y -= 18
    ink.band(_CLOSING_X, y, RIGHT - _CLOSING_X, 18)
    ink.text(_CLOSING_X + 8, y + 5, "Total", _TOTAL)
    ink.right(RIGHT - 8, y + 5, f"$ {pesos(emitido.totales.total)}", _TOTAL)
    ink.box(_CLOSING_X, y, RIGHT - _CLOSING_X, top - y)
    return y


def _total_rows(emitido: Emitido) -> Iterator[tuple[str, Decimal]]:
    """What adds up to the total; an exempt document shows nothing but the exempt amount."""
    totales = emitido.totales
    if totales.tasa_iva is None:
        yield "Exento", totales.exento
        return
    yield "Monto neto", totales.neto
    if totales.exento:
        yield "Exento", totales.exento
    yield f"I.V.A. {number(totales.tasa_iva)}%", totales.iva


def _receipt(ink: Ink, y: float) -> None:
    width, height = RIGHT - _CLOSING_X, 106.0
    ink.box(_CLOSING_X, y - height, width, height)
    ink.centre(_CLOSING_X + width / 2, y - 12, "Acuse de Recibo", _HEADING)
    half = width / 2
    blanks = (("Nombre", 0, 0.0, width), ("R.U.T.", 1, 0.0, half), ("Fecha", 1, half, half))
    for label, row, x, room in (*blanks, ("Recinto", 2, 0.0, half), ("Firma", 2, half, half)):
        base = y - 29 - 18 * row
        ink.text(_CLOSING_X + x + 8, base, label, _SMALL)
        ink.rule(_CLOSING_X + x + 42, base - 1.5, room - 50, BLANK)
    for row, line in enumerate(wrap(_ACUSE, width - 16, _LAW)):
        ink.text(_CLOSING_X + 8, y - 82 - 7.5 * row, line, _LAW)


def _stamp(ink: Ink, ted: str, resolucion: Resolucion) -> None:
    """At the foot, two centimetres from the left edge at least, with its two lines under it."""
    barcode = encode(ted)
    width, height = barcode.width * _MODULE, barcode.rows * 3 * _MODULE
    y, middle = BOTTOM + 26, _STAMP_X + width / 2
    ink.symbol(barcode, _STAMP_X, y, width, height)
    ink.centre(middle, y - 11, "Timbre Electrónico SII", _LABEL)
    legend = f"Res. {resolucion.numero} de {resolucion.fecha.year} - Verifique documento: www.sii.cl"
    ink.centre(middle, y - 21, legend, _SMALL)
