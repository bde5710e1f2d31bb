"""An element of a DTE looked into by the names of the SII's format, whatever their namespace."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TypeVar

from lxml import etree

from timbre.dte.errors import InvalidXml

T = TypeVar("T")
_FIGURE = re.compile(r"-?[0-9]{1,24}(\.[0-9]{1,6})?", re.ASCII)


def to_decimal(text: str) -> Decimal:
    """A figure as the format writes it: no exponent, no infinity. Raises ValueError."""
    if not _FIGURE.fullmatch(text):
        raise ValueError(f"{text[:40]!r} no es una cifra")
    return Decimal(text)


class Node:
    """Paths are names with ``/`` between them. Values that are none of their kind raise ValueError."""

    __slots__ = ("_children", "_element")

    def __init__(self, element: etree._Element) -> None:
        self._element = element
        self._children: dict[str, list[Node]] | None = None

    def child(self, path: str) -> "Node":
        """The first element at a path. Raises InvalidXml when there is none."""
        found = self.maybe_child(path)
        if found is None:
            raise InvalidXml(f"Al DTE le falta {path}.")
        return found

    def maybe_child(self, path: str) -> "Node | None":
        found: Node | None = self
        for name in path.split("/"):
            found = next(iter(found.children(name)), None) if found else None
        return found

    def children(self, name: str) -> "list[Node]":
        """The elements of one name right below; walked once for all names."""
        if self._children is None:
            self._children = {}
            for element in self._element.iterchildren(etree.Element):
                self._children.setdefault(element.tag.rpartition("}")[2], []).append(Node(element))
        return self._children.get(name, [])

    def text(self, *paths: str) -> str:
        """The text at the first path that has one, on one line; empty when none has."""
        for path in paths:
            found = self.maybe_child(path)
            text = " ".join((found._element.text or "").split()) if found else ""  # noqa: SLF001 - its own kind
            if text:
                return text
        return ""

    def maybe(self, path: str, kind: Callable[[str], T]) -> T | None:
        text = self.text(path)
        return kind(text) if text else None

    def value(self, path: str, kind: Callable[[str], T]) -> T:
        """The value at a path. Raises InvalidXml when there is none."""
        text = self.text(path)
        if not text:
            raise InvalidXml(f"Al DTE le falta {path}.")
        return kind(text)

    def number(self, path: str) -> int | None:
        return self.maybe(path, int)

    def amount(self, path: str) -> Decimal:
        """The amount at a path, 0 when there is none."""
        return self.maybe(path, to_decimal) or Decimal(0)

    def decimal(self, path: str) -> Decimal | None:
        return self.maybe(path, to_decimal)

    def day(self, path: str) -> date | None:
        return self.maybe(path, date.fromisoformat)
