"""The parts of the printed copy, after the SII's Manual de muestras impresas (sii-protocols 2.4).

Each is drawn down from an upper edge and answers where it ended.
"""

from collections.abc import Iterator

from timbre.dte.codes import NOMBRES, TipoDte
from timbre.dte.comunas import sii_office
from timbre.dte.document import Documento, Resolucion
from timbre.dte.rut import with_dots
from timbre.pdf.barcode import encode
from timbre.pdf.ink import BLACK, BOLD, GREY, HEIGHT, RED, WIDTH, Ink, wrap
from timbre.pdf.reading import Emitido
from timbre.pdf.table import LEFT, RIGHT
from timbre.pdf.words import (
    PAYMENT,
    long_date,
    number,
    pesos,
    reference_action,
    reference_name,
    short_date,
)

CM = 72 / 2.54
TOP, BOTTOM = HEIGHT - 36.0, 40.0
CLOSING = 226.0
"""Points at the foot of the last page for totals, receipt and stamp."""
_BOX_WIDTH = 7.4 * CM
_MODULE = 0.022 * CM
_STAMP_X = 2.1 * CM
_CLOSING_X = 330.0
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
    for line in wrap(emisor.razon_social.upper(), width, 13, BOLD):
        ink.text(LEFT, y, line, 13, BOLD)
        y -= 16
    place = ", ".join(filter(None, [emisor.direccion, emisor.comuna, emisor.ciudad]))
    contact = " · ".join(filter(None, [emisor.telefono, emisor.correo]))
    for text in (f"Giro: {emisor.giro}", place, contact):
        for line in wrap(text, width, 8.5):
            ink.text(LEFT, y, line, 8.5, colour=GREY)
            y -= 11.5
    return y


def _box(ink: Ink, emitido: Emitido) -> float:
    documento = emitido.documento
    name = wrap(NOMBRES[documento.tipo].upper(), _BOX_WIDTH - 16, 12.5, BOLD)
    height = 58.0 + 15 * len(name)
    x, middle, y = RIGHT - _BOX_WIDTH, RIGHT - _BOX_WIDTH / 2, TOP - 22
    ink.box(x, TOP - height, _BOX_WIDTH, height, 2, RED)
    rows = [f"R.U.T.: {with_dots(documento.emisor.rut)}", *name, f"N° {emitido.folio}"]
    for row, text in enumerate(rows):
        gap = 5 if row in {0, len(rows) - 2} else 0
        ink.centre(middle, y, text, 12.5, BOLD, RED)
        y -= 15 + gap
    office = f"S.I.I. - {sii_office(documento.emisor.comuna)}"
    ink.centre(middle, TOP - height - 15, office, 10, BOLD, RED)
    return TOP - height - 18


def draw_receiver(ink: Ink, documento: Documento, y: float) -> float:
    """The receiver, with the date and the terms of payment beside it."""
    receptor, left, right = documento.receptor, LEFT + 72, WIDTH - 180
    pairs = [
        ("Señor(es)", receptor.razon_social),
        ("R.U.T.", with_dots(receptor.rut)),
        ("Giro", receptor.giro),
        ("Dirección", receptor.direccion),
        ("Comuna", " · ".join(filter(None, [receptor.comuna, receptor.ciudad]))),
        ("Contacto", " · ".join(filter(None, [receptor.contacto, receptor.correo]))),
    ]
    ends = _pairs(ink, pairs, LEFT + 6, left, right - left - 14, y)
    end = min(ends, _pairs(ink, _terms(documento), right, right + 68, RIGHT - right - 74, y)) - 2
    ink.box(LEFT, end, RIGHT - LEFT, y - end)
    return end - 10


def _terms(documento: Documento) -> list[tuple[str, str]]:
    due = documento.fecha_vencimiento
    return [
        ("Fecha emisión", long_date(documento.fecha_emision)),
        ("Forma de pago", PAYMENT[documento.forma_pago] if documento.forma_pago else ""),
        ("Vencimiento", short_date(due) if due else ""),
    ]


def _pairs(ink: Ink, pairs: list[tuple[str, str]], x: float, value_x: float, width: float, y: float) -> float:
    y -= 13
    for label, value in pairs:
        lines = wrap(value, width, 8.5)
        for step, line in enumerate(lines):
            if step == 0:
                ink.text(x, y, label, 7.5, BOLD)
            ink.text(value_x, y, line, 8.5)
            y -= 11.5
    return y + 5


