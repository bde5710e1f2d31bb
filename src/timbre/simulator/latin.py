"""Text the way the portal keeps it: ISO-8859-1, escaped for XML, folded to ASCII for the stamp."""

import re
import unicodedata

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def escape(text: str) -> str:
    """Text content exactly as canonical XML writes it: ``& < >`` and nothing else."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def ascii_fold(text: str) -> str:
    """What the stamp carries of a text: no accents, quotes or markup, 40 characters at most, never empty.

    The SII's PDF417 readers corrupt bytes above 127 (protocol notes 2.2).
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[\"'&<>]", "", plain).split())[:40].strip() or "-"


def has_controls(text: str) -> bool:
    """Control characters, among them the bytes 0x80-0x9F that ISO-8859-1 leaves to controls."""
    return _CONTROLS.search(text) is not None
