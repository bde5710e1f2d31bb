"""Where faults strike, and what a scenario finds there."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from faults.counting import Tally


@dataclass(frozen=True, slots=True)
class Sweep:
    """All boundaries, or a sample of them: the ``first`` and each ``every``-th after it."""

    first: int = 1
    every: int = 1

    @property
    def whole(self) -> bool:
        return self.every == 1

    def __iter__(self) -> Iterator[int]:
        return itertools.count(self.first, self.every)


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where the fault ``struck`` (or would have, had the batch come so far), and what came of it."""

    where: str
    struck: bool
    tally: Tally


Found = Iterator[Boundary]
