"""Events are written, with the deliveries they owe, in the transaction of the move they tell of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, prefetch_related_objects

from timbre.accounts.models import User
from timbre.taxpayers.models import Company
from timbre.webhooks.models import Delivery, Event, Webhook
from timbre.work.environments import Environment


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
    """Writes the events and their deliveries; call it inside the transaction that makes them true.

    A handful of queries whatever the number.
    """
    told = list(tellings)
    events = record(told, now=now)
    listening = _listening(list({telling.company.pk: telling.company for telling in told}.values()))
    Delivery.objects.bulk_create(
        Delivery(event=event, webhook=webhook, due_at=now)
        for event, telling in zip(events, told, strict=True)
        for webhook in listening[telling.company.pk]
        if event.type in webhook.events
    )
    return events


def record(tellings: Sequence[Telling], *, now: datetime) -> list[Event]:
    """Writes the events alone, for no webhook; within a transaction, as ``emit`` does.

    One user's events become visible in the order of their ``seq``: who reads on from the last one seen
    misses none.
    """
    _take_turns({telling.company.user_id for telling in tellings})
    return Event.objects.bulk_create(_event(telling, now) for telling in tellings)


def _event(telling: Telling, now: datetime) -> Event:
    return Event(
        user_id=telling.company.user_id,
        environment=telling.company.environment,
        type=telling.type,
        company=telling.company,
        batch_id=telling.batch_id,
        document_id=telling.document_id,
        # Whoever asked for both environments must be able to tell them apart, whatever the event.
        data={**telling.data, "is_sandbox": telling.company.environment == Environment.SANDBOX},
        files=dict(telling.files),
        created_at=now,
    )


def _take_turns(user_ids: set[str]) -> None:
    """Until the transaction ends, nobody else numbers events of these users.

    PostgreSQL hands out numbers before the commit: without this a lower one could appear after a higher
    one had been read. SQLite has one writer anyway.
    """
    users = User.objects.filter(pk__in=user_ids)
    list(users.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _listening(companies: list[Company]) -> dict[str, list[Webhook]]:
    """By company: its own active webhooks, and those of its twin in production that ask for both."""
    prefetch_related_objects(companies, "entity")
    own = Q(company__in=companies)
    twins = Q(
        both=True,
        environment=Environment.PRODUCTION,
        user__in={company.user_id for company in companies},
        company__entity__rut__in={company.entity.rut for company in companies},
    )
    active = list(Webhook.objects.filter(own | twins, is_active=True).select_related("company__entity"))
    return {company.pk: [w for w in active if _listens(w, company)] for company in companies}


def _listens(webhook: Webhook, company: Company) -> bool:
    if webhook.company_id == company.pk:
        return True
    twin = webhook.user_id == company.user_id and webhook.company.entity.rut == company.entity.rut
    return webhook.both and webhook.environment == Environment.PRODUCTION and twin
