"""The conditions of a search that Django has no single word for."""

from django.db import connection
from django.db.models import F, Func, Q, TextField, Value
from django.db.models.lookups import Exact

from timbre.accounts.errors import Rejection
from timbre.issuing.selecting import MAX_TEXT
from timbre.issuing.spelling import named


def names(name_field: str, rut_field: str, text: str) -> Q:
    """A piece of a name, or the beginning of a RUT. Raises Rejection for a text longer than any name."""
    text = short(text).strip()
    return named(name_field, text) | Q(**{f"{rut_field}__startswith": text.replace(".", "").upper()})


def short(text: str) -> str:
    """The text of a search as it came. Raises Rejection for one longer than any name."""
    if len(text.strip()) > MAX_TEXT:
        message = f"«search» tiene {len(text.strip())} caracteres; el máximo es {MAX_TEXT}."
        raise Rejection("parameter_invalid", message, param="search")
    return text


def own_text(key: str, value: str) -> Q:
    """Documents whose ``json_param`` has this very text under this very key (ASCII letters, digits, ``_``).

    Django's own look-ups would take keys such as ``in``, ``0`` or ``regex`` for something else.
    """
    if connection.vendor != "sqlite":
        return Q(request__contains={"json_param": {key: value}})
    place = F("request"), Value(f'$."json_param"."{key}"')
    kind = Func(*place, function="JSON_TYPE", output_field=TextField())
    text = Func(*place, function="JSON_EXTRACT", output_field=TextField())
    return Q(Exact(kind, Value("text"))) & Q(Exact(text, Value(value)))
