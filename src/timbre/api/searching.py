"""The conditions of a search that Django has no single word for."""

from django.db import connection
from django.db.models import F, Func, Q, TextField, Value
from django.db.models.lookups import Exact

from timbre.accounts.errors import Rejection

MAX_SEARCH = 100
"""Characters; the names searched have no more, and SQLite compares with no pattern over 50,000."""


def names(name_field: str, rut_field: str, text: str) -> Q:
    """A piece of a name, or the beginning of a RUT. Raises Rejection for a text longer than any name.

    SQLite folds ASCII alone: Ñ and Á are tried as people write them.
    """
    text = text.strip()
    if len(text) > MAX_SEARCH:
        message = f"«search» tiene {len(text)} caracteres; el máximo es {MAX_SEARCH}."
        raise Rejection("parameter_invalid", message, param="search")
    wanted = Q(**{f"{rut_field}__startswith": text.replace(".", "").upper()})
    for written in {text, text.upper(), text.lower(), text.title()}:
        wanted |= Q(**{f"{name_field}__icontains": written})
    return wanted


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
