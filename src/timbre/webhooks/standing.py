"""What an attempt says of its webhook: that it is well, it fails, and in the end it is disabled."""

from datetime import datetime, timedelta
from typing import Any

import httpx
from django.db.models import Case, F, QuerySet, Value, When
from django.db.models.functions import Coalesce, Greatest

from timbre.dte.rut import with_dots
from timbre.webhooks import letters
from timbre.webhooks.emit import Telling, emit
from timbre.webhooks.health import WARNED_AFTER, disables_at
from timbre.webhooks.letters import Letter
from timbre.webhooks.models import Attempt, Delivery, Webhook
from timbre.work.claim import free

GONE = 410
CANCELLED = "El webhook se desactivó: actívalo y reenvía por rango lo que falta"


def note_good(webhook: Webhook, attempt: Attempt, *, dragged: bool, now: datetime) -> None:
    """All is well, or well again. ``webhook`` is the row as it was when the attempt began.

    What another attempt has found since then stands: one that asked for time gets it even so.
    """
    counted: dict[str, Any] = {
        "sent": F("sent") + 1,
        "delivered": F("delivered") + 1,
        "last_status_code": attempt.status_code,
        "last_sent_at": attempt.at,
    }
    if webhook.slow or webhook.failing_since or dragged:
        resting = When(rest_until__gt=now, then=Value(True))
        counted |= {"failing_since": None, "warned_at": None, "slow": Case(resting, default=Value(dragged))}
    Webhook.objects.filter(pk=webhook.pk).update(**counted)


def note_bad(webhook: Webhook, attempt: Attempt, *, rest: timedelta, now: datetime) -> Letter | None:
    """It fails: from now on one delivery at a time, and none while it rests.

    The letter its user is owed, if any: to be sent after the transaction, and never told twice.
    """
    webhook.failing_since = webhook.failing_since or attempt.at
    until = Value(now + rest)
    resting = {"rest_until": Greatest(Coalesce("rest_until", until), until)} if rest else {}
    Webhook.objects.filter(pk=webhook.pk).update(
        sent=F("sent") + 1,
        last_status_code=attempt.status_code,
        last_sent_at=attempt.at,
        failing_since=Coalesce("failing_since", Value(attempt.at)),
        slow=True,
        **resting,
    )
    if attempt.status_code == GONE:
        return _disable(webhook, attempt, Webhook.Disabled.GONE, now)
    if now - webhook.failing_since < WARNED_AFTER:
        return None
    if webhook.warned_at is None:
        return _warn(webhook, attempt, webhook.failing_since, now)
    if now < disables_at(webhook.failing_since, webhook.warned_at):
        return None
    return _disable(webhook, attempt, Webhook.Disabled.FAILING, now)


def _warn(webhook: Webhook, attempt: Attempt, since: datetime, now: datetime) -> Letter | None:
    """The warning, for whoever comes first; for the others nothing."""
    unwarned = _as_it_was(webhook, attempt).filter(warned_at=None, failing_since=since)
    if not unwarned.update(warned_at=now):
        return None
    return letters.failing(webhook, attempt, since=since, end=disables_at(since, now))


def _disable(webhook: Webhook, attempt: Attempt, reason: str, now: datetime) -> Letter | None:
    """Nothing more is sent to it; what waits ends, and can be replayed. Whoever comes second does nothing."""
    standing = _as_it_was(webhook, attempt)
    if reason == Webhook.Disabled.FAILING:
        standing = standing.filter(failing_since=webhook.failing_since)
    if not standing.update(is_active=False, disabled_at=now, disabled_reason=reason, rest_until=None):
        return None
    webhook.disabled_at, webhook.disabled_reason = now, reason
    _cancel_waiting(webhook, now)
    emit([_telling(webhook, attempt)], now=now)
    return letters.disabled(webhook, attempt)


def _as_it_was(webhook: Webhook, attempt: Attempt) -> QuerySet[Webhook]:
    """The row, unless in the meantime it was disabled, paused or sent elsewhere."""
    return Webhook.objects.filter(pk=webhook.pk, is_active=True, url=attempt.url)


def _cancel_waiting(webhook: Webhook, now: datetime) -> None:
    """What is on its way now ends by itself; rows that others write are passed by, as in ``claim``."""
    waiting = Delivery.objects.filter(free(now), webhook=webhook, status=Delivery.Status.PENDING)
    unlocked = waiting.select_for_update(skip_locked=True).values("pk")
    Delivery.objects.filter(pk__in=unlocked).update(
        status=Delivery.Status.CANCELLED, due_at=None, token="", lease_until=None, error=CANCELLED
    )


def _telling(webhook: Webhook, attempt: Attempt) -> Telling:
    entity = webhook.company.entity
    return Telling(
        type="webhook.disabled",
        company=webhook.company,
        data={
            "webhook_id": webhook.pk,
            # Not its whole URL, which may carry what only its own server should know.
            "host": httpx.URL(webhook.url).host,
            "reason": webhook.disabled_reason,
            "failing_since": webhook.failing_since and webhook.failing_since.isoformat(),
            "last_status_code": attempt.status_code,
            "last_error": attempt.error,
            "master_entity": {"id": entity.pk, "name": entity.name, "tax_id": with_dots(entity.rut)},
        },
    )
