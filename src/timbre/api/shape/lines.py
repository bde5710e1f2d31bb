"""The shapes of lines, global adjustments and references."""

from typing import Annotated, Any, Literal, Required

from pydantic import Field
from typing_extensions import TypedDict

from timbre.api.fields import STRICT, Day, Money, Number, RutText, Text, TextOrNumber, wrong
from timbre.api.shape.codes import Leaf, counted, moment, one_of, short

EXENCIONES = {
    "1": "exenta",
    "2": "no facturable",
    "3": "garantía de envases",
    "4": "no es venta (guías)",
    "5": "por rebajar (guías)",
    "6": "no facturable negativa",
}
ESPECTACULOS = {"01": "entrada por venta de terceros", "02": "otro ítem del espectáculo"}
CORRECCIONES = {"1": "anula", "2": "corrige texto", "3": "corrige montos"}
_MOST_DIGITS_OF_A_TAX = 3


def _tax(value: Any) -> str:
    code = str(value) if type(value) in {str, int} else ""
    if not (code.isascii() and code.isdigit() and len(code) <= _MOST_DIGITS_OF_A_TAX):
        raise wrong("invalid_code", "Debe ser el código del SII de un impuesto, como 27 o «271».")
    return str(int(code))


Impuesto = Annotated[
    str,
    Leaf(
        _tax,
        {"type": ["string", "integer"], "description": "Código del SII del impuesto adicional o retención."},
    ),
]


class Ticket(TypedDict, total=False):
    """La entrada a un espectáculo que se vende por cuenta de otro (boletas). Horas de Chile, sin zona."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    ticket_folio: Required[Annotated[int, counted(1, digits=6)]]
    generated_at: Required[Annotated[str, moment()]]
    event_name: Required[Annotated[str, short(80)]]
    ticket_type: Required[Annotated[str, short(10)]]
    event_code: Required[Annotated[str, short(5)]]
    event_datetime: Required[Annotated[str, moment()]]
    event_place: Required[Annotated[str, short(80)]]
    event_location: Required[Annotated[str, short(20)]]
    row: Annotated[str, short(3)] | None
    seat: Annotated[str, short(3)] | None


class Line(TypedDict, total=False):
    """Una línea, con precio neto (unit_price) o con IVA (gross_unit_price): uno de los dos en todas.

    El precio puede faltar o ser 0 en guías y en notas que corrigen texto; en estas, también la cantidad.
    """

    __pydantic_config__ = STRICT  # type: ignore[misc]
    item_name: Required[Text]
    quantity: Number | None
    unit_price: Money | None
    gross_unit_price: Money | None
    item_description: Text | None
    item_code: TextOrNumber | None
    item_type_code: TextOrNumber | None
    unit: Text | None
    discount_percent: Number | None
    discount_amount: Money | None
    surcharge_percent: Number | None
    surcharge_amount: Money | None
    is_exempt: bool | None
    exempt_indicator: Annotated[str, one_of(EXENCIONES)] | None
    other_tax: Impuesto | None
    withholding_agent: bool | None
    line_number: int | None
    item_total: Money | None
    show_item_type: Annotated[str, one_of(ESPECTACULOS)] | None
    ticket: Ticket | None


class GlobalAdjustment(TypedDict, total=False):
    """Un descuento o recargo sobre el total: un porcentaje (percent) o un monto (amount), no ambos."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    kind: Required[Literal["discount", "surcharge"]]
    percent: Number | None
    amount: Money | None
    applies_to: (
        Annotated[Literal["affected", "exempt", "not_billable"], Field(description="affected si no se dice.")]
        | None
    )
    description: Text | None


_Global = TypedDict("_Global", {"global": bool | None}, total=False)
"""IndGlobal by its name, which is a word of Python's."""


class Reference(_Global, total=False):
    """Otro documento al que este se refiere.

    correction_code puede faltar si reference_reason es ANULA DOCUMENTO DE LA REFERENCIA: entonces es 1.
    """

    __pydantic_config__ = STRICT  # type: ignore[misc]
    dte_type_code: Required[TextOrNumber]
    reference_folio: Required[TextOrNumber]
    reference_date: Required[Day]
    reference_reason: Text | None
    correction_code: Annotated[str, one_of(CORRECCIONES)] | None
    other_rut: RutText | None
