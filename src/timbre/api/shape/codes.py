"""Leaves that stand for something else: codes of the SII and of the customs, by number or by exact name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from timbre.api.fields import read_text_or_number, wrong
from timbre.dte import customs
from timbre.dte.text import without_accents

_FEW = 12
"""Options that a message names; of more only those that are near."""
_LONGEST = 80
_DIGITS = 18


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """How a value is read, and how it stands in the OpenAPI: metadata of an ``Annotated``."""

    read: Callable[[Any], Any]
    schema: Mapping[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return dict(self.schema)


def coded(table: Callable[[], Mapping[int, str]], what: str, also: Mapping[str, int] | None = None) -> Leaf:
    """A code of a table, by number or by its exact name (case and accents aside) -> the code as text.

    ``also`` are other names in use. A name that is two codes' is refused, and so is what is none's: with what
    is near. ``what`` is Spanish, with its article.
    """
    described = f"Código de {what} de la tabla de Aduana, o su nombre exacto."
    return Leaf(
        lambda value: str(_look_up(value, table(), what, also or {})),
        {"type": ["string", "integer"], "description": described},
    )


def named(table: Callable[[], Mapping[int, str]], what: str) -> Leaf:
    """The name of a code of the table -> as the table writes it."""

    def read(value: Any) -> str:
        if type(value) is not str:
            raise wrong("parameter_invalid", "Debe ser un texto.")
        names = table()
        return names[_look_up(value, names, what, {})]

    return Leaf(read, {"type": "string", "description": f"Nombre de {what} en la tabla de Aduana."})


def one_of(options: Mapping[str, str]) -> Leaf:
    """One of a few codes, as text or number -> the code as text. ``options`` are code -> Spanish words."""
    told = "; ".join(f"{code} {words}".strip() for code, words in options.items())

    def read(value: Any) -> str:
        if type(value) in {str, int} and str(value) in options:
            return str(value)
        raise wrong("invalid_code", f"«{str(value)[:_LONGEST]}» no es ninguno de estos códigos: {told}.")

    return Leaf(read, {"type": "string", "enum": list(options), "description": told})


def counted(least: int = 0, digits: int = _DIGITS) -> Leaf:
    """A whole number of at most ``digits`` digits, as number or text -> the number."""
    most = 10**digits - 1

    def read(value: Any) -> int:
        if _is_whole(value) and least <= int(value) <= most:
            return int(value)
        raise wrong("invalid_number", f"Debe ser un número entero entre {least} y {most}.")

    return Leaf(read, {"type": "integer", "minimum": least, "maximum": most})


def short(most: int, *, empty: bool = True) -> Leaf:
    """A text of at most so many characters; it may say nothing, or has to say something."""

    def read(value: Any) -> str:
        text = read_text_or_number(value)
        if len(text) > most:
            raise wrong("field_too_long", f"Tiene {len(text)} caracteres; el máximo es {most}.")
        if not (empty or text.strip()):
            raise wrong("parameter_invalid", "No puede ir vacío.")
        return text

    return Leaf(read, {"type": "string", "minLength": 0 if empty else 1, "maxLength": most})


def moment() -> Leaf:
    """A time in Chile, without zone: ``2026-03-14T20:30:00``."""

    def read(value: Any) -> str:
        try:
            at = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            at = None
        if at is None or at.tzinfo or not 2010 < at.year <= 2050:
            raise wrong("parameter_invalid", "Debe ser fecha y hora de Chile, como 2026-03-14T20:30:00.")
        return at.isoformat(timespec="seconds")

    return Leaf(read, {"type": "string", "examples": ["2026-03-14T20:30:00"]})


def _is_whole(value: Any) -> bool:
    if type(value) is int:
        return True
    return type(value) is str and value.isascii() and value.isdigit() and len(value) <= 2 * _DIGITS


def _look_up(value: Any, table: Mapping[int, str], what: str, also: Mapping[str, int]) -> int:
    if _is_whole(value):
        if int(value) in table:
            return int(value)
        raise wrong("invalid_code", f"{str(value)[:_LONGEST]} no es el código de {what}.{_all(table)}")
    if type(value) is not str:
        raise wrong("invalid_code", f"Debe ser el código de {what} o su nombre exacto.{_all(table)}")
    wanted = _plain(value)
    found = [code for code, name in table.items() if _plain(name) == wanted]
    found = found or [code for name, code in also.items() if _plain(name) == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        both = " y ".join(map(str, found))
        raise wrong("invalid_code", f"«{value}» es el nombre de {both}: usa el código.")
    message = f"«{value[:_LONGEST]}» no es el nombre de {what}.{_all(table) or _near(wanted, table)}"
    raise wrong("invalid_code", message)


def _all(table: Mapping[int, str]) -> str:
    told = ", ".join(f"{code} {name}" for code, name in table.items())
    return f" Usa uno de: {told}." if len(table) <= _FEW else ""


def _near(wanted: str, table: Mapping[int, str]) -> str:
    plain = {_plain(name): code for code, name in table.items()}
    close = [plain[name] for name in get_close_matches(wanted[:_LONGEST], plain, n=3, cutoff=0.6)]
    told = " o ".join(f"«{table[code]}» ({code})" for code in close)
    return f" ¿Quisiste decir {told}?" if told else " Busca su código en la tabla de Aduana."


def _plain(text: str) -> str:
    return " ".join(without_accents(text).upper().split())


PUERTO = coded(customs.puertos, "un puerto")
NOMBRE_DE_PUERTO = named(customs.puertos, "un puerto")
PAIS = coded(customs.paises, "un país")
MONEDA = coded(customs.monedas, "una moneda", {"USD": 13, "EUR": 142, "CLP": 200, "PESO CHILENO": 200})
UNIDAD = coded(customs.unidades, "una unidad de medida")
BULTO = coded(customs.bultos, "un tipo de bulto")
VIA = coded(customs.vias, "una vía de transporte")
MODALIDAD = coded(customs.modalidades, "una modalidad de venta")
CLAUSULA = coded(customs.clausulas, "una cláusula de venta")
PAGO_DE_EXPORTACION = coded(
    customs.formas_de_pago,
    "una forma de pago de exportación",
    {
        "COB1": 1, "COBRANZA": 2, "ACRED": 11, "CBOF": 12, "S/PAGO": 21, "ANTICIPO": 32,
        "ANT/COB": 50, "ANT/CRED": 60, "S/PAGO/COB": 80,
    },
)  # fmt: skip
