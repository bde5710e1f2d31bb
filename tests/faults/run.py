"""`make faults`: every fault at every boundary, counted at the simulated SII. Prints a table; exits with 1
if a row is not as promised.

``--only WORDS`` runs the rows whose name has them, ``--short`` a sample of the boundaries of each.
"""

import argparse
import importlib
import logging
import os
import platform
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

sys.path.insert(0, str(Path(__file__).parents[1]))

from clusters import VARIABLE, NoPostgres, private_cluster
from databases import own_database
from faults.boundary import Boundary, Sweep
from faults.families import CROWD, FAMILIES
from faults.prepare import prepare
from timbre.cli.lifeline import die_with

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

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

    def add(self, found: Boundary) -> None:
        tally = found.tally
        self.boundaries += found.struck
        self.asked += tally.asked
        self.issued += tally.issued
        self.in_doubt += tally.in_doubt
        self.lost += tally.lost
        self.twice += tally.twice
        if not tally.good:
            self.bad.append(f"{found.where}: {tally}")

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
    die_with(os.getppid())
    data_dir, url = places.get()
    prepare(Path(data_dir), url)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    _scene = _open.enter_context(importlib.import_module("faults.scene").a_scene())


def run_family(name: str, folios: str, sweep: Sweep) -> tuple[Row, float]:
    """One row and the seconds it took, in a process that ``make_ours`` prepared."""
    began = time.monotonic()
    row = Row(f"{name} [{folios}]")
    for found in FAMILIES[name](_scene, folios, sweep=sweep):
        row.add(found)
    if not row.boundaries:
        row.bad.append("no fault struck")
    return row, time.monotonic() - began


def sample(name: str) -> Sweep:
    """One boundary of a scenario, another for each, always the same."""
    few = "accepting" in name or "delivery" in name  # a write or two: the sample must not lie beyond them
    return Sweep(only=1 if few else zlib.crc32(name.encode()) % 6 + 1)


@contextmanager
def a_pool(processes: int, server: str) -> Iterator[ProcessPoolExecutor]:
    """Processes with an installation each, and a database each on ``server``, all gone afterwards."""
    context = get_context("spawn")
    places: Queue[tuple[str, str]] = context.Queue()
    with ExitStack() as stack:
        for _ in range(processes):
            data_dir = stack.enter_context(tempfile.TemporaryDirectory(prefix="timbre-faults-"))
            database = stack.enter_context(own_database(Path(data_dir), server))
            places.put((data_dir, database.url))
        with ProcessPoolExecutor(processes, context, initializer=make_ours, initargs=(places,)) as pool:
            yield pool


def run(jobs: Sequence[tuple[str, str]], arguments: argparse.Namespace, server: str) -> list[str]:
    """Runs the families under their folio behaviours on one database; what was not as promised."""
    bad: list[str] = []
    database = "PostgreSQL" if server else "SQLite"
    with a_pool(min(arguments.processes, len(jobs)), server) as pool:
        running = {
            pool.submit(run_family, name, folios, sample(name + folios) if arguments.short else Sweep()): name
            for name, folios in jobs
        }
        for done in as_completed(running):
            failure = done.exception()
            if failure:
                bad.append(f"{running[done]} {database} broke off: {failure!r}")
                continue
            row, seconds = done.result()
            row.name += f" {database}"
            say(f"{row}{seconds:>9.0f} s")
            bad += [f"{row.name}, {where}" for where in row.bad]
    return bad


def main() -> int:
    arguments = read_arguments()
    began = time.monotonic()
    jobs = [
        (name, folios) for name in FAMILIES for folios in FOLIOS if arguments.only in f"{name} [{folios}]"
    ]
    say(line(f"{platform.machine()}, {os.cpu_count()} cores", HEAD))
    given = os.environ.get(VARIABLE, "")
    bad = run(jobs, arguments, given)
    crowds = [job for job in jobs if job[0] == CROWD]
    if crowds and not arguments.short:
        bad += run_crowds_elsewhere(crowds, arguments, given)
    say(f"{time.monotonic() - began:.0f} s in all")
    for where in bad:
        say(f"NOT AS PROMISED  {where}")
    return int(bool(bad) or not jobs)


def run_crowds_elsewhere(
    jobs: Sequence[tuple[str, str]], arguments: argparse.Namespace, given: str
) -> list[str]:
    """The crowds on the other database, too: PostgreSQL, unless that is where all the rest was run."""
    if given:
        return run(jobs, arguments, "")
    try:
        with private_cluster() as server:
            return run(jobs, arguments, server)
    except NoPostgres as why:
        say(f"Not run on PostgreSQL: {why}.")
        return ["PostgreSQL was not to be had"] if os.environ.get("CI") == "true" else []


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - this is a program


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", metavar="WORDS")
    parser.add_argument("--short", action="store_true", help="a sample of each")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
