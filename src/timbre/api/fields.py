"""The leaves of what the API reads: each checks a shape and says in Spanish what is wrong with it.

A value that passes is JSON again: texts are Latin-1 on one line, RUTs canonical (``76543210-3``), days
``YYYY-MM-DD``, instants ISO 8601 in UTC, and numbers decimal texts (``"1990.5"``) of exactly the value that
was written.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from timbre.dte.codes import NOMBRES, FormaPago, TipoDte
from timbre.dte.errors import InvalidRut, NotLatin1
from timbre.dte.rut import parse_rut, with_hyphen
from timbre.dte.text import to_latin1

STRICT = ConfigDict(extra="forbid")
MAX_JSON_PARAM = 16_384
_MAX_TEXT = 4_000
_MAX_NUMBER = 40
_LONGEST_NUMBER = 100
"""Characters of a text that holds a number, zeros and blanks among them."""
_MAX_EXTERNAL_ID = 128
_MAX_ADDITIONAL_INFO = 1_000
_HUGE = 10**300
"""Beyond it a number is no longer one for those who read JSON with binary floating point."""
_WRITTEN = re.compile(r"\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", re.ASCII).fullmatch
"""A number in a text: other digits than ours, and what Python lets stand between them, are none."""
_GROUPED = re.compile(r"\s*[+-]?[1-9][0-9]{0,2}\.[0-9]{3}\s*", re.ASCII).fullmatch
_TYPES = ", ".join(str(tipo.value) for tipo in TipoDte)
_OTHER_CODES = {
    "43": "las liquidaciones-factura no se ofrecen",
    "80": "las boletas de honorarios no se ofrecen",
    "90": "las boletas de honorarios de terceros no se ofrecen",
}
"""Types of the contract and of the SII that are no TipoDte of ours."""


def wrong(code: str, message: str) -> PydanticCustomError:
    """A fault with its own code and its whole message."""
    return PydanticCustomError(code, "{message}", {"message": message})


def read_text(value: Any) -> str:
    if type(value) is not str:
        raise wrong("parameter_invalid", "Debe ser un texto.")
    if len(value) > _MAX_TEXT:
        raise wrong("field_too_long", f"Tiene {len(value)} caracteres; el máximo es {_MAX_TEXT}.")
    try:
        return to_latin1(value)
    except NotLatin1 as error:
        raise wrong(
            "text_not_latin1",
            f"Tiene caracteres que el SII no admite: {error.characters}. Quítalos o reemplázalos.",
        ) from None


def read_text_or_number(value: Any) -> str:
    return str(value) if type(value) is int else read_text(value)


def _rut(value: Any) -> str:
    if type(value) is not str:
        raise wrong("invalid_rut", "El RUT debe ser un texto como 76543210-3.")
    return _checked_rut(value[:40])


def _loose_rut(value: Any) -> str:
    """As people type it: the hyphen, too, may be missing."""
    return _rut(with_hyphen(value) if type(value) is str else value)


@lru_cache(maxsize=4096)
def _checked_rut(value: str) -> str:
    try:
        return parse_rut(value)
    except InvalidRut as error:
        raise wrong("invalid_rut", str(error)) from None


def _day(value: Any) -> str:
    try:
        # fromisoformat takes other spellings too (20260314, 2026-W11-6).
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        day = None
    if day is None or day.isoformat() != value:
        raise wrong("parameter_invalid", "Debe ser una fecha como 2026-03-14.")
    return str(value)


def _instant(value: Any) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    # Years at the ends of the calendar overflow when they change zone.
    if moment is None or moment.tzinfo is None or not 2000 <= moment.year < 3000:
        raise wrong(
            "parameter_invalid", "Debe ser un instante con su zona horaria, como 2026-03-14T12:30:00Z."
        )
    return moment.astimezone(UTC).isoformat()


def _number(value: Any) -> str:
    """The decimal text of a JSON number, or of a text that holds one; never in exponential form."""
    number = _decimal(value)
    # A short text may stand for a number of a billion digits: look before writing it out.
    if (
        number is None
        or not number.is_finite()
        or number.adjusted() > _MAX_NUMBER
        or _exponent(number) < -_MAX_NUMBER
    ):
        raise wrong("invalid_number", "Debe ser un número, con punto decimal y sin separador de miles.")
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _money(value: Any) -> str:
    """A number that may not be read two ways: "12.500" is twelve thousand to who wrote it in Chile."""
    if type(value) is str and _GROUPED(value):
        value = value.strip()
        thousands, decimals = value.replace(".", ""), value.replace(".", ",")
        raise wrong(
            "invalid_number",
            f"«{value}» se puede leer como {thousands} o como {decimals}: escribe los montos sin separador "
            "de miles y, si tienen decimales, como número sin comillas.",
        )
    return _number(value)


def _decimal(value: Any) -> Decimal | None:
    if type(value) not in {int, Decimal, str}:
        return None
    if type(value) is str and (len(value) > _LONGEST_NUMBER or not _WRITTEN(value)):
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


def _exponent(number: Decimal) -> int:
    return int(number.as_tuple().exponent)


def _tipo(value: Any) -> str:
    code = str(value) if type(value) in {str, int} else ""
    if code.isascii() and code.isdigit() and int(code[:4]) in set(TipoDte):
        return str(int(code))
    if code in _OTHER_CODES:
        raise wrong("dte_type_not_available", f"{code}: {_OTHER_CODES[code]}. Usa uno de {_TYPES}.")
    raise wrong("parameter_invalid", f"«{code[:20]}» no es un tipo de DTE: usa uno de {_TYPES}.")


def _payment(value: Any) -> str:
    if type(value) in {str, int} and str(value) in {str(each.value) for each in FormaPago}:
        return str(value)
    raise wrong("parameter_invalid", 'Debe ser "1" (contado), "2" (crédito) o "3" (sin costo).')


def _external_id(value: Any) -> str:
    if type(value) is not str or not value.strip():
        raise wrong("parameter_invalid", "Debe ser un texto con tu propio identificador del documento.")
    if len(value) > _MAX_EXTERNAL_ID:
        raise wrong("field_too_long", f"Tiene {len(value)} caracteres; el máximo es {_MAX_EXTERNAL_ID}.")
    return value


def _additional_info(value: Any) -> str:
    text = read_text(value)
    if len(text) > _MAX_ADDITIONAL_INFO:
        raise wrong("field_too_long", f"Tiene {len(text)} caracteres; el máximo es {_MAX_ADDITIONAL_INFO}.")
    return text


def _json_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong("parameter_invalid", "Debe ser un objeto JSON.")
    if not all(-_HUGE < number < _HUGE for number in _numbers_in(value)):
        raise wrong("parameter_invalid", "Trae un número demasiado grande: envíalo como texto.")
    text = json.dumps(value, default=float)
    if len(text) > MAX_JSON_PARAM:
        raise wrong("field_too_long", f"Pesa {len(text)} bytes; el máximo es {MAX_JSON_PARAM}.")
    return dict(json.loads(text))


def _numbers_in(value: Any) -> Iterator[int | Decimal]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _numbers_in(each)
    elif isinstance(value, int | Decimal):
        yield value


def _not_offered(_: Any) -> None:
    raise wrong("not_available", "Este campo no se ofrece todavía; quítalo. Nada se acepta para ignorarlo.")


def _nothing(value: Any) -> None:
    """Null, false and empty ask for nothing, so they may be there."""
    if value not in (None, False, [], {}, ""):
        _not_offered(value)


def _listed(value: Any) -> Any:
    """``33,34`` of a query is a list; a repeated parameter is one already."""
    values = value if isinstance(value, list) else [value]
    return [part.strip() for each in values for part in str(each).split(",") if part.strip()]


Text = Annotated[str, PlainValidator(read_text), WithJsonSchema({"type": "string"})]
TextOrNumber = Annotated[
    str, PlainValidator(read_text_or_number), WithJsonSchema({"type": ["string", "integer"]})
]
RutText = Annotated[str, PlainValidator(_rut), WithJsonSchema({"type": "string", "examples": ["76543210-3"]})]
LooseRut = Annotated[
    str, PlainValidator(_loose_rut), WithJsonSchema({"type": "string", "examples": ["76543210-3"]})
]
Day = Annotated[str, PlainValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Number = Annotated[str, PlainValidator(_number), WithJsonSchema({"type": ["number", "string"]})]
Money = Annotated[str, PlainValidator(_money), WithJsonSchema({"type": ["number", "string"]})]
Instant = Annotated[str, PlainValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})]
Tipo = Annotated[
    str,
    PlainValidator(_tipo),
    WithJsonSchema(
        {
            "type": "string",
            "enum": [str(tipo.value) for tipo in TipoDte],
            "description": "; ".join(f"{tipo:d} {name}" for tipo, name in NOMBRES.items()),
        }
    ),
]
Payment = Annotated[
    str, PlainValidator(_payment), WithJsonSchema({"type": "string", "enum": ["1", "2", "3"]})
]
ExternalId = Annotated[
    str, PlainValidator(_external_id), WithJsonSchema({"type": "string", "maxLength": _MAX_EXTERNAL_ID})
]
AdditionalInfo = Annotated[
    str,
    PlainValidator(_additional_info),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": _MAX_ADDITIONAL_INFO,
            "description": "Se devuelve; no va en el DTE ni se imprime.",
        }
    ),
]
JsonObject = Annotated[dict[str, Any], PlainValidator(_json_object), WithJsonSchema({"type": "object"})]
NotOffered = Annotated[
    None, PlainValidator(_nothing), WithJsonSchema({"type": "null", "description": "No se ofrece todavía."})
]
Secret = Annotated[str, Field(min_length=1, max_length=200, json_schema_extra={"format": "password"})]
Listed = Annotated[list[str], BeforeValidator(_listed)]
Counting = Annotated[int, WithJsonSchema({"type": "integer", "minimum": 1})]
"""1 or more. Whoever reads it refuses less; here it is only told."""
UnofferedFilter = Annotated[str, WithJsonSchema({"type": "null"})]
"""A filter of the published API that is refused by name; the OpenAPI leaves it out."""


def told_as(**schema: Any) -> WithJsonSchema:
    """How a text that is judged elsewhere stands in the OpenAPI."""
    return WithJsonSchema({"type": "string"} | schema)


def items_told_as(**schema: Any) -> WithJsonSchema:
    """The same for each text of a list."""
    return WithJsonSchema({"type": "array", "items": {"type": "string"} | schema})
