"""Deliveries as work: claimed many at a time, tried on a schedule, each attempt on record."""

import time
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter

import structlog
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from timbre.accounts import vault
from timbre.webhooks import body, letters, measured, schedule, signing, standing
from timbre.webhooks.body import ReadFiles, no_files
from timbre.webhooks.letters import Letter
from timbre.webhooks.models import Attempt, Delivery, Webhook
from timbre.webhooks.post import Undelivered, post
from timbre.work.claim import LostClaim, claim, free, holding, release
from timbre.work.loop import Loop

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
TIMEOUT = 15.0
"""Seconds an attempt may take in all, from looking up the name to the last byte of the answer."""
DRAGGING = 2.0
"""Seconds after which even a good answer makes its webhook a slow one."""


def loops(*, read_files: ReadFiles, threads: int = 8) -> list[Loop[Delivery]]:
    """What a worker runs: slow webhooks have threads of their own, so that nobody waits behind them.

    ``read_files`` reads the files of the webhooks that want them inline.
    """
    one = partial(serve, read_files=read_files)
    return [
        Loop("deliveries", take=take, serve=one, threads=threads, ahead=threads),
        Loop("slow-deliveries", take=take_slow, serve=one, threads=threads),
    ]


def take(limit: int) -> list[Delivery]:
    """Up to ``limit`` due deliveries of webhooks in good standing, leased to the caller, oldest first.

    When more are due than there is room for, those come first of whose webhook none is under way: nobody
    waits behind the crowd that somebody else has made.
    """
    now = timezone.now()
    due = _deliveries().filter(webhook__slow=False).order_by("due_at")
    crowded = due.filter(free(now), due_at__lte=now)[: limit + 1].count() > limit
    first = _take_heads(limit, slow=False, now=now) if crowded else []
    rest = limit - len(first)
    return first + (claim(due, now=now, lease=LEASE, limit=rest) if rest else [])


def take_slow(limit: int) -> list[Delivery]:
    """Up to ``limit`` due deliveries of slow webhooks that do not rest, never two of the same one at a time.

    A webhook that rests is a slow one: ``take`` need not look.
    """
    return _take_heads(limit, slow=True, now=timezone.now())


def _take_heads(limit: int, *, slow: bool, now: datetime) -> list[Delivery]:
    """The oldest due delivery of each webhook of which none is under way: a second one of the same user only
    after the first ones of all.
    """
    due = Delivery.objects.filter(webhook=OuterRef("pk"), due_at__lte=now)
    first = due.order_by("due_at").values("pk")[:1]
    awake = Q(rest_until=None) | Q(rest_until__lte=now)
    waiting = Webhook.objects.filter(awake, ~Exists(due.filter(lease_until__gt=now)), slow=slow)
    heads = Delivery.objects.filter(pk__in=waiting.annotate(head=Subquery(first)).values("head"))
    turns: Counter[str] = Counter()
    ranked = []
    for pk, user_id in heads.order_by("due_at").values_list("pk", "webhook__user_id"):
        turns[user_id] += 1
        ranked.append((turns[user_id], pk))
    chosen = [pk for _, pk in sorted(ranked, key=itemgetter(0))[:limit]]
    if not chosen:
        return []
    return claim(_deliveries().filter(pk__in=chosen), now=now, lease=LEASE, limit=limit)


def serve(delivery: Delivery, *, timeout: float = TIMEOUT, read_files: ReadFiles = no_files) -> None:
    """One attempt, whatever comes of it saved; a delivery that is no longer ours is left alone.

    Its webhook is looked at anew: since it was claimed, others of the same batch may have been refused,
    or have dragged.
    """
    webhook = Webhook.objects.filter(pk=delivery.webhook_id).first()
    if webhook is None:
        return  # deleted, and its deliveries with it
    delivery.webhook, now = webhook, timezone.now()
    try:
        if not webhook.is_active:
            _cancel(delivery)
        elif _too_late(delivery, now + timedelta(seconds=timeout)) or _not_now(delivery, now):
            with holding(delivery):
                release(delivery, due_at=delivery.due_at)
        else:
            _attempt(delivery, timeout, read_files)
    except LostClaim:
        log.info("delivery lost", delivery=str(delivery.pk))


