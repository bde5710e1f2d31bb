"""When a delivery is tried again (the schedule of Standard Webhooks), and how long a webhook rests."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""From one failed attempt to the next: 76 hours with the shortest waits, 95 with the longest."""
ATTEMPTS = len(WAITS) + 1
NONE = timedelta(0)
JITTER = 0.25
"""Each wait is up to this much longer, so that what failed together does not come back together."""
LONGEST_ASKED = timedelta(hours=24)
LONGEST_REST = timedelta(hours=1)
SLOW_DOWN = frozenset({429, 502, 503, 504})
"""Statuses that say of the whole receiver that it can take no more."""


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts; None when there is no further one."""
    if attempts > len(WAITS):
        return None
    return WAITS[attempts - 1] * (1 + JITTER * random.random())  # noqa: S311 - spreads load, guards nothing


def asked_wait(retry_after: str, *, now: datetime) -> timedelta:
    """What ``Retry-After`` asks for, in seconds or as an HTTP date (RFC 9110, 10.2.3), at most 24 hours.

    Nothing when it is absent, past, or makes no sense.
    """
    said = retry_after.strip()
    try:
        if said.isascii() and said.isdigit():
            return timedelta(seconds=min(float(said), LONGEST_ASKED.total_seconds()))
        return min(max(_instant(said) - now, NONE), LONGEST_ASKED)
    except (ValueError, TypeError, OverflowError):
        return NONE


def rest_after(status_code: int | None, *, asked: timedelta, failing: timedelta) -> timedelta:
    """How long the whole webhook is left alone after an attempt that failed: what it ``asked`` for, and after
    a status of ``SLOW_DOWN`` at least a quarter of the time it has been ``failing``, from 5 s to 1 h.
    """
    if status_code not in SLOW_DOWN:
        return asked
    return max(asked, min(max(failing / 4, WAITS[0]), LONGEST_REST))


def _instant(said: str) -> datetime:
    moment = parsedate_to_datetime(said)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
