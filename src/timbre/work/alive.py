"""Which workers are alive: each says so every few seconds, in the database that all hosts share."""

import os
import socket
from datetime import datetime, timedelta

from django.db import OperationalError
from django.db.models import QuerySet

from timbre.work.models import Beat

EVERY = timedelta(seconds=5)
DEAD_AFTER = timedelta(seconds=60)
"""Long enough for a host that is busy, or a database that had somebody else to serve."""
FORGOTTEN_AFTER = timedelta(days=1)

ME = f"{socket.gethostname()[:60]}:{os.getpid()}"


def beat(now: datetime) -> None:
    """This process is alive. Not written while the database is busy: the next one is."""
    try:
        Beat.objects.update_or_create(id=ME, defaults={"at": now})
        Beat.objects.filter(at__lt=now - FORGOTTEN_AFTER).delete()
    except OperationalError:
        return


def end() -> None:
    """This process ends as it should."""
    Beat.objects.filter(pk=ME).delete()


def workers(now: datetime) -> QuerySet[Beat]:
    """Those that were alive lately."""
    return Beat.objects.filter(at__gt=now - DEAD_AFTER)
