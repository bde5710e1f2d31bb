"""Claims rows and serves them on a few threads, until told to stop."""

import random
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

import structlog
from django.db import close_old_connections
from structlog.contextvars import bound_contextvars

log = structlog.get_logger(__name__)

Row = TypeVar("Row")


class Loop(Generic[Row]):
    """``take(n)`` claims up to n rows, ``serve(row)`` works one of them on a thread of the pool.

    ``ahead`` rows more than there are threads may be claimed, and then at least that many at once: where
    serving is short, claiming one by one would cost as much. They wait within their lease.
    An exception in ``serve`` is logged and its row's lease runs out: it is work again later. Every log line
    of one ``serve`` says its loop, its row and a ``turn`` of its own.
    """

    def __init__(
        self,
        name: str,
        *,
        take: Callable[[int], list[Row]],
        serve: Callable[[Row], None],
        threads: int,
        ahead: int = 0,
        idle: float = 0.2,
    ) -> None:
        self._name, self._take, self._serve, self._idle = name, take, serve, idle
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._free = threading.Semaphore(threads + ahead)
        self._most, self._least = threads + ahead, max(ahead, 1)
        self._changed = threading.Event()

    def run(self, stop: threading.Event) -> None:
        """Serves until ``stop`` is set, then lets what is under way finish."""
        while not stop.is_set():
            if not self._fill():
                self._changed.wait(self._idle * (0.75 + random.random() / 2))  # noqa: S311 - jitter
                self._changed.clear()
        self._pool.shutdown(wait=True)

    def _fill(self) -> bool:
        """Claims as many rows as there is room for; whether there were any."""
        slots = self._acquire_free_slots()
        rows: list[Row] = []
        try:
            if slots:
                rows = self._take(slots)
        except Exception:
            log.exception("claiming failed", loop=self._name)
        finally:
            close_old_connections()
            for _ in range(slots - len(rows)):
                self._free.release()
        for row in rows:
            self._pool.submit(self._work, row).add_done_callback(self._done)
        return bool(rows)

    def _acquire_free_slots(self) -> int:
        slots = 0
        while slots < self._most and self._free.acquire(blocking=False):
            slots += 1
        if slots >= self._least:
            return slots
        for _ in range(slots):
            self._free.release()
        return 0

    def _work(self, row: Row) -> None:
        with bound_contextvars(loop=self._name, row=str(row), turn=secrets.token_hex(4)):
            try:
                self._serve(row)
            except Exception:
                log.exception("serving failed")
            finally:
                close_old_connections()

    def _done(self, _: "Future[None]") -> None:
        self._free.release()
        self._changed.set()
