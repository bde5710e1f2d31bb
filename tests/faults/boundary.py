"""Where faults strike, and what a scenario finds there."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from faults.counting import Tally


@dataclass(frozen=True, slots=True)
class Sweep:
    """All boundaries, or one of them as a sample."""

    only: int | None = None

    @property
    def whole(self) -> bool:
        return self.only is None

    def __iter__(self) -> Iterator[int]:
        return itertools.count(1) if self.only is None else iter([self.only])


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where the fault ``struck`` (or would have, had the batch come so far), and what came of it."""

    where: str
    struck: bool
    tally: Tally


Found = Iterator[Boundary]
