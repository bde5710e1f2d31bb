"""How long to wait before trying again."""

import random
from datetime import timedelta


def backoff(failures: int, *, first: timedelta, last: timedelta) -> timedelta:
    """Doubles from ``first`` up to ``last`` with up to 25 % jitter, so that nobody returns in step."""
    doublings = min(max(failures - 1, 0), 20)
    wait = min(first * (1 << doublings), last)
    return wait * (1 + random.random() / 4)  # noqa: S311 - spreading load, not hiding anything
