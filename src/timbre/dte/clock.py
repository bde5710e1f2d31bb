"""Time as the SII writes it: Chile's local time without zone."""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

CHILE = ZoneInfo("America/Santiago")


@lru_cache(maxsize=16)  # a document is stamped and signed at one instant
def timestamp(now: datetime) -> str:
    """``2026-03-14T09:30:00`` in Chile, for an aware ``now``."""
    return _in_chile(now).replace(tzinfo=None).isoformat(timespec="seconds")


def today_in_chile(now: datetime) -> date:
    """Chile's date at an aware ``now``, whatever the host's zone."""
    return _in_chile(now).date()


def _in_chile(now: datetime) -> datetime:
    if now.tzinfo is None:
        raise ValueError("now must carry its time zone")
    return now.astimezone(CHILE)
