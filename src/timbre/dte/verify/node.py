"""A look into XML by the SII's names, whatever their namespace, that believes nothing it reads."""

import re
from collections.abc import Iterator
from decimal import Decimal

from lxml import etree

_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,6})?", re.ASCII)
"""The widest of the schemas: larger exponents are an attack on memory."""


class Node:
    """An element. Every path is of names joined by ``/``."""

    def __init__(self, element: etree._Element) -> None:
        self._element = element

    def children(self, path: str) -> Iterator["Node"]:
        return (Node(found) for found in self._element.iterfind(_anywhere(path)))

    def has(self, path: str) -> bool:
        return self._element.find(_anywhere(path)) is not None

    def text(self, path: str) -> str:
        """The text at a path without the blanks around it, empty when there is none."""
        return (self._element.findtext(_anywhere(path)) or "").strip()

    def number(self, path: str) -> Decimal | None:
        """None when there is nothing; raises ValueError for what is no number of the format."""
        text = self.text(path)
        if text and not _NUMBER.fullmatch(text):
            raise ValueError(f"{path} no es un número: {text[:30]}")
        return Decimal(text) if text else None


def _anywhere(path: str) -> str:
    return "/".join(f"{{*}}{name}" for name in path.split("/"))
