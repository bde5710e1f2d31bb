"""Events are written, with the deliveries they owe, in the transaction of the move they tell of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from timbre.taxpayers.models import Company
from timbre.webhooks.models import Delivery, Event, Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One event to be told about a company."""

    type: str
    company: Company
    data: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)
    batch_id: str = ""
    document_id: str = ""


def emit(tellings: Iterable[Telling], *, now: datetime) -> list[Event]:
    """Writes the events and their deliveries; call it inside the transaction that makes them true."""
    told = list(tellings)
    events = [
        Event.objects.create(
            user_id=telling.company.user_id,
            environment=telling.company.environment,
            type=telling.type,
            company=telling.company,
            batch_id=telling.batch_id,
            document_id=telling.document_id,
            data=dict(telling.data),
            files=dict(telling.files),
            created_at=now,
        )
        for telling in told
    ]
    listening = {company.pk: _webhooks_of(company) for company in {t.company for t in told}}
    deliveries = [
        Delivery(event=event, webhook=webhook, due_at=now)
        for event, telling in zip(events, told, strict=True)
        for webhook in listening[telling.company.pk]
        if event.type in webhook.events
    ]
    Delivery.objects.bulk_create(deliveries)
    return events


def _webhooks_of(company: Company) -> list[Webhook]:
    """The company's own webhooks, and those of its twin in the other environment that asked for both."""
    own = Q(company=company)
    twin = Q(both=True, user_id=company.user_id, company__entity__rut=company.entity.rut)
    return list(Webhook.objects.filter(own | twin, is_active=True))
