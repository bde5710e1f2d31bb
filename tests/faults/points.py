"""A worker that dies or falls asleep at one durable write of its own, counted from the first.

Runs inside the worker's process. It knows nothing of the steps: it counts commits, so that a step added
tomorrow is a boundary by itself.
"""

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True, slots=True)
class Point:
    """Just before or just after the ``number``-th durable write (from 1), this signal hits the process."""

    number: int
    when: str = "after"
    signal: int = signal.SIGKILL


def install(point: Point) -> None:
    """From now on, every commit of this process is counted, and every write that is its own transaction."""
    lock = threading.Lock()
    made = 0

    def count(write: Callable[[], Any]) -> Any:
        nonlocal made
        with lock:
            made += 1
            here = made == point.number
        if here and point.when == "before":
            os.kill(os.getpid(), point.signal)
        written = write()
        if here and point.when == "after":
            os.kill(os.getpid(), point.signal)
        return written

    commit, execute = BaseDatabaseWrapper._commit, CursorWrapper.execute

    def counted_commit(self: BaseDatabaseWrapper) -> None:
        count(lambda: commit(self))

    def counted_execute(self: CursorWrapper, sql: str, params: Any = None) -> Any:
        if self.db.in_atomic_block or not sql.startswith(WRITES):
            return execute(self, sql, params)
        return count(lambda: execute(self, sql, params))

    BaseDatabaseWrapper._commit = counted_commit
    CursorWrapper.execute = counted_execute
