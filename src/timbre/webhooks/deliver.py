"""Deliveries as work: claimed many at a time, tried on a schedule, each attempt on record."""

import time
from datetime import datetime, timedelta

import structlog
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from timbre.accounts import vault
from timbre.webhooks import body, signing
from timbre.webhooks.models import Attempt, Delivery, Webhook
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
    began = time.monotonic()
    attempt = _send(delivery, timeout)
    seconds = time.monotonic() - began
    attempt.duration_ms = round(1000 * seconds)
    again = None if attempt.good else _next_try(delivery)
    status = Delivery.Status.DELIVERED if attempt.good else Delivery.Status.FAILED
    with holding(delivery):
        release(
            delivery,
            due_at=again,
            status=Delivery.Status.PENDING if again else status,
            attempts=delivery.attempts + 1,
            status_code=attempt.status_code,
            error=attempt.error,
            sent_at=attempt.at,
        )
        attempt.save(force_insert=True)
        Webhook.objects.filter(pk=delivery.webhook_id).update(
            sent=F("sent") + 1,
            delivered=F("delivered") + int(attempt.good),
            last_status_code=attempt.status_code,
            last_sent_at=attempt.at,
            slow=seconds > DRAGGING or not attempt.good,
        )


def _next_try(delivery: Delivery) -> datetime | None:
    """When to try again after the attempt that has just failed; None after the last of the schedule."""
    made = delivery.attempts + 1 - delivery.resent_after
    return timezone.now() + timedelta(minutes=RETRIES[made]) if made < len(RETRIES) else None


def _send(delivery: Delivery, timeout: float) -> Attempt:
    """What came of it (unsaved), with what was wrong in Spanish."""
    event, webhook, now = delivery.event, delivery.webhook, timezone.now()
    attempt = Attempt(delivery=delivery, at=now, url=webhook.url)
    content = body.build(event, now=now)
    identity = signing.Identity(str(event.id), event.type, str(delivery.pk))
    try:
        headers = signing.headers(identity, content, webhook.open_secret(), now=now)
        answer = post(webhook.url, content, headers, environment=webhook.environment, seconds=timeout)
    except vault.Unopenable:
        attempt.error = "Su secreto no se puede abrir con la TIMBRE_SECRET_KEY actual: ponle uno nuevo"
    except Undelivered as error:
        attempt.error = str(error)[:200]
    else:
        attempt.status_code, attempt.answer = answer.status, answer.text
        attempt.error = "" if attempt.good else f"El servidor respondió {answer.status}"
    return attempt


def _deliveries() -> QuerySet[Delivery]:
    return Delivery.objects.select_related("event", "webhook")
