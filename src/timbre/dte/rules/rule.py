"""What a rule is: an entry of the catalogue, and the function that finds where a document breaks it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cached_property

from timbre.dte.codes import TipoDte
from timbre.dte.document import Documento
from timbre.dte.rules.figures import Figure, wild_figures
from timbre.dte.totals import Totales, compute_totals

Found = Iterator[tuple[str, str]]
"""JSON path and Spanish message of each place where a rule is broken."""
EVERY = frozenset(TipoDte)


class Level(Enum):
    """Refused is what the SII is known to reject or its format forbids; all else that is doubtful warns."""

    REFUSE = "refuse"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Criteria:
    """What the operator decides: the UF in pesos, where known, and the warnings that are to refuse."""

    uf: Decimal | None = None
    enforced: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Case:
    """One document before its judge. ``today`` is Chile's, ``uf`` pesos or None."""

    documento: Documento
    today: date
    uf: Decimal | None = None

    @cached_property
    def wild(self) -> tuple[Figure, ...]:
        """The figures that may be out of their bounds."""
        return wild_figures(self.documento)

    @cached_property
    def totales(self) -> Totales:
        """Worked out once; only rules with ``sums`` may ask, because then every figure is sound."""
        return compute_totals(self.documento)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What is told of a rule. ``says`` is Spanish, for whoever must keep it; ``source`` the SII's document,
    section or rejection. A dated rule holds for documents issued ``since`` its day.
    """

    name: str
    code: str
    says: str
    source: str
    types: frozenset[TipoDte]
    level: Level = Level.REFUSE
    since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Listed):
    """A rule that a document breaks by itself. ``sums``: it needs the totals."""

    sums: bool
    find: Callable[[Case], Found]

    def warns(self, criteria: Criteria) -> bool:
        """Whether breaking it stands in nobody's way."""
        return self.level is Level.WARN and self.code not in criteria.enforced


REGISTER: list[Rule] = []
"""Every rule that has been entered; ``judging`` puts them in order."""


def rule(
    code: str,
    says: str,
    *,
    source: str,
    types: frozenset[TipoDte] = EVERY,
    level: Level = Level.REFUSE,
    since: date | None = None,
    sums: bool = False,
) -> Callable[[Callable[[Case], Found]], Callable[[Case], Found]]:
    """Enters a function in the catalogue; its name there is ``module.function``."""

    def enter(find: Callable[[Case], Found]) -> Callable[[Case], Found]:
        module = find.__module__.rpartition(".")[2]
        REGISTER.append(
            Rule(
                name=f"{module}.{find.__name__}",
                code=code,
                says=says,
                source=source,
                types=types,
                level=level,
                since=since,
                sums=sums,
                find=find,
            )
        )
        return find

    return enter
