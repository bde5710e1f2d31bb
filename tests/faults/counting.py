"""What was asked, what Timbre says and what the SII holds, compared; not how any of it came about.

Two documents of one content are twins; a content asked twice may be at the SII twice, and no third time.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

ISSUED = {"issued", "done"}
IN_DOUBT = {"in_doubt", "incomplete"}
NOT_ISSUED = {"refused", "expired", "cancelled"}


@dataclass(frozen=True, slots=True)
class Held:
    """A document at the SII. ``content`` says what was invoiced, to whom and by whom."""

    content: str
    folio: int
    digest: str


@dataclass(frozen=True, slots=True)
class Ours:
    """A document as Timbre tells it; ``signed`` are the digests of all that was ever signed for it."""

    content: str
    state: str
    folio: int | None
    digest: str
    signed: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Tally:
    """A row of the table, without its name."""

    asked: int
    issued: int
    in_doubt: int
    lost: int
    twice: int

    @property
    def good(self) -> bool:
        return not self.lost and not self.twice


def count(asked: Collection[str], ours: Sequence[Ours], held: Sequence[Held]) -> Tally:
    """Lost: told as issued and not at the SII, told as not issued and there, forgotten, or stuck half-way.

    Twice: more of one content at the SII than was asked, or one of our documents there under two folios.
    """
    at_the_sii = Counter((document.content, document.folio, document.digest) for document in held)
    digests = {document.digest for document in held}
    told = Counter((d.content, d.folio or 0, d.digest) for d in ours if d.state in ISSUED)
    missing = (told - at_the_sii).total()
    denied = sum(bool(d.signed & digests) for d in ours if d.state in NOT_ISSUED)
    stuck = sum(d.state not in ISSUED | IN_DOUBT | NOT_ISSUED for d in ours)
    forgotten = (Counter(asked) - Counter(d.content for d in ours)).total()
    surplus = (Counter(d.content for d in held) - Counter(asked)).total()
    split = sum(len(d.signed & digests) > 1 for d in ours)
    return Tally(
        asked=len(asked),
        issued=told.total(),
        in_doubt=sum(d.state in IN_DOUBT for d in ours),
        lost=missing + denied + stuck + forgotten,
        twice=max(surplus, split),
    )
