"""What pydantic finds, in Spanish: built from the kind of error, never from its English text."""

from collections.abc import Mapping
from typing import Any

_KINDS = {
    "dict_type": "debe ser un objeto JSON",
    "list_type": "debe ser una lista",
    "bool_type": "debe ser true o false",
    "bool_parsing": "debe ser true o false",
    "int_type": "debe ser un número entero",
    "int_parsing": "debe ser un número entero",
    "int_parsing_size": "es un número demasiado grande",
    "int_from_float": "debe ser un número entero",
    "string_type": "debe ser un texto",
    "string_unicode": "debe ser un texto Unicode válido",
}


def explain(fault: Mapping[str, Any], path: str, meant: str | None) -> str:
    """One sentence: which field, what is wrong with it, what to do."""
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "extra_forbidden":
        question = f" ¿Quisiste decir «{meant}»?" if meant else " Revisa el nombre o quítalo."
        return f"El campo «{path}» no existe.{question}"
    if kind == "missing":
        return f"Falta «{path}»."
    if "message" in context:
        return f"«{path}»: {context['message']}" if path else str(context["message"])
    return f"«{path}» {_KINDS.get(kind) or _bounded(kind, context)}."


def _bounded(kind: str, context: Mapping[str, Any]) -> str:
    """Of a text or a list that is too short: the least anywhere is 1."""
    bounds = {
        "greater_than_equal": f"debe ser {context.get('ge')} o más",
        "less_than_equal": f"debe ser {context.get('le')} o menos",
        "literal_error": f"debe ser {context.get('expected', '').replace(' or ', ' o ')}",
        "string_too_short": "no puede ir vacío",
        "string_too_long": f"debe tener a lo más {context.get('max_length')} caracteres",
        "too_short": "no puede ir vacía",
        "too_long": f"debe tener a lo más {context.get('max_length')} elementos",
    }
    return bounds.get(kind, "no tiene un valor válido")
