"""Events as they are read: one user's, narrowed, from a cursor on."""

from collections.abc import Collection

from django.db.models import QuerySet

from timbre.accounts.errors import Rejection
from timbre.accounts.scope import Scope
from timbre.webhooks.catalogue import EVENTS
from timbre.webhooks.models import Event


def select(
    scope: Scope,
    *,
    types: Collection[str] = (),
    batch_id: str = "",
    document_id: str = "",
    company_id: str = "",
    after: int = 0,
    newest_first: bool = False,
) -> QuerySet[Event]:
    """The scope's events with a ``seq`` above ``after``, oldest first unless asked; empty is any.

    Raises Rejection ``event_type_invalid`` for a type there is none of: silence would look like no events.
    """
    for name in types:
        if name not in EVENTS:
            message = f"No existe el evento {name[:60]!r}. Los que hay: {', '.join(EVENTS)}."
            raise Rejection("event_type_invalid", message, param="types")
    asked = {
        # One alone is read in the index's own order; several are sorted out of the whole log's.
        "type": next(iter(types)) if len(types) == 1 else "",
        "type__in": list(types) if len(types) > 1 else [],
        "batch_id": batch_id,
        "document_id": document_id,
        "company_id": company_id,
        "seq__gt": after,
    }
    rows = Event.within(scope).filter(**{name: value for name, value in asked.items() if value})
    return rows.order_by("-seq" if newest_first else "seq")
