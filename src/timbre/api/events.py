"""GET /v2/events/: all that happened, in order, for whoever missed a webhook (contract 2.14)."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import TypeAdapter, WithJsonSchema
from typing_extensions import TypedDict

from timbre.accounts.errors import Rejection
from timbre.api.answers import Events
from timbre.api.auth import scope_of
from timbre.api.entities import own_company
from timbre.api.errors import respond
from timbre.api.fields import Counting, Listed, items_told_as
from timbre.api.openapi import documented
from timbre.api.reading import read_query
from timbre.api.shape import STRICT
from timbre.issuing.words import instant
from timbre.webhooks import events
from timbre.webhooks.body import data, fresh_links
from timbre.webhooks.catalogue import EVENTS
from timbre.webhooks.models import Event

router = Router(tags=["Eventos"])
DEFAULT_LIMIT, MAX_LIMIT = 100, 500
_MAX_CURSOR = 2**63 - 1


EventNames = Annotated[Listed, items_told_as(enum=list(EVENTS))]


class EventQuery(TypedDict, total=False):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    type: EventNames
    types: EventNames
    starting_after: Annotated[int, WithJsonSchema({"type": "integer", "minimum": 0, "maximum": _MAX_CURSOR})]
    limit: Counting
    batch_id: str
    document_id: str
    master_entity_id: str


QUERY = TypeAdapter(EventQuery)


@router.get("/events/", summary="Leer eventos", **documented(query=QUERY, answers={200: Events}))
def list_events(request: HttpRequest) -> HttpResponse:
    """Los eventos desde un cursor, del más antiguo al más nuevo. Lo mismo que se envía a los webhooks.

    El cursor es el id del último evento leído, que es también su data.sequence.
    """
    query = read_query(request, QUERY)
    limit, after = query.get("limit", DEFAULT_LIMIT), query.get("starting_after", 0)
    if limit < 1 or not 0 <= after <= _MAX_CURSOR:
        param = "limit" if limit < 1 else "starting_after"
        raise Rejection("parameter_invalid", f"«{param}» está fuera de rango.", param=param)
    rows = events.select(
        scope_of(request),
        types=[*query.get("type", []), *query.get("types", [])],
        batch_id=query.get("batch_id", ""),
        document_id=query.get("document_id", ""),
        company_id=_company_id(request, query),
        after=after,
    )
    size = min(limit, MAX_LIMIT)
    found = list(rows[: size + 1])
    data = [_present(event) for event in found[:size]]
    return respond({"object": "list", "url": "/v2/events", "has_more": len(found) > size, "data": data})


def _company_id(request: HttpRequest, query: dict[str, Any]) -> str:
    asked = query.get("master_entity_id", "")
    return own_company(scope_of(request), asked).pk if asked else ""


def _present(event: Event) -> dict[str, Any]:
    return {
        "id": event.seq,
        "object": "event",
        "type": event.type,
        "created": instant(event.created_at),
        "data": {"object": data(event, fresh_links(event, now=timezone.now()))},
    }
