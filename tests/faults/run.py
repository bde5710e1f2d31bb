"""`make faults`: every fault at every boundary, counted at the simulated SII. Prints a table; 1 if a row is bad

``--only WORDS`` runs the rows whose name has them; ``--every 7`` a sample of the boundaries of each.
"""

import argparse
import importlib
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from databases import own_database
from faults.counting import Tally
from faults.families import FAMILIES, Found
from faults.prepare import prepare

FOLIOS = ("sending", "signing")
HEAD = ("boundaries", "asked", "issued", "in doubt", "lost", "twice")


@dataclass
class Row:
    """All boundaries of one scenario together; ``bad`` names those that are not as promised."""

    name: str
    boundaries: int = 0
    asked: int = 0
    issued: int = 0
    in_doubt: int = 0
    lost: int = 0
    twice: int = 0
    bad: list[str] = field(default_factory=list)

    def add(self, where: str, tally: Tally) -> None:
        self.boundaries += 1
        self.asked += tally.asked
        self.issued += tally.issued
        self.in_doubt += tally.in_doubt
        self.lost += tally.lost
        self.twice += tally.twice
        if not tally.good:
            self.bad.append(f"{where}: {tally}")

    def __str__(self) -> str:
        numbers = (self.boundaries, self.asked, self.issued, self.in_doubt, self.lost, self.twice)
        return line(self.name, numbers)


def line(name: str, cells: Sequence[object]) -> str:
    return f"{name:<72}" + "".join(f"{cell!s:>11}" for cell in cells)


_open = ExitStack()
_scene: Any = None


def make_ours(places: "Queue[tuple[str, str]]") -> None:
    """Makes this process an installation's own, with a scene in it."""
    global _scene  # noqa: PLW0603 - one for the life of the process
    data_dir, url = places.get()
    prepare(Path(data_dir), url)
    _scene = _open.enter_context(importlib.import_module("faults.scene").a_scene())


def run_family(name: str, folios: str, every: int) -> tuple[Row, float]:
    """One row and the seconds it took, in a process that ``make_ours`` prepared."""
    began = time.monotonic()
    row = Row(f"{name} [{folios}]")
    found: Found = FAMILIES[name](_scene, folios, every=every)
    for boundary in found:
        row.add(boundary.where, boundary.tally)
    return row, time.monotonic() - began


@contextmanager
def a_pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Processes with an installation each, and a database each, all gone afterwards."""
    context = get_context("spawn")
    places = context.Queue()
    with ExitStack() as stack:
        for _ in range(processes):
            data_dir = stack.enter_context(tempfile.TemporaryDirectory(prefix="timbre-faults-"))
            database = stack.enter_context(own_database(Path(data_dir)))
            places.put((data_dir, database.url))
        with ProcessPoolExecutor(processes, context, initializer=make_ours, initargs=(places,)) as pool:
            yield pool


def main() -> int:
    arguments = read_arguments()
    began = time.monotonic()
    asked = [
        (name, folios) for name in FAMILIES for folios in FOLIOS if arguments.only in f"{name} [{folios}]"
    ]
    print(line(f"{platform.machine()}, {os.cpu_count()} cores", HEAD), flush=True)
    bad: list[str] = []
    with a_pool(arguments.processes) as pool:
        jobs = [pool.submit(run_family, name, folios, arguments.every) for name, folios in asked]
        for job in as_completed(jobs):
            row, seconds = job.result()
            print(f"{row}{seconds:>9.0f} s", flush=True)
            bad += [f"{row.name}, {where}" for where in row.bad]
    print(f"{len(asked)} scenarios in {time.monotonic() - began:.0f} s")
    for where in bad:
        print(f"NOT AS PROMISED  {where}")
    return int(bool(bad) or not asked)


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", metavar="WORDS")
    parser.add_argument("--every", type=int, default=1, metavar="N")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
