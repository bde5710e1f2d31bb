"""A document before it has a folio: the page it will be, marked as worth nothing, and how its totals came
about, step by step.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from timbre.dte.document import Documento
from timbre.dte.steps import Paso
from timbre.dte.totals import Totales
from timbre.pdf.amounts import Figure
from timbre.pdf.closing import BOTTOM
from timbre.pdf.heading import LEFT, RIGHT
from timbre.pdf.ink import BOLD, Block, Ink, Style, put_lines, wrap
from timbre.pdf.letter import draw_letter, next_page
from timbre.pdf.roll import draw_roll, figure_block, rule_block, text_block
from timbre.pdf.sheet import Formato, Sheet, destination_of
from timbre.pdf.words import amount, number

_WATERMARK = ("VISTA PREVIA", "SIN VALIDEZ")
_STEPS = "Cálculo paso a paso"
_NO_FOLIO = "N° sin asignar"
_FORMULA_X, _EXACT, _AMOUNT = LEFT + 172, RIGHT - 88, RIGHT - 4
_CONCEPT_WIDTH, _FORMULA_WIDTH, _FIGURE_WIDTH = 160.0, 194.0, 76.0
_DECIMALS = 6
_HEAD, _LINE = 40.0, 10.0
_TITLE, _LABEL, _BODY = Style(11, BOLD), Style(7.5, BOLD), Style(8)


def draw_preview(
    documento: Documento,
    totales: Totales,
    pasos: Sequence[Paso],
    *,
    cedible: bool = False,
    formato: Formato = "carta",
    logo: bytes | None = None,
) -> bytes:
    """The PDF of a draft: its page without folio and stamp, then "Cálculo paso a paso".

    Copy and paper are chosen as for ``page.draw``. Every page says across that it is a preview. The same
    arguments give the same bytes. Raises UnfitCopy when the document has no such copy.
    """
    sheet = Sheet(
        documento=documento,
        totales=totales,
        number=_NO_FOLIO,
        watermark=_WATERMARK,
        destination=destination_of(documento) if cedible else "",
        logo=logo,
    )
    if formato == "rollo":
        return draw_roll(sheet, _steps_on_roll(pasos))
    ink = Ink(f"Vista previa: {sheet.title}", documento.emisor.razon_social)
    draw_letter(ink, sheet)
    _draw_steps(ink, sheet, [_step(paso) for paso in pasos])
    return ink.finish()


def _steps_on_roll(pasos: Sequence[Paso]) -> Iterator[Block]:
    yield rule_block()
    yield text_block(_STEPS, _TITLE)
    for paso in pasos:
        yield rule_block()
        yield text_block(paso.concepto, _LABEL)
        yield text_block(paso.formula_bound, _BODY)
        yield figure_block(Figure(f"Exacto: {_exact(paso.exacto)}", amount(paso.monto, paso.moneda)))


def _draw_steps(ink: Ink, sheet: Sheet, steps: Sequence[Block]) -> None:
    """On as many pages as they need."""
    y = BOTTOM
    for step in steps:
        if y - step.height < BOTTOM:
            y = _draw_head(ink, next_page(ink, sheet))
        step.paint(ink, y)
        y -= step.height


def _draw_head(ink: Ink, y: float) -> float:
    ink.text(LEFT, y - 12, _STEPS, _TITLE)
    ink.band(LEFT, y - 36, RIGHT - LEFT, 16)
    ink.text(LEFT + 4, y - 31, "Concepto", _LABEL)
    ink.text(_FORMULA_X, y - 31, "Cómo se calcula", _LABEL)
    ink.right(_EXACT, y - 31, "Exacto", _LABEL)
    ink.right(_AMOUNT, y - 31, "Redondeado", _LABEL)
    return y - _HEAD


def _step(paso: Paso) -> Block:
    concept = wrap(paso.concepto, _CONCEPT_WIDTH, _BODY)
    formula = wrap(paso.formula_bound, _FORMULA_WIDTH, _BODY)
    height = _LINE * max(len(concept), len(formula), 1) + 4

    def paint(ink: Ink, y: float) -> None:
        put_lines(ink, LEFT + 4, y - 8, concept, _BODY, _LINE)
        put_lines(ink, _FORMULA_X, y - 8, formula, _BODY, _LINE)
        ink.figure(_EXACT, y - 8, _exact(paso.exacto), _BODY, _FIGURE_WIDTH)
        ink.figure(_AMOUNT, y - 8, amount(paso.monto, paso.moneda), _BODY, _FIGURE_WIDTH)
        ink.rule(LEFT, y - height, RIGHT - LEFT)

    return Block(height, paint)


def _exact(value: Decimal) -> str:
    """Six decimals say how it was rounded; dots tell that there are more."""
    whole, _, decimals = f"{value:f}".partition(".")
    shown = number(Decimal(f"{whole}.{decimals[:_DECIMALS]}"))
    return shown + ("..." if decimals[_DECIMALS:].strip("0") else "")
