"""Deliveries as work: claimed many at a time, tried on a schedule, each attempt on record."""

import time
from datetime import timedelta

import structlog
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from timbre.accounts import vault
from timbre.webhooks import body, signing
from timbre.webhooks.models import Delivery, Webhook
from timbre.webhooks.post import Undelivered, post
from timbre.work.claim import LostClaim, claim, holding, release
from timbre.work.loop import Loop

log = structlog.get_logger(__name__)

RETRIES = (0, 1, 5, 15, 60, 360)
"""Minutes from one attempt to the next; the first is at once, and after the last the delivery has failed."""
LEASE = timedelta(seconds=60)
TIMEOUT = 15.0
"""Seconds an attempt may take in all, from looking up the name to the last byte of the answer."""
DRAGGING = 2.0
"""Seconds after which even a good answer makes its webhook a slow one."""


def loops(*, threads: int = 8) -> list[Loop[Delivery]]:
    """What a worker runs: slow webhooks have threads of their own, so that nobody waits behind them."""
    return [
        Loop("deliveries", take=take, serve=serve, threads=threads, ahead=threads),
        Loop("slow-deliveries", take=take_slow, serve=serve, threads=threads),
    ]


def take(limit: int) -> list[Delivery]:
    """Up to ``limit`` due deliveries of webhooks in good standing, leased to the caller, oldest first."""
    due = _deliveries().filter(webhook__slow=False).order_by("due_at")
    return claim(due, now=timezone.now(), lease=LEASE, limit=limit)


def take_slow(limit: int) -> list[Delivery]:
    """Up to ``limit`` due deliveries of slow webhooks, never two of the same one at a time."""
    now = timezone.now()
    its = Delivery.objects.filter(webhook=OuterRef("pk"))
    first = its.filter(due_at__lte=now).order_by("due_at").values("pk")[:1]
    waiting = Webhook.objects.filter(~Exists(its.filter(lease_until__gt=now)), slow=True)
    heads = list(
        waiting.annotate(head=Subquery(first)).exclude(head=None).values_list("head", flat=True)[:limit]
    )
    if not heads:
        return []
    return claim(_deliveries().filter(pk__in=heads), now=now, lease=LEASE, limit=limit)


def serve(delivery: Delivery, *, timeout: float = TIMEOUT) -> None:
    """One attempt, whatever comes of it saved; a delivery that is no longer ours is left alone."""
    now = timezone.now()
    try:
        if delivery.lease_until is None or delivery.lease_until < now + timedelta(seconds=timeout):
            # Slept since claiming: whoever takes it next makes the attempt.
            with holding(delivery):
                release(delivery, due_at=delivery.due_at)
        elif delivery.webhook.is_active:
            _attempt(delivery, timeout)
        else:
            with holding(delivery):
                release(
                    delivery, due_at=None, status=Delivery.Status.CANCELLED, error="El webhook está en pausa"
                )
    except LostClaim:
        log.info("delivery lost", delivery=str(delivery.pk))


def _attempt(delivery: Delivery, timeout: float) -> None:
    began, sent_at = time.monotonic(), timezone.now()
    status_code, error = _send(delivery, timeout)
    dragged = time.monotonic() - began > DRAGGING
    good = status_code is not None and 200 <= status_code < 300
    attempts = delivery.attempts + 1
    again = (
        None if good or attempts >= len(RETRIES) else timezone.now() + timedelta(minutes=RETRIES[attempts])
    )
    status = Delivery.Status.DELIVERED if good else Delivery.Status.FAILED
    with holding(delivery):
        release(
            delivery,
            due_at=again,
            status=Delivery.Status.PENDING if again else status,
            attempts=attempts,
            status_code=status_code,
            error=error,
            sent_at=sent_at,
        )
        Webhook.objects.filter(pk=delivery.webhook_id).update(
            sent=F("sent") + 1,
            delivered=F("delivered") + int(good),
            last_status_code=status_code,
            last_sent_at=sent_at,
            slow=dragged or not good,
        )


def _send(delivery: Delivery, timeout: float) -> tuple[int | None, str]:
    """The status of the answer and what was wrong, in Spanish (empty: nothing)."""
    event, webhook, now = delivery.event, delivery.webhook, timezone.now()
    content = body.build(event, now=now)
    identity = signing.Identity(str(event.id), event.type, str(delivery.pk))
    try:
        headers = signing.headers(identity, content, webhook.open_secret(), now=now)
        status = post(webhook.url, content, headers, environment=webhook.reach, seconds=timeout)
    except vault.Unopenable:
        return None, "Su secreto no se puede abrir con la TIMBRE_SECRET_KEY actual: ponle uno nuevo"
    except Undelivered as error:
        return None, str(error)[:200]
    return status, "" if 200 <= status < 300 else f"El servidor respondió {status}"


def _deliveries() -> QuerySet[Delivery]:
    return Delivery.objects.select_related("event", "webhook")