def _too_late(delivery: Delivery, end: datetime) -> bool:
    """Slept since claiming: whoever takes it next makes the attempt."""
    return delivery.lease_until is None or delivery.lease_until < end


def _not_now(delivery: Delivery, now: datetime) -> bool:
    """Its webhook rests, or is a slow one of which another delivery is under way."""
    webhook = delivery.webhook
    if webhook.rest_until is not None and webhook.rest_until > now:
        return True
    others = Delivery.objects.filter(webhook=webhook, due_at__lte=now, lease_until__gt=now)
    return webhook.slow and others.exclude(pk=delivery.pk).exists()


def _cancel(delivery: Delivery) -> None:
    said = standing.CANCELLED if delivery.webhook.disabled_at else "El webhook está en pausa"
    with holding(delivery):
        release(delivery, due_at=None, status=Delivery.Status.CANCELLED, error=said)


def _attempt(delivery: Delivery, timeout: float, read_files: ReadFiles) -> None:
    began = time.monotonic()
    attempt, retry_after = _send(delivery, timeout, read_files)
    seconds = time.monotonic() - began
    attempt.duration_ms = round(1000 * seconds)
    with holding(delivery):
        if attempt.good:
            _delivered(delivery, attempt, dragged=seconds > DRAGGING)
            letter = None
        else:
            letter = _not_delivered(delivery, attempt, retry_after)
    measured.tell(delivery, attempt, seconds=seconds, now=timezone.now())
    if letter:
        letters.post(letter, now=timezone.now())


def _delivered(delivery: Delivery, attempt: Attempt, *, dragged: bool) -> None:
    _save(delivery, attempt, Delivery.Status.DELIVERED, due_at=None)
    standing.note_good(delivery.webhook, attempt, dragged=dragged, now=timezone.now())


def _not_delivered(delivery: Delivery, attempt: Attempt, retry_after: str) -> Letter | None:
    """Due again, while the schedule lasts and the receiver is there; the letter owed for it, if any."""
    webhook, now = delivery.webhook, timezone.now()
    asked = schedule.asked_wait(retry_after, now=now)
    failing = now - (webhook.failing_since or now)
    rest = schedule.rest_after(attempt.status_code, asked=asked, failing=failing)
    made = delivery.attempts + 1 - delivery.resent_after
    wait = None if attempt.status_code == standing.GONE else schedule.wait_after(made)
    if wait is None:
        _save(delivery, attempt, Delivery.Status.FAILED, due_at=None)
    else:
        _save(delivery, attempt, Delivery.Status.PENDING, due_at=now + max(wait, rest))
    return standing.note_bad(webhook, attempt, rest=rest, now=now)


def _save(delivery: Delivery, attempt: Attempt, status: Delivery.Status, *, due_at: datetime | None) -> None:
    release(
        delivery,
        due_at=due_at,
        status=status,
        attempts=delivery.attempts + 1,
        status_code=attempt.status_code,
        error=attempt.error,
        sent_at=attempt.at,
    )
    attempt.save(force_insert=True)


def _send(delivery: Delivery, timeout: float, read_files: ReadFiles) -> tuple[Attempt, str]:
    """What came of it (unsaved), with what was wrong in Spanish, and when the receiver wants the next one."""
    event, webhook, now = delivery.event, delivery.webhook, timezone.now()
    attempt, retry_after = Attempt(delivery=delivery, at=now, url=webhook.url), ""
    content = body.build(event, now=now, inline=read_files if webhook.inline_files else None)
    identity = signing.Identity(str(event.id), event.type, str(delivery.pk))
    try:
        headers = signing.headers(identity, content, webhook.open_secrets(now=now), now=now)
        answer = post(webhook.url, content, headers, environment=webhook.environment, seconds=timeout)
    except vault.Unopenable:
        attempt.error = "Su secreto no se puede abrir con la TIMBRE_SECRET_KEY actual: ponle uno nuevo"
    except Undelivered as error:
        attempt.error = str(error)[:200]
    else:
        attempt.status_code, attempt.answer, retry_after = answer.status, answer.text, answer.retry_after
        attempt.error = "" if attempt.good else f"El servidor respondió {answer.status}"
    return attempt, retry_after


def _deliveries() -> QuerySet[Delivery]:
    return Delivery.objects.select_related("event")
