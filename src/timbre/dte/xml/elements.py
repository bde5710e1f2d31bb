"""Elements as text, each on its own line; what says nothing is left out, as the SII's schemas want."""

from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from timbre.dte.text import plain


def text(name: str, value: str) -> str:
    """``<name>value</name>``, nothing for an empty text. Quotes stay as they are, as C14N wants."""
    if not value:
        return ""
    if "&" in value or "<" in value or ">" in value:
        value = escape(value)
    return f"<{name}>{value}</{name}>\n"


def code(name: str, value: int | date | None) -> str:
    """A code, a count or a day; nothing for None."""
    return "" if value is None else f"<{name}>{value}</{name}>\n"


def flag(name: str, value: int, *, when: bool) -> str:
    """An element that stands with its one value, or not at all."""
    return f"<{name}>{value}</{name}>\n" if when else ""


def amount(name: str, value: Decimal) -> str:
    """A number, 0 too."""
    return f"<{name}>{plain(value)}</{name}>\n"


def nonzero(name: str, value: Decimal | None) -> str:
    """A number where the schema wants more than 0, or where 0 says nothing."""
    return f"<{name}>{plain(value)}</{name}>\n" if value else ""


def block(name: str, *content: str) -> str:
    """An element of elements; nothing when all of them were left out."""
    inner = "".join(content)
    return f"<{name}>\n{inner}</{name}>\n" if inner else ""
