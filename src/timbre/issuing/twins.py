"""Documents equal to one accepted a short while ago: twins are allowed, and warned of."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from timbre.issuing.models import KNOWN_NOT_ISSUED, Document, State

TWINS_WITHIN = timedelta(hours=24)


def warn_of_twins(asked: Sequence[tuple[str, str]], now: datetime) -> list[dict[str, Any]]:
    """A warning for each (company id, fingerprint) that is to be issued twice; drafts are nobody's twins."""
    recent = Document.objects.filter(
        company__in={company for company, _ in asked},
        fingerprint__in={fingerprint for _, fingerprint in asked},
        accepted_at__gt=now - TWINS_WITHIN,
    )
    live = recent.exclude(state__in=[State.DRAFT, *KNOWN_NOT_ISSUED])
    seen = {(d.company_id, d.fingerprint): d.pk for d in live}
    warnings = []
    for index, twin in enumerate(asked):
        if twin in seen:
            warnings.append(_warning(index, seen[twin]))
        seen.setdefault(twin, f"documents.{index}")
    return warnings


def _warning(index: int, other: str) -> dict[str, Any]:
    return {
        "document_index": index,
        "field": "",
        "code": "possible_duplicate",
        "message": f"Es igual a {other}, recibido hace menos de 24 horas. Se emitirá de todos modos.",
        "suggestion": None,
    }
