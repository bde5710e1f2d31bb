"""Events in the words of their list, and how their deliveries went."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from timbre.platform.hooks.rows import STATUSES, DeliveryRow
from timbre.webhooks.catalogue import EVENTS
from timbre.webhooks.models import Delivery, Event

MOST_DELIVERIES = 50


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as the log shows it. ``deliveries``: kind of mark, word and number, the worst first."""

    event: Event
    deliveries: Sequence[tuple[str, str, int]] = ()

    @property
    def word(self) -> str:
        return EVENTS.get(self.event.type, self.event.type)

    @property
    def company(self) -> str:
        entity = self.event.company.entity if self.event.company else None
        return (entity.name or entity.rut) if entity else ""


def rows_of(events: Sequence[Event]) -> list[EventRow]:
    """The events with the state of the deliveries they caused: one query, however many they are."""
    found = Delivery.objects.filter(event__in=[event.pk for event in events])
    counts = {(pk, status): n for pk, status, n in found.values_list("event", "status").annotate(Count("pk"))}
    return [EventRow(event, _told(event, counts)) for event in events]


def deliveries_of(event: Event) -> list[DeliveryRow]:
    """To whom it was told, or is to be."""
    owed = Delivery.objects.filter(event=event).select_related("webhook")
    return [DeliveryRow(each) for each in owed.order_by("webhook__created_at", "pk")[:MOST_DELIVERIES]]


_WORST_FIRST = (
    Delivery.Status.FAILED,
    Delivery.Status.PENDING,
    Delivery.Status.CANCELLED,
    Delivery.Status.DELIVERED,
)


def _told(event: Event, counts: dict[tuple[int, str], int]) -> list[tuple[str, str, int]]:
    return [
        (*STATUSES[status], counts[event.pk, status])
        for status in _WORST_FIRST
        if (event.pk, status) in counts
    ]
