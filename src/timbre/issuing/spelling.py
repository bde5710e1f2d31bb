"""Names found however they are typed: ``nandu`` is a piece of ``COMERCIAL ÑANDÚ``."""

import re
from collections import defaultdict

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, Value

from timbre.dte.text import without_accents

_SPELLINGS: dict[str, str] = defaultdict(str)
for _letter in filter(str.isalpha, map(chr, range(256))):
    _SPELLINGS[without_accents(_letter).lower()] += _letter


def named(field: str, text: str) -> Q:
    """A piece of a name, case and accents aside: each letter as a class of its spellings, which SQLite's GLOB
    and PostgreSQL's regular expressions write alike.
    """
    if connection.vendor != "sqlite":
        return _compared(field, "~", "".join(map(_in_regex, text)))
    # LIKE, where any character may stand for one with accents, throws almost all out in a tenth of the time.
    roughly = _compared(field, "LIKE", f"%{''.join(map(_in_like, text))}%")
    return roughly & _compared(field, "GLOB", f"*{''.join(map(_in_glob, text))}*")


def _compared(field: str, operator: str, pattern: str) -> Q:
    place = F(field), Value(pattern)
    return Q(
        Func(*place, template="%(expressions)s", arg_joiner=f" {operator} ", output_field=BooleanField())
    )


def _in_regex(character: str) -> str:
    return _spellings(character) if character.isalnum() else re.escape(character)


def _in_glob(character: str) -> str:
    return f"[{character}]" if character in "*?[" else _spellings(character)


def _in_like(character: str) -> str:
    plain = character.isascii() and character not in "%_" and len(_spellings(character)) <= len("[aA]")
    return character if plain else "_"


def _spellings(character: str) -> str:
    letters = _SPELLINGS.get(without_accents(character).lower())
    return f"[{letters}]" if letters else character
