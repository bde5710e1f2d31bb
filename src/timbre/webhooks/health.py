"""How a webhook is doing: what got through lately, what waits, when it is disabled if all of it fails."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from timbre.webhooks.models import Delivery, Webhook

LATELY = timedelta(hours=24)
WARNED_AFTER = timedelta(days=1)
DISABLED_AFTER = timedelta(days=5)
NOTICE = timedelta(days=1)
"""Between the warning and the end, at least: whoever is warned late has a day, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Of the deliveries tried in the last 24 hours, how many there were and how many have got through.

    ``success_rate_24h`` is a percentage to one decimal, None when nothing was tried. ``disables_at`` is when
    it will be disabled if not one attempt succeeds until then; None while all is well, or all is over.
    """

    sent_24h: int
    delivered_24h: int
    success_rate_24h: float | None
    pending: int
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_reason: str
    rest_until: datetime | None
    disables_at: datetime | None


def health(webhook: Webhook, *, now: datetime) -> Health:
    """How this one is doing. Two queries, answered from indexes."""
    return health_of([webhook], now=now)[webhook.pk]


def health_of(webhooks: Iterable[Webhook], *, now: datetime) -> dict[str, Health]:
    """By id, how each is doing. Two queries, whatever the number."""
    asked = list(webhooks)
    theirs = Delivery.objects.filter(webhook__in=[webhook.pk for webhook in asked]).order_by()
    through = Count("webhook_id", filter=Q(status=Delivery.Status.DELIVERED))
    tried = (
        theirs.filter(sent_at__gte=now - LATELY)
        .values("webhook_id")
        .annotate(tried=Count("webhook_id"), through=through)
    )
    lately = {each["webhook_id"]: (each["tried"], each["through"]) for each in tried}
    waits = theirs.filter(status=Delivery.Status.PENDING).values("webhook_id")
    pending = dict(waits.values_list("webhook_id", Count("webhook_id")))
    return {
        webhook.pk: _health(webhook, lately.get(webhook.pk, (0, 0)), pending.get(webhook.pk, 0), now)
        for webhook in asked
    }


def disables_at(failing_since: datetime, warned_at: datetime | None) -> datetime:
    """When one that goes on failing is disabled: after five days, and a day after its user was warned."""
    end = failing_since + DISABLED_AFTER
    return max(end, warned_at + NOTICE) if warned_at else end


def _health(webhook: Webhook, lately: tuple[int, int], pending: int, now: datetime) -> Health:
    sent, delivered = lately
    since, resting = webhook.failing_since, webhook.rest_until is not None and webhook.rest_until > now
    return Health(
        sent_24h=sent,
        delivered_24h=delivered,
        success_rate_24h=round(100 * delivered / sent, 1) if sent else None,
        pending=pending,
        failing_since=webhook.failing_since,
        disabled_at=webhook.disabled_at,
        disabled_reason=webhook.disabled_reason,
        rest_until=webhook.rest_until if resting else None,
        disables_at=disables_at(since, webhook.warned_at) if since and webhook.is_active else None,
    )
