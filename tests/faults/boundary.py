"""What a scenario finds."""

from collections.abc import Iterator
from dataclasses import dataclass

from faults.counting import Tally


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where the fault struck, and what came of it."""

    where: str
    tally: Tally


Found = Iterator[Boundary]
