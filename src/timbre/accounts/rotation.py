"""Everything that is sealed, sealed anew under the newest key: row by row, while Timbre serves.

Safe to interrupt and to repeat: each row opens with one key or the other at every instant, and a row that
somebody changes meanwhile keeps the change.
"""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from timbre.accounts import vault


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows of one column: sealed anew now, already under the newest key, and those that no key opens."""

    column: str
    anew: int
    current: int
    lost: int


def seal_all_anew() -> list[Tally]:
    """One pass over all that is kept. Under traffic, pass until a pass finds nothing to seal anew."""
    return [_column(kept) for kept in vault.KEPT]


def _column(kept: str) -> Tally:
    purpose, _, column = kept.partition("/")
    rows = apps.get_model(vault.KEPT[kept])._base_manager.exclude(**{column: ""})
    anew = current = lost = 0
    for pk in list(rows.order_by("pk").values_list("pk", flat=True)):
        try:
            done = _row(rows.filter(pk=pk), column, f"{purpose}/{pk}/{column}")
        except vault.Unopenable:
            lost += 1
        else:
            anew, current = anew + done, current + (not done)
    return Tally(kept, anew, current, lost)


def _row(row: QuerySet[Any], column: str, place: str) -> bool:
    """Whether it was sealed anew; over what was read alone: who changed it meanwhile sealed it anew, too."""
    sealed = row.values_list(column, flat=True).first()
    anew = vault.seal_anew(sealed, place=place) if sealed else None
    return bool(anew and row.filter(**{column: sealed}).update(**{column: anew}))
