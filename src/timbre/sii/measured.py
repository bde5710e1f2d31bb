"""How long each exchange with the SII took and how it ended: measured and logged, never what was in it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import structlog
from prometheus_client import Histogram

from timbre.sii.gateway import Unreachable

log = structlog.get_logger("sii")
SECONDS = Histogram(
    "timbre_sii_exchange_seconds",
    "Time of one exchange with the SII, by step and outcome.",
    ["step", "outcome"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)


@contextmanager
def measured(url: str) -> Iterator[None]:
    """Around one exchange. Its step is the last word of the address; the query may say who, and is left out.

    Outcomes: ``ok`` (an answer, whatever it says), ``unreachable`` (nothing was sent), ``lost`` (it may have
    arrived), ``failed`` (a fault of ours).
    """
    started, outcome = time.perf_counter(), "failed"
    try:
        yield
        outcome = "ok"
    except Unreachable as unreachable:
        outcome = type(unreachable).__name__.lower()
        raise
    finally:
        seconds = time.perf_counter() - started
        step = urlsplit(url).path.rstrip("/").rpartition("/")[2]
        SECONDS.labels(step, outcome).observe(seconds)
        log.info("sii_exchange", step=step, outcome=outcome, ms=round(seconds * 1000, 1))
