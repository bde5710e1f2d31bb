"""What a step of a document's history rests on, in words: what was asked, and what was seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from timbre.platform.documents.words import pretty

NAMES = {
    "asked": "Se preguntó",
    "proposed": "Folio que propone el SII",
    "listed": "Documentos que listó el SII",
    "folio": "Folio",
    "codigo": "Número del SII (CODIGO)",
    "digest": "Huella de lo firmado",
    "sii_digest": "Huella de la copia del SII",
    "send": "Envío número",
    "sends": "Veces enviado",
    "sent_until": "Podía llegar hasta",
    "absent_since": "El SII no lo lista desde",
    "first_look": "Primera mirada al SII",
    "pdf_sha256": "Huella del PDF (SHA-256)",
    "note": "Nota que lo anula",
    "why": "Lo que pasó, en palabras técnicas",
}
"""By the name it is kept under; the order is the one it is told in."""
_TECHNICAL = frozenset({"digest", "sii_digest", "pdf_sha256", "codigo", "why"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known: text, or the moment ``at``; ``technical`` is shown as code."""

    name: str
    text: str
    at: datetime | None = None
    technical: bool = False


def facts(evidence: Mapping[str, Any]) -> list[Fact]:
    """What is known, in the order of ``NAMES``; what has no word comes last, as it is."""
    known = [_fact(name, evidence[name]) for name in NAMES if evidence.get(name) not in (None, "")]
    rest = [Fact(name, _text(value), technical=True) for name, value in evidence.items() if name not in NAMES]
    return known + rest


def _fact(name: str, value: Any) -> Fact:
    return Fact(NAMES[name], _text(value), moment_of(value), name in _TECHNICAL)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else pretty(value)


def moment_of(value: Any) -> datetime | None:
    """The instant that a text tells in full; None for all else."""
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo else None
