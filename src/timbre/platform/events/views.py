"""The log of what happened, and one event with the body that webhooks get and how they took it."""

import json
import re
import uuid

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from timbre.accounts.errors import NotFound
from timbre.platform.events.rows import deliveries_of, rows_of
from timbre.platform.frame import ScreenRequest, screen, show
from timbre.platform.hooks.forms import TOLD
from timbre.platform.stretches import cursor_of, stretch_of
from timbre.webhooks import body, events
from timbre.webhooks.catalogue import EVENTS
from timbre.webhooks.deliveries import FRESH_LINK
from timbre.webhooks.models import Event

TYPES = (*TOLD, "webhook.test")
"""What there can be in the log."""
_ID = re.compile(r"(docu|doba)_\w{1,40}", re.ASCII)


@require_GET
@screen
def index(request: ScreenRequest) -> HttpResponse:
    """What happened in this environment, newest first: of a company, of a type, of a document or batch."""
    kind, about = request.GET.get("tipo", ""), request.GET.get("de", "").strip()
    asked = _about(about)
    rows = events.select(
        request.scope,
        types=(kind,) if kind in TYPES else (),
        company_id=request.frame.company.pk if request.frame.company else "",
        batch_id=about if asked == "batch" else "",
        document_id=about if asked == "document" else "",
        newest_first=True,
    )
    if asked == "event":
        rows = rows.filter(id=uuid.UUID(about))
    elif asked == "nothing":
        rows = rows.none()
    page = stretch_of(request, rows.select_related("company__entity").defer("data", "files"))
    context = {
        "rows": rows_of(page.rows),
        "page": page,
        "types": [(each, EVENTS[each]) for each in TYPES],
        "kind": kind if kind in TYPES else "",
        "about": about,
        "narrowed": bool(about or kind in TYPES or request.frame.company),
    }
    return show(request, "events/index.html", context)


@require_GET
@screen
def one(request: ScreenRequest, event_id: str) -> HttpResponse:
    """An event in full, with the deliveries it caused."""
    event = find(request, event_id)
    links = {field: FRESH_LINK if link else None for field, link in _links(event).items()}
    [row] = rows_of([event])
    context = {
        "event": event,
        "row": row,
        "deliveries": deliveries_of(event),
        "body": json.dumps(body.envelope(event, links), ensure_ascii=False, indent=2),
    }
    return show(request, "events/one.html", context)


def find(request: ScreenRequest, event_id: str) -> Event:
    """The scope's event of this sequence number. Raises NotFound."""
    rows = Event.within(request.scope).select_related("company__entity")
    event = rows.filter(pk=cursor_of(event_id)).first()
    if event is None:
        raise NotFound("un evento", event_id[:60])
    return event


def _links(event: Event) -> dict[str, str | None]:
    return body.fresh_links(event, now=timezone.now())


def _about(text: str) -> str:
    """What an id of a filter names: a document, a batch, an event; nothing, or nothing asked for."""
    if named := _ID.fullmatch(text):
        return {"docu": "document", "doba": "batch"}[named[1]]
    try:
        uuid.UUID(text)
    except ValueError:
        return "nothing" if text else ""
    return "event"
