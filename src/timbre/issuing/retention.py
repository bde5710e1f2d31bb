"""What is not kept for ever, once a day by one worker, some rows at a time. Evidence is never among it.

Documents, their history, their XML and PDF have to be kept for six years (Código Tributario, art. 17 and 200)
and are never deleted; a draft is none of that. Ids only grow, so who reads events on from one misses none.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from timbre.accounts import audit
from timbre.accounts.models import Attempt, Session
from timbre.enrolling.models import Enrollment
from timbre.issuing.answered import KEYS_KEPT
from timbre.issuing.drafts import forget
from timbre.issuing.models import IdempotencyKey
from timbre.taxpayers.models import LookUp
from timbre.webhooks.models import Delivery, Event
from timbre.work.claim import LostClaim, claim, holding, release, renew
from timbre.work.loop import Loop
from timbre.work.models import Chore

log = structlog.get_logger(__name__)
Clock = Callable[[], datetime]

RETENTION = "retention"
EVERY = timedelta(days=1)
LEASE = timedelta(minutes=5)
AT_ONCE = 100
"""Rows a transaction deletes: SQLite's one writer is needed by others."""
REST = 0.05
"""Seconds between two of them."""
DAY, TWO_YEARS = timedelta(days=1), timedelta(days=730)


def loop() -> Loop[Chore]:
    """Any number of workers may run it: one of them does it, once a day."""
    Chore.objects.get_or_create(id=RETENTION, defaults={"due_at": timezone.now()})
    return Loop("chores", take=take, serve=serve, threads=1, idle=1.0)


def take(limit: int, clock: Clock = timezone.now) -> list[Chore]:
    return claim(Chore.objects.order_by("pk"), now=clock(), lease=LEASE, limit=limit)


def serve(chore: Chore, clock: Clock = timezone.now) -> None:
    """Deletes all that is old; whoever else holds the chore by then goes on instead."""
    started = clock()
    try:
        for what, rows in old(started).items():
            count = _delete(chore, rows, clock)
            if count:
                log.info("old rows deleted", what=what, count=count)
        _forget_drafts(chore, started, clock)
        audit.forget(started - timedelta(days=settings.KEEP_AUDIT_DAYS))
        with holding(chore):
            release(chore, due_at=started + EVERY)
    except LostClaim:
        log.info("chore lost", chore=chore.pk)


def old(now: datetime) -> dict[str, QuerySet[Any]]:
    """By name, the rows that are kept no longer at ``now``."""
    told_before = now - timedelta(days=settings.KEEP_DELIVERIES_DAYS)
    pending = Delivery.objects.filter(event=OuterRef("pk"), status=Delivery.Status.PENDING)
    return {
        "events": Event._base_manager.filter(~Exists(pending), created_at__lt=told_before).order_by("seq"),
        "idempotency_keys": IdempotencyKey.objects.filter(created_at__lt=now - KEYS_KEPT).order_by("pk"),
        "attempts": Attempt.objects.filter(at__lt=now - DAY).order_by("pk"),
        "sessions": Session.objects.filter(expire_date__lt=now).order_by("pk"),
        "look_ups": LookUp.objects.filter(wanted_until__lt=now - DAY).order_by("pk"),
        "enrollments": Enrollment._base_manager.filter(finished_at__lt=now - TWO_YEARS).order_by("pk"),
    }


def _forget_drafts(chore: Chore, now: datetime, clock: Clock) -> None:
    """Nothing of a draft ever got to the SII: it is no evidence, and only its owner's for ninety days."""
    forgotten = AT_ONCE
    while forgotten == AT_ONCE:
        with holding(chore):
            forgotten = forget(now, AT_ONCE)
            renew(chore, until=clock() + LEASE)
        time.sleep(REST)


def _delete(chore: Chore, rows: QuerySet[Any], clock: Clock) -> int:
    """How many there were. Each transaction is short, and made only while the chore is ours."""
    count = 0
    while some := list(rows.values_list("pk", flat=True)[:AT_ONCE]):
        with holding(chore):
            rows.model._base_manager.filter(pk__in=some).delete()
            renew(chore, until=clock() + LEASE)
        count += len(some)
        time.sleep(REST)
    return count
