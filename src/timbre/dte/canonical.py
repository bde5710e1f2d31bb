"""Text that is canonical XML (C14N) as it stands, known by its type: what we wrote need not be parsed to be
signed.
"""

import re

_ODD_TAG = re.compile(r'<(?!/?+[A-Za-z0-9]++>|(?:TED|CAF) version="1\.0">|FRM[AT] algoritmo="SHA1withRSA">)')
_ODD_ENTITY = re.compile("&(?!(?:amp|lt|gt);)")


class Canonical(str):
    """Any change makes a plain ``str`` of it again."""

    __slots__ = ()


def mark(text: str) -> str:
    """The same text, a Canonical when no attribute but a stamp's, no comment, bare ``>`` or odd entity is in
    it. Whether its tags are in pairs, whoever parses it sees.
    """
    bare = text.count("<") != text.count(">") or "\r" in text
    return text if bare or _ODD_TAG.search(text) or _ODD_ENTITY.search(text) else Canonical(text)
