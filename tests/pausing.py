"""Stopping a process between two instructions of its own, as a pause of its virtual machine would."""

import contextlib
import time
from pathlib import Path

import psutil


def pause(process: psutil.Process, *, within: float = 5) -> None:
    """SIGSTOP, and waits until every thread stands still: one that was in a system call finishes it first."""
    process.suspend()
    deadline = time.monotonic() + within
    while not all(state in "TtZX" for state in _states(process.pid)):
        assert time.monotonic() < deadline, "the process does not stop"
        time.sleep(0.001)


def _states(pid: int) -> list[str]:
    """The kernel's letter for each thread; what ended meanwhile is left out."""
    states = []
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        with contextlib.suppress(OSError):
            states.append(stat.read_text().rpartition(")")[2].split()[0])
    return states
