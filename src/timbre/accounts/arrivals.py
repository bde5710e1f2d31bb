"""How many request bodies may be on their way at once: each holds one of `timbre web`'s threads for as long
as its sender likes, and a few slow ones could leave none for anybody else.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import OperationalError
from django.http import HttpRequest

from timbre.accounts.addresses import client_address
from timbre.accounts.errors import Rejection
from timbre.accounts.throttle import network

IN_ALL, OF_ONE = 48, 16
"""Of 64 threads: 16 stay free for whoever sends no body, and one address takes a quarter at most."""


@dataclass(slots=True)
class Arrivals:
    """The bodies that are being waited for now, by where they come from."""

    in_all: int
    of_one: int
    _from: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def one_of(self, place: str) -> Iterator[None]:
        """Room for one more body from this place. Raises Rejection ``service_unavailable`` without it."""
        with self._lock:
            if self._from[place] >= self.of_one or self._from.total() >= self.in_all:
                raise busy()
            self._from[place] += 1
        try:
            yield
        finally:
            with self._lock:
                self._from[place] -= 1
                self._from += Counter()  # forgets places without a body


_arrivals = Arrivals(IN_ALL, OF_ONE)


def receive(request: HttpRequest) -> bytes:
    """The whole body, whose length the caller has bounded. Raises Rejection ``service_unavailable``."""
    with _arrivals.one_of(network(client_address(request))):
        return request.body


NEVER_BEGAN = (
    "database is locked",  # SQLite's one writer was busy for too long
    # psycopg's words when there is no connection, and only then: one that broke may have done its work.
    "connection failed: ",
    "connection is bad: ",
    "connection timeout expired",
    "failed to resolve host ",
)


def never_began(error: Exception) -> bool:
    """Whether the transaction of a request could not begin, so that nothing of it was processed."""
    return isinstance(error, OperationalError) and str(error).startswith(NEVER_BEGAN)


def busy() -> Rejection:
    """503: nothing of the request was processed."""
    return Rejection(
        "service_unavailable",
        "Timbre está ocupado y no procesó la solicitud. Repítela en unos segundos.",
        status=503,
        retry_after=2,
    )
