"""GET /v2/events/: all that happened, in order, for whoever missed a webhook (contract 2.14)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from timbre.accounts.errors import Rejection
from timbre.api.answers import Events
from timbre.api.auth import scope_of
from timbre.api.document_shape import STRICT
from timbre.api.entities import own_entity
from timbre.api.errors import respond
from timbre.api.fields import Listed
from timbre.api.openapi import documented
from timbre.api.reading import read_query
from timbre.issuing.words import instant
from timbre.webhooks.body import fresh_links
from timbre.webhooks.catalogue import EVENTS
from timbre.webhooks.models import Event

router = Router(tags=["Eventos"])
DEFAULT_LIMIT, MAX_LIMIT = 100, 500
_MAX_CURSOR = 2**63 - 1


class EventQuery(TypedDict, total=False):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    type: Listed
    types: Listed
    starting_after: int
    limit: int
    batch_id: str
    master_entity_id: str


QUERY = TypeAdapter(EventQuery)


@router.get("/events/", summary="Leer eventos", **documented(query=QUERY, answers={200: Events}))
def list_events(request: HttpRequest) -> HttpResponse:
    """Los eventos desde un cursor, del más antiguo al más nuevo. Lo mismo que se envía a los webhooks."""
    query = read_query(request, QUERY)
    limit, after = query.get("limit", DEFAULT_LIMIT), query.get("starting_after", 0)
    if limit < 1 or not 0 <= after <= _MAX_CURSOR:
        param = "limit" if limit < 1 else "starting_after"
        raise Rejection("parameter_invalid", f"«{param}» está fuera de rango.", param=param)
    scope = scope_of(request)
    rows = Event.within(scope).filter(seq__gt=after)
    types = {*query.get("type", []), *query.get("types", [])}
    if types:
        rows = rows.filter(type__in=types & set(EVENTS))
    if "batch_id" in query:
        rows = rows.filter(batch_id=query["batch_id"])
    if "master_entity_id" in query:
        rows = rows.filter(company__entity=own_entity(scope, query["master_entity_id"]))
    size = min(limit, MAX_LIMIT)
    found = list(rows.order_by("seq")[: size + 1])
    data = [_present(event) for event in found[:size]]
    return respond({"object": "list", "url": "/v2/events", "has_more": len(found) > size, "data": data})


def _present(event: Event) -> dict[str, Any]:
    return {
        "id": event.seq,
        "object": "event",
        "type": event.type,
        "created": instant(event.created_at),
        "data": {"object": {**event.data, **fresh_links(event, now=timezone.now())}},
    }
