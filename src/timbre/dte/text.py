"""Text as the SII takes it: ISO-8859-1 in the document, plain ASCII in the stamp.

A character is replaced only by what a reader would take for the same; anything else is refused by name.
"""

import unicodedata
from decimal import Decimal

from timbre.dte.errors import NotLatin1

_EQUIVALENTS = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "ʼ": "'", "‹": "'", "›": "'",
        "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"',
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "\xad": "",
        "…": "...", "•": "·", "●": "·", "▪": "·", "◦": "·", "‣": "·", "∙": "·",
        "€": "EUR", "™": "(TM)", "№": "N°", "Œ": "OE", "œ": "oe", "⁄": "/", "∕": "/",
        "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "ı": "i", "≤": "<=", "≥": ">=",
    }
)  # fmt: skip
_ASCII = str.maketrans(
    {
        character: unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
        for character in map(chr, range(0x80, 0x100))
    }
    | {
        "ß": "ss",
        "Æ": "AE",
        "æ": "ae",
        "Ø": "O",
        "ø": "o",
        "Þ": "Th",
        "þ": "th",
        "°": "o",
        "×": "x",
        "·": "-",
    }
    | dict.fromkeys("\"'&<>", "")
)
"""Every character of ISO-8859-1 that is not in the stamp as it stands."""
_STAMP_LENGTH = 40


def to_latin1(text: str) -> str:
    """The same text in ISO-8859-1, composed, on one line, with single blanks and none at its ends.

    Typographic quotes, dashes, dots and ligatures become plain ones, invisible characters vanish, control
    characters and line ends become a blank, letters lose only the accents that ISO-8859-1 lacks (Š, ő).
    Raises NotLatin1, which names every character without an honest equivalent (emoji, other scripts).
    """
    composed = unicodedata.normalize("NFC", text)
    if not (composed.isprintable() and max(composed, default="") <= "\xff"):
        composed = "".join(map(_latin1, composed.translate(_EQUIVALENTS)))
        if max(composed, default="") > "\xff":
            raise NotLatin1(text, _named(composed))
    return " ".join(composed.split())


def fold_ascii(text: str) -> str:
    """At most 40 plain ASCII characters for the stamp's RSR and IT1, never empty.

    The SII's readers of PDF417 spoil bytes over 127; quotes and ``&`` swell a stamp of at most 1,000 bytes.
    """
    folded = text.translate(_ASCII)
    if not folded.isascii():
        folded = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    return " ".join(folded.split())[:_STAMP_LENGTH].rstrip() or "-"


def plain(number: Decimal) -> str:
    """A number as the SII writes it: no exponent, no zeros that say nothing (``1990.50`` is ``1990.5``)."""
    text = str(number)
    if text.isdigit() or ("." in text and text[-1] != "0" and "E" not in text):
        return text
    return f"{number.normalize():f}"


def without_accents(text: str) -> str:
    """``Ñuñoa`` as ``Nunoa``."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part))


def _latin1(character: str) -> str:
    """One character in ISO-8859-1 where that is honest, else the character itself."""
    category = unicodedata.category(character)
    if category == "Cc" or character.isspace():
        return " "
    if category == "Cf" or character in "\ufe0e\ufe0f":
        return ""
    if character <= "\xff" or category == "No":
        return character
    plain = without_accents(character)
    return plain if plain.isascii() else character


def _named(text: str) -> str:
    unknown = dict.fromkeys(character for character in text if character > "\xff")
    return ", ".join(f"{c!r} ({unicodedata.name(c, f'U+{ord(c):04X}')})" for c in unknown)
