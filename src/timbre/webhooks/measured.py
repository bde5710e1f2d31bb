"""How attempts to deliver went: measured and logged, without what was sent or answered."""

from datetime import datetime

import structlog
from django.db.models import Count, Q
from prometheus_client import Histogram

from timbre.webhooks.models import Attempt, Delivery, Webhook

log = structlog.get_logger("webhooks")
SECONDS = Histogram(
    "timbre_delivery_attempt_seconds",
    "Time of one attempt to deliver an event to a webhook.",
    ["outcome"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15),
)
LATENCY = Histogram(
    "timbre_delivery_latency_seconds",
    "From the event to its arrival at the webhook.",
    buckets=(0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800, 7200, 43200, 259200),
)


def tell(delivery: Delivery, attempt: Attempt, *, seconds: float, now: datetime) -> None:
    """One attempt, once what came of it is saved."""
    outcome = "delivered" if attempt.good else "failed"
    SECONDS.labels(outcome).observe(seconds)
    if attempt.good:
        LATENCY.observe(max((now - delivery.event.created_at).total_seconds(), 0))
    log.info(
        "delivery",
        event_id=str(delivery.event.id),
        type=delivery.event.type,
        webhook_id=delivery.webhook_id,
        attempt=delivery.attempts + 1,
        outcome=outcome,
        status=attempt.status_code,
        ms=round(seconds * 1000),
    )


def troubled() -> dict[str, int]:
    """How many webhooks, of all users, are ``disabled`` or ``failing``."""
    disabled, failing = (Count("pk", filter=~Q(**{each: None})) for each in ("disabled_at", "failing_since"))
    return Webhook.objects.aggregate(disabled=disabled, failing=failing)
