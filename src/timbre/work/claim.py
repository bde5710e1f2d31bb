"""The only concurrency primitive: one conditional UPDATE gives a row to one worker, a token proves it later.

A lease that runs out is work again; nobody has to notice the death of a worker. A worker that slept past
its lease finds its token gone at its next write and stops (fencing).
"""

import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from timbre.work.models import Claimable, Lane

Row = TypeVar("Row", bound=Claimable)


_writing = threading.Lock()


class LostClaim(Exception):
    """Somebody else holds the row now: stop, write nothing."""


def claim(rows: QuerySet[Row], *, now: datetime, lease: timedelta, limit: int = 1) -> list[Row]:
    """Up to ``limit`` due rows, now leased to the caller, in the order of ``rows``. Two queries.

    A row that somebody else is writing at this very moment is passed by: waiting for it with others of the
    batch in hand is how deadlocks are made.
    """
    due = rows.filter(free(now), due_at__lte=now)
    candidates = list(due.values_list("pk", flat=True)[:limit])
    if not candidates:
        return []
    token = secrets.token_hex(16)
    model = rows.model
    with _in_turn(), transaction.atomic():
        unlocked = model._base_manager.select_for_update(skip_locked=True).filter(pk__in=candidates)
        model._base_manager.filter(free(now), pk__in=unlocked.values("pk"), due_at__lte=now).update(
            token=token, lease_until=now + lease
        )
    # By the token alone: a row that no longer matches ``rows`` is leased to us all the same.
    mine = rows.order_by()
    mine.query.clear_where()
    claimed = {row.pk: row for row in mine.filter(pk__in=candidates, token=token)}
    return [claimed[pk] for pk in candidates if pk in claimed]


def free(now: datetime) -> Q:
    """Leased to nobody at ``now``."""
    return Q(lease_until=None) | Q(lease_until__lte=now)


@contextmanager
def holding(row: Claimable) -> Iterator[None]:
    """One durable transaction in which the row is still ours; LostClaim, with nothing written, if not."""
    with _in_turn(), transaction.atomic(durable=True):
        mine = type(row)._base_manager.select_for_update().filter(pk=row.pk, token=row.token)
        if not mine.exists():
            raise LostClaim(str(row.pk))
        yield


@contextmanager
def holding_and_waking(lane: Lane, others: Iterable[str], now: datetime) -> Iterator[None]:
    """``holding(lane)`` for what gives work to other lanes: all are locked in one order, so that two that do
    it to each other do not wait for each other.
    """
    with _in_turn(), transaction.atomic(durable=True):
        Lane.wake(sorted({lane.pk, *others}), now)
        if not Lane.objects.filter(pk=lane.pk, token=lane.token).exists():
            raise LostClaim(lane.pk)
        yield


def renew(row: Claimable, *, until: datetime) -> None:
    """Extends the lease; only inside ``holding(row)``."""
    type(row)._base_manager.filter(pk=row.pk, token=row.token).update(lease_until=until)
    row.lease_until = until


def release(row: Claimable, *, due_at: datetime | None, **columns: object) -> None:
    """Hands the row back, due again at ``due_at`` (None: nothing to do); only inside ``holding(row)``."""
    type(row)._base_manager.filter(pk=row.pk, token=row.token).update(
        token="", lease_until=None, due_at=due_at, **columns
    )


@contextmanager
def _in_turn() -> Iterator[None]:
    """SQLite has one writer and waits for it by polling, 100 ms a time: our own threads queue instead."""
    if connection.vendor != "sqlite":
        yield
        return
    with _writing:
        yield
