"""References and detail lines as rows, and on which page each row goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from timbre.dte.codes import TipoDte
from timbre.dte.document import Detalle, Referencia
from timbre.dte.totals import Monto
from timbre.pdf.ink import BOLD, GREY, WIDTH, Ink, Style, wrap
from timbre.pdf.reading import Emitido
from timbre.pdf.words import number, pesos, reference_action, reference_name, short_date

LEFT, RIGHT = 36.0, WIDTH - 36.0
HEAD = 20.0
_NAME_X, _NAME_WIDTH = 104.0, 214.0
_QUANTITY, _UNIT, _PRICE, _DISCOUNT = 368.0, 374.0, 462.0, 502.0
_QUANTITY_WIDTH, _PRICE_WIDTH, _AMOUNT_WIDTH = 46.0, 66.0, 64.0
_BODY, _SMALL, _NOTE, _LABEL = Style(8), Style(7), Style(7, colour=GREY), Style(7.5, BOLD)
_LINE, _SMALL_LINE = 10.0, 8.5


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """A reference in words, wrapped. The first says what the rows are."""

    lines: list[str]
    first: bool

    @property
    def height(self) -> float:
        return _LINE * len(self.lines) + 2

    def draw(self, ink: Ink, y: float) -> None:
        if self.first:
            ink.text(LEFT + 4, y - 7, "Referencias", _LABEL)
        for step, text in enumerate(self.lines):
            ink.text(_NAME_X, y - 7 - _LINE * step, text, _BODY)


@dataclass(frozen=True, slots=True)
class DetailRow:
    """A line of detail, wrapped; ``height`` is that of its longest column."""

    detalle: Detalle
    monto: Monto
    code: list[str]
    name: list[str]
    description: list[str]
    mark: str

    @property
    def height(self) -> float:
        texts = _LINE * len(self.name) + _SMALL_LINE * len(self.description)
        return max(texts, _SMALL_LINE * len(self.code), 2 * _LINE if self.mark else _LINE) + 5

    def draw(self, ink: Ink, y: float) -> None:
        base = y - 10
        self._draw_texts(ink, base)
        ink.figure(_QUANTITY, base, _figure(self.detalle.cantidad), _BODY, _QUANTITY_WIDTH)
        ink.text(_UNIT, base, self.detalle.unidad, _BODY)
        ink.figure(_PRICE, base, _figure(self.detalle.precio), _BODY, _PRICE_WIDTH)
        ink.right(_DISCOUNT, base, _figure(self.detalle.descuento_pct or None), _BODY)
        ink.figure(RIGHT - 4, base, pesos(self.monto.monto), _BODY, _AMOUNT_WIDTH)
        ink.right(RIGHT - 4, base - 8, self.mark, _NOTE)
        ink.rule(LEFT, y - self.height, RIGHT - LEFT)

    def _draw_texts(self, ink: Ink, base: float) -> None:
        below = base - _LINE * len(self.name) + 0.5
        for step, text in enumerate(self.code):
            ink.text(LEFT + 4, base - _SMALL_LINE * step, text, _SMALL)
        for step, text in enumerate(self.name):
            ink.text(_NAME_X, base - _LINE * step, text, _BODY)
        for step, text in enumerate(self.description):
            ink.text(_NAME_X, below - _SMALL_LINE * step, text, _NOTE)


Row = ReferenceRow | DetailRow


def make_rows(emitido: Emitido) -> list[Row]:
    """The references, then the detail lines; exempt ones are marked where others are not."""
    documento = emitido.documento
    pairs = zip(documento.detalles, emitido.totales.lineas, strict=True)
    mark = "" if documento.tipo is TipoDte.FACTURA_EXENTA else "exento"
    return [
        *(_reference(reference, first=n == 0) for n, reference in enumerate(documento.referencias)),
        *(_detail(detalle, monto, mark if detalle.exencion == 1 else "") for detalle, monto in pairs),
    ]


def paginate(rows: Sequence[Row], first: float, middle: float, last: float) -> list[list[Row]]:
    """The rows of each page. ``first`` and ``middle`` are the heights for rows on the first and other pages.

    The last page keeps ``last`` points of its height for totals and stamp; a row moves there with them, so
    that no page has totals alone.
    """
    pages: list[list[Row]] = [[]]
    room = first
    for row in rows:
        if row.height > room:
            pages.append([])
            room = middle
        pages[-1].append(row)
        room -= row.height
    return pages if room >= last else [*pages[:-1], pages[-1][:-1], pages[-1][-1:]]


def draw_head(ink: Ink, y: float) -> None:
    """The detail's head, its upper edge at ``y``."""
    ink.band(LEFT, y - 18, RIGHT - LEFT, 16)
    base = y - 13
    ink.text(LEFT + 4, base, "Código", _LABEL)
    ink.text(_NAME_X, base, "Descripción", _LABEL)
    ink.right(_QUANTITY, base, "Cantidad", _LABEL)
    ink.text(_UNIT, base, "Un.", _LABEL)
    ink.right(_PRICE, base, "Precio", _LABEL)
    ink.right(_DISCOUNT, base, "% Desc.", _LABEL)
    ink.right(RIGHT - 4, base, "Valor", _LABEL)


def _reference(reference: Referencia, *, first: bool) -> ReferenceRow:
    reason = " · ".join(filter(None, [reference_action(reference.codigo), reference.razon]))
    text = f"{reference_name(reference.tipo)} N° {reference.folio} del {short_date(reference.fecha)}"
    return ReferenceRow(wrap(f"{text}: {reason}" if reason else text, RIGHT - _NAME_X, _BODY), first)


def _detail(detalle: Detalle, monto: Monto, mark: str) -> DetailRow:
    code = wrap(detalle.codigo, _NAME_X - LEFT - 10, _SMALL)
    name = wrap(detalle.nombre, _NAME_WIDTH, _BODY)
    description = wrap(detalle.descripcion, _NAME_WIDTH, _NOTE)
    return DetailRow(detalle, monto, code, name, description, mark)


def _figure(value: Decimal | None) -> str:
    return "" if value is None else number(value)