def draw_references(ink: Ink, documento: Documento, y: float) -> float:
    """Each reference in words, one a line."""
    if not documento.referencias:
        return y
    ink.text(LEFT, y - 7, "Referencias", 7.5, BOLD)
    for row, reference in enumerate(documento.referencias):
        action = reference_action(reference.codigo)
        reason = " · ".join(filter(None, [action, reference.razon]))
        named = f"{reference_name(reference.tipo)} N° {reference.folio} del {short_date(reference.fecha)}"
        text = wrap(f"{named}: {reason}" if reason else named, RIGHT - LEFT - 74, 7.5)
        ink.text(LEFT + 72, y - 7 - 10 * row, text[0], 7.5)
    return y - 10 * len(documento.referencias) - 6


def draw_closing(ink: Ink, emitido: Emitido, resolucion: Resolucion, *, cedible: bool) -> None:
    """Totals, receipt and stamp, at the foot of the last page."""
    y = _totals(ink, emitido, BOTTOM + CLOSING - 4)
    _receipt(ink, y - 8)
    _stamp(ink, emitido.ted, resolucion)
    if cedible:
        ink.right(RIGHT, BOTTOM + 6, "CEDIBLE", 12, BOLD)


def _totals(ink: Ink, emitido: Emitido, y: float) -> float:
    top, rows = y, list(_total_rows(emitido))
    for row, (label, amount) in enumerate(rows):
        last = row == len(rows) - 1
        size, font = (10.5, BOLD) if last else (8.5, "Helvetica")
        if last:
            ink.band(_CLOSING_X, y - 18, RIGHT - _CLOSING_X, 18)
        y -= 17 if last else 14
        ink.text(_CLOSING_X + 8, y + 4, label, size, font)
        ink.right(RIGHT - 8, y + 4, f"$ {pesos(amount)}", size, font)
    ink.box(_CLOSING_X, y - 1, RIGHT - _CLOSING_X, top - y + 1)
    return y


def _total_rows(emitido: Emitido) -> Iterator[tuple[str, int]]:
    totales = emitido.totales
    if totales.tasa_iva is None:
        yield "Exento", totales.exento
    else:
        yield "Monto neto", totales.neto
        if totales.exento:
            yield "Exento", totales.exento
        yield f"I.V.A. {number(totales.tasa_iva)}%", totales.iva
    yield "Total", totales.total


def _receipt(ink: Ink, y: float) -> None:
    width, height = RIGHT - _CLOSING_X, 114.0
    ink.box(_CLOSING_X, y - height, width, height)
    ink.centre(_CLOSING_X + width / 2, y - 12, "Acuse de Recibo", 8.5, BOLD)
    half = width / 2
    blanks = [("Nombre", 0, width), ("R.U.T.", 0, half), ("Fecha", half, half)]
    blanks += [("Recinto", 0, half), ("Firma", half, half)]
    for (label, x, room), row in zip(blanks, (0, 1, 1, 2, 2), strict=True):
        base = y - 29 - 18 * row
        ink.text(_CLOSING_X + x + 8, base, label, 7.5)
        ink.rule(_CLOSING_X + x + 42, base - 1.5, room - 50, BLACK)
    for row, line in enumerate(wrap(_ACUSE, width - 16, 6.3)):
        ink.text(_CLOSING_X + 8, y - 82 - 7.5 * row, line, 6.3, colour=GREY)


def _stamp(ink: Ink, ted: str, resolucion: Resolucion) -> None:
    """Two centimetres from the left edge at least, with its two lines under it."""
    barcode = encode(ted)
    width, height = barcode.width * _MODULE, barcode.rows * 3 * _MODULE
    y, middle = BOTTOM + 26, _STAMP_X + width / 2
    ink.symbol(barcode, _STAMP_X, y, width, height)
    ink.centre(middle, y - 11, "Timbre Electrónico SII", 7.5, BOLD)
    legend = f"Res. {resolucion.numero} de {resolucion.fecha.year} - Verifique documento: www.sii.cl"
    ink.centre(middle, y - 21, legend, 7)


def has_exempt_marks(documento: Documento) -> bool:
    """Whether lines say which are exempt: only where others are not."""
    return documento.tipo is not TipoDte.FACTURA_EXENTA and any(line.exento for line in documento.detalles)
