"""The log of deliveries: what was owed to a webhook, how each attempt went, and sending it again."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from timbre.accounts.errors import NotFound
from timbre.webhooks import body, signing
from timbre.webhooks.endpoints import must_be_active
from timbre.webhooks.models import Delivery, Webhook

WITHHELD = "(no se muestra)"
FRESH_LINK = "(enlace nuevo en cada intento)"


@dataclass(frozen=True, slots=True)
class Request:
    """A delivery as it is sent, but for what is secret or made anew each time."""

    url: str
    headers: dict[str, str]
    body: dict[str, Any]


def log_of(webhook: Webhook, *, status: str = "") -> QuerySet[Delivery]:
    """Its deliveries, of one status or all, newest event first; each with its event but for the data."""
    rows = Delivery.objects.filter(webhook=webhook).select_related("event")
    rows = rows.defer("event__data", "event__files").order_by("-event_id")
    return rows.filter(status=status) if status else rows


def find(webhook: Webhook, delivery_id: str) -> Delivery:
    """The webhook's delivery, with its whole event. Raises NotFound."""
    try:
        pk = uuid.UUID(delivery_id)
    except ValueError:
        raise NotFound("un envío", delivery_id[:60]) from None
    delivery = Delivery.objects.select_related("event").filter(webhook=webhook, pk=pk).first()
    if delivery is None:
        raise NotFound("un envío", delivery_id)
    delivery.webhook = webhook
    return delivery


def resend(delivery: Delivery, now: datetime) -> Delivery:
    """The delivery, due at ``now``: the same event, with the same ids.

    One that is over (delivered, failed or cancelled) gets the whole schedule of tries again; its attempts
    are counted on. One that waits for its next try keeps its place in the schedule.
    Raises Rejection ``webhook_inactive`` when the webhook is paused.
    """
    must_be_active(delivery.webhook)
    row, pending = Delivery.objects.filter(pk=delivery.pk), Delivery.Status.PENDING
    over = row.exclude(status=pending)
    if not over.update(status=pending, due_at=now, resent_after=F("attempts")):
        row.filter(status=pending, due_at__gt=now).update(due_at=now)
    delivery.refresh_from_db(fields=["status", "due_at", "resent_after"])
    return delivery


def request_of(delivery: Delivery) -> Request:
    """What the last attempt sent, or the next one will: rebuilt from the event, without the signatures."""
    event, webhook, at = delivery.event, delivery.webhook, delivery.sent_at or timezone.now()
    identity = signing.Identity(str(event.id), event.type, str(delivery.pk))
    links = {field: FRESH_LINK if link else None for field, link in body.fresh_links(event, now=at).items()}
    return Request(
        webhook.url,
        signing.unsigned(identity, now=at) | dict.fromkeys(signing.SIGNATURES, WITHHELD),
        body.envelope(event, links),
    )
