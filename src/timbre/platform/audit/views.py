"""Registro de actividad: who did what, when, from where, in this environment and with the account."""

from django.db.models import Q
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from timbre.accounts import audit
from timbre.platform.audit.rows import Row, grouped
from timbre.platform.frame import ScreenRequest, screen, show
from timbre.platform.stretches import stretch_of

MAX_TEXT = 100


@require_GET
@screen
def index(request: ScreenRequest) -> HttpResponse:
    """The newest first: all, or those of one action, or those that name a text."""
    action, text = request.GET.get("accion", ""), request.GET.get("texto", "").strip()[:MAX_TEXT]
    rows = audit.entries(request.user.pk, request.frame.environment)
    if action in audit.ACTIONS:
        rows = rows.filter(action=action)
    if text:
        rows = rows.filter(_naming(text))
    page = stretch_of(request, rows, by_time=True)
    context = {
        "rows": [Row(entry) for entry in page.rows],
        "page": page,
        "groups": grouped(),
        "action": action if action in audit.ACTIONS else "",
        "text": text,
    }
    return show(request, "audit/index.html", context)


def _naming(text: str) -> Q:
    """Who, on what, from where, in which request: any of it has the text in it."""
    columns = ("actor", "target", "address", "request_id")
    found = Q()
    for column in columns:
        found |= Q(**{f"{column}__icontains": text})
    return found
