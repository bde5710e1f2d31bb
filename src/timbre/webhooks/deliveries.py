"""The log of deliveries: what was owed to a webhook, how each attempt went, and sending it again."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from timbre.accounts import audit, throttle
from timbre.accounts.errors import NotFound, Rejection
from timbre.accounts.scope import Scope
from timbre.taxpayers.models import Company
from timbre.webhooks import body, signing
from timbre.webhooks.endpoints import must_be_active, wake
from timbre.webhooks.models import Attempt, Delivery, Event, Webhook
from timbre.work.environments import Environment

Status = Delivery.Status
MOST_REPLAYED = 20_000
"""Events of one replay: they are written in one transaction."""
MOST_ATTEMPTS = 50
"""Attempts told of one delivery: it can be sent again and again."""
WITHHELD = "(no se muestra)"
FRESH_LINK = "(enlace nuevo en cada intento)"
INLINE = "(va en cada envío)"


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
    are counted on. One that waits for its next try keeps its place in the schedule. Whoever asks for it says
    that the receiver is there: it rests no longer.
    Raises Rejection ``webhook_inactive`` when the webhook is paused.
    """
    must_be_active(delivery.webhook)
    with transaction.atomic():
        _send_again(Delivery.objects.filter(pk=delivery.pk), now=now)
        wake(delivery.webhook)
        audit.tell(delivery.webhook.scope, "delivery.resent", str(delivery.pk), now=now)
    delivery.refresh_from_db(fields=["status", "due_at", "resent_after"])
    return delivery


def replay(
    webhook: Webhook,
    *,
    since: datetime,
    until: datetime | None = None,
    everything: bool = False,
    now: datetime,
) -> int:
    """How many deliveries are on their way now: those of the events from ``since`` to ``until``, both
    included (None: to ``now``), that the webhook asks for today and that did not get through.

    That is what failed, was cancelled, waits for its next try, or was never owed because the webhook was
    paused, disabled or not there. ``everything`` sends again what was delivered, too. What is being sent at
    this moment is left alone. Each keeps its ids.
    Raises Rejection ``webhook_inactive``, ``too_many_attempts``, and ``range_invalid`` when the range is
    empty or holds more than ``MOST_REPLAYED`` events.
    """
    must_be_active(webhook)
    throttle.attempt("replay", user=webhook.user_id, now=now)
    owed = _owed(webhook, since, until or now)
    with transaction.atomic():
        # Two at once would both owe what was never owed.
        Webhook.objects.select_for_update(no_key=True).filter(pk=webhook.pk).first()
        mine = Delivery.objects.filter(webhook=webhook, event__in=owed)
        again = _send_again(mine if everything else mine.exclude(status=Status.DELIVERED), now=now)
        missing = owed.exclude(Exists(Delivery.objects.filter(webhook=webhook, event=OuterRef("pk"))))
        fresh = [
            Delivery(event_id=pk, webhook=webhook, due_at=now) for pk in missing.values_list("pk", flat=True)
        ]
        Delivery.objects.bulk_create(fresh, batch_size=1000)
        wake(webhook)
        told = {"since": since.isoformat(), "deliveries": again + len(fresh), "everything": everything}
        audit.tell(webhook.scope, "webhook.replayed", webhook.pk, now=now, **told)
    return again + len(fresh)


def _owed(webhook: Webhook, since: datetime, until: datetime) -> QuerySet[Event]:
    """The events of these days that the webhook asks for as it is now."""
    if since > until:
        message = "El rango está vacío: since debe ser anterior a until, y no estar en el futuro."
        raise Rejection("range_invalid", message, param="since")
    asked = set(webhook.events) - {"webhook.test"}
    owed = Event.objects.filter(company__in=_heard(webhook), type__in=asked, created_at__range=(since, until))
    if owed[: MOST_REPLAYED + 1].count() > MOST_REPLAYED:
        message = f"El rango tiene más de {MOST_REPLAYED} eventos: divídelo."
        raise Rejection("range_invalid", message, param="since")
    return owed


def _heard(webhook: Webhook) -> list[str]:
    """The companies whose events it gets: its own and, when it asked for both, its twin in sandbox."""
    if not webhook.both:
        return [webhook.company_id]
    sandbox = Scope(webhook.user_id, Environment.SANDBOX)
    twins = Company.within(sandbox).filter(entity__rut=webhook.company.entity.rut)
    return [webhook.company_id, *twins.values_list("pk", flat=True)]


def _send_again(rows: QuerySet[Delivery], *, now: datetime) -> int:
    """What is over gets its whole schedule again, what waits its next try now; the rest is on its way."""
    over = rows.exclude(status=Status.PENDING)
    waiting = rows.filter(status=Status.PENDING, due_at__gt=now)
    # In this order: what was over waits no more.
    hurried = waiting.update(due_at=now)
    return hurried + over.update(status=Status.PENDING, due_at=now, resent_after=F("attempts"))


def attempts_of(delivery: Delivery) -> list[Attempt]:
    """How it went, the newest first: ``MOST_ATTEMPTS`` at most."""
    return list(delivery.log.all()[:MOST_ATTEMPTS])


def request_of(delivery: Delivery) -> Request:
    """What the last attempt sent, or the next one will: rebuilt from the event, without the signatures."""
    event, webhook, at = delivery.event, delivery.webhook, delivery.sent_at or timezone.now()
    identity = signing.Identity(str(event.id), event.type, str(delivery.pk))
    links = {field: FRESH_LINK if link else None for field, link in body.fresh_links(event, now=at).items()}
    if webhook.inline_files:
        links |= body.enclosed(event, body.no_files)
        links |= {name(field): INLINE for field in event.files for name in body.INLINE_NAMES}
    return Request(
        webhook.url,
        signing.unsigned(identity, now=at) | dict.fromkeys(signing.SIGNATURES, WITHHELD),
        body.envelope(event, links),
    )
