"""How long things may take and how long to wait, per environment: one place to read."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Waiting times of one environment (design: intent before network, fencing)."""

    pace: timedelta
    """Least time between two requests of one SII session."""
    lease: timedelta
    """How long a claimed lane is ours without a renewal."""
    turn: timedelta
    """How long one lane is served before the others get their turn."""
    send_deadline: timedelta
    """Total time the request that issues may take."""
    send_lease: timedelta
    """The lease while that request is under way: well beyond its deadline."""
    doubt_first: timedelta
    """After the send deadline, how long until the first look into the SII's list."""
    doubt_gap: timedelta
    """Least time between two looks that find nothing."""
    doubt_human: timedelta
    """Doubt older than this is handed to a person."""
    collect_after: timedelta
    """Issued documents wait at most this long for company before their files are fetched together."""
    retry_first: timedelta
    """First pause after the SII could not be reached; doubles up to ``retry_last``."""
    retry_last: timedelta
    first_alone: bool
    """A lane's first document goes alone; the rest follow once it is confirmed (design 2.10)."""


PRODUCTION = Timing(
    pace=timedelta(seconds=1),
    lease=timedelta(seconds=240),
    turn=timedelta(seconds=60),
    send_deadline=timedelta(seconds=60),
    send_lease=timedelta(seconds=180),
    doubt_first=timedelta(minutes=10),
    doubt_gap=timedelta(minutes=5),
    doubt_human=timedelta(hours=24),
    collect_after=timedelta(seconds=60),
    retry_first=timedelta(seconds=30),
    retry_last=timedelta(minutes=30),
    first_alone=True,
)

SANDBOX = Timing(
    pace=timedelta(0),
    lease=timedelta(seconds=20),
    turn=timedelta(seconds=5),
    send_deadline=timedelta(seconds=8),
    send_lease=timedelta(seconds=24),
    doubt_first=timedelta(seconds=2),
    doubt_gap=timedelta(seconds=1),
    doubt_human=timedelta(hours=24),
    collect_after=timedelta(seconds=1),
    retry_first=timedelta(seconds=1),
    retry_last=timedelta(seconds=30),
    first_alone=False,
)

TIMINGS = {"sandbox": SANDBOX, "production": PRODUCTION}
