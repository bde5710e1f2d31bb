"""Time passes for webhooks without anybody waiting: every stored time of theirs moves into the past."""

from datetime import timedelta

from django.db.models import F, Model

from timbre.webhooks.deliver import serve, take, take_slow
from timbre.webhooks.models import Attempt, Delivery, Event, Webhook

TIMES: dict[type[Model], tuple[str, ...]] = {
    Attempt: ("at",),
    Delivery: ("due_at", "lease_until", "sent_at"),
    Event: ("created_at",),
    Webhook: (
        "rest_until",
        "failing_since",
        "warned_at",
        "disabled_at",
        "previous_secret_until",
        "last_sent_at",
        "created_at",
    ),
}


def elapse(by: timedelta) -> None:
    """As if so much time had passed since all that was saved."""
    for model, names in TIMES.items():
        model._default_manager.update(**{name: F(name) - by for name in names})


def work_off() -> int:
    """Serves what is due now, slow webhooks included; how many deliveries that were."""
    taken = take(50) + take_slow(50)
    for delivery in taken:
        serve(delivery)
    return len(taken)


def work_all_off() -> int:
    """Serves until nothing is due any more."""
    served = 0
    while some := work_off():
        served += some
    return served
