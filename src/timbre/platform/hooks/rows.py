"""Webhooks and deliveries in the words of their lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from timbre.webhooks.catalogue import EVENTS
from timbre.webhooks.health import Health
from timbre.webhooks.models import Delivery, Webhook

Status = Delivery.Status
STATUSES: dict[str, tuple[str, str]] = {
    Status.PENDING: ("wait", "Pendiente"),
    Status.DELIVERED: ("good", "Entregado"),
    Status.FAILED: ("bad", "Falló"),
    Status.CANCELLED: ("off", "Cancelado"),
}
"""By status of a delivery: the kind of its mark, and its word."""
_NAMED = 3


@dataclass(frozen=True, slots=True)
class HookRow:
    """A webhook as the list shows it; ``health`` where it is told how it does."""

    webhook: Webhook
    health: Health | None = None

    @property
    def mark(self) -> tuple[str, str]:
        """The kind of its mark, and its word."""
        if self.webhook.disabled_at:
            return "bad", "Desactivado"
        if not self.webhook.is_active:
            return "off", "En pausa"
        if self.webhook.failing_since:
            return "bad", "Con fallas"
        return ("wait", "Pidió esperar") if self.rests else ("good", "Activo")

    @property
    def rests(self) -> bool:
        """It asked for time, which is not over yet."""
        until = self.webhook.rest_until
        return until is not None and until > timezone.now()

    @property
    def company(self) -> str:
        entity = self.webhook.company.entity
        return entity.name or entity.rut

    @property
    def events(self) -> str:
        """``Emitido, Emisión fallida y 4 más``."""
        return in_words(self.webhook.events)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery as the log shows it."""

    delivery: Delivery

    @property
    def mark(self) -> tuple[str, str]:
        return STATUSES[self.delivery.status]

    @property
    def event(self) -> str:
        return EVENTS.get(self.delivery.event.type, self.delivery.event.type)

    @property
    def next_try(self) -> datetime | None:
        """When it is tried next; None when it is over, or its turn has come."""
        due = self.delivery.due_at
        return due if due and due > timezone.now() else None


def in_words(events: Sequence[str]) -> str:
    """The first three, and how many more there are."""
    named = [EVENTS.get(event, event) for event in events[:_NAMED]]
    rest = len(events) - len(named)
    return f"{', '.join(named)} y {rest} más" if rest else ", ".join(named)


def seconds_until_next_look(deliveries: Sequence[Delivery]) -> int:
    """How often a log with these rows should be looked at again; 0 when none of them waits."""
    soon = [each.due_at for each in deliveries if each.status == Status.PENDING and each.due_at]
    if not soon:
        return 0
    return 2 if (min(soon) - timezone.now()).total_seconds() < 90 else 30
