"""How often somebody may ask: a token bucket for each, in the memory of this process.

Pure but for the lock: instants are seconds of one clock that never goes back, and are given.
"""

import threading
from dataclasses import dataclass, field
from math import ceil

MINUTE = 60.0
_ROUNDING = 1e-6
"""Seconds, and shares of a request, that a sum of floats may be off by."""
MOST = 10_000
"""Buckets that are remembered. A full one is forgotten first: it is worth the same as none."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What became of one request: ``wait`` is 0 when it may go on, else the whole seconds until one may.

    ``remaining`` more may come at once; all ``limit`` may again in ``reset`` whole seconds.
    """

    limit: int
    remaining: int
    reset: int
    wait: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """What the caller is told of it."""
        told = {"Limit": self.limit, "Remaining": self.remaining, "Reset": self.reset}
        return {f"X-RateLimit-{name}": str(value) for name, value in told.items()}


@dataclass(slots=True)
class Buckets:
    """``limit`` requests at once and as many a minute, for each caller on its own.

    A bucket is one number, the instant at which it will be full: each request moves that instant on by its
    share of the minute, and none may move it further than a minute ahead.
    """

    limit: int
    most: int = MOST
    _full_at: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, who: str, now: float) -> Turn:
        """Counts one request of ``who``; one that has to wait is not counted."""
        with self._lock:
            full_at = max(self._full_at.get(who, now), now)
            after = full_at + MINUTE / self.limit
            early = after - (now + MINUTE)
            if early > _ROUNDING:
                return Turn(self.limit, 0, ceil(full_at - now), wait=max(1, ceil(early)))
            self._keep(who, after, now)
        remaining = int((MINUTE - (after - now)) / MINUTE * self.limit + _ROUNDING)
        return Turn(self.limit, remaining, ceil(after - now))

    def _keep(self, who: str, full_at: float, now: float) -> None:
        """Last is who asked last: what stands first has had the longest time to fill."""
        self._full_at.pop(who, None)
        self._full_at[who] = full_at
        first = next(iter(self._full_at))
        while len(self._full_at) > self.most or self._full_at[first] <= now:
            del self._full_at[first]
            first = next(iter(self._full_at))
