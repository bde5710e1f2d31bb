"""Batches: all of them, one that is watched while it is issued, and what may be done with it."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from timbre.accounts.errors import NotFound
from timbre.issuing import batches
from timbre.issuing.figures import Standing, beginning_of, listed
from timbre.issuing.models import Batch
from timbre.issuing.words import ESTADOS, Estado
from timbre.platform.batches.telling import MOST_TROUBLES, Told, lines_of, seen, tell, troubles_of
from timbre.platform.developers import snippets
from timbre.platform.documents.words import actor_name
from timbre.platform.frame import ScreenRequest, actor_of, address, confirm, do, screen, show
from timbre.platform.pages import SIZE, page_of
from timbre.work.environments import Environment

FILTERS = (Standing.EN_PROCESO, Standing.CON_PROBLEMAS)
RESTORED = (
    "Se restauró un respaldo: primero se averigua cuáles tiene el SII; esos están emitidos y no se cancelan."
)
OVERLAP = 10
"""Seconds: a worker saves a document some time after the moment it writes on it."""


@screen
def index(request: ScreenRequest) -> HttpResponse:
    company, standing = request.frame.company, request.GET.get("estado", "")
    found = listed(request.scope, company_id=company.pk if company else "", standing=standing)
    page = page_of(request, found, total=found.count())
    context = {
        "page": page,
        "lots": tell(request.scope, page.rows),
        "filters": FILTERS,
        "standing": standing,
        "narrowed": company is not None or standing in FILTERS,
        "curl": "" if page.rows else snippets.own_batch(request.frame),
    }
    return show(request, "batches/index.html", context)


@screen
def one(request: ScreenRequest, batch_id: str) -> HttpResponse:
    told = find(request, batch_id)
    lines, total = lines_of(request.scope, told.batch), told.figures.documents
    estado = _estado(request.GET.get("estado", ""))
    if estado:
        lines, total = lines.filter(ESTADOS[estado]), told.figures.words.get(estado, 0)
    page = page_of(request, lines, total=total)
    drawn = ".".join(str(line.index) for line in page.rows)
    beginning = beginning_of(told.batch)
    asked_by = actor_name(beginning.actor) if beginning else ""
    context = {"page": page, "estado": estado, "asked_by": asked_by, **_live(request, told, drawn)}
    return show(request, "batches/one.html", context)


@screen
def progress(request: ScreenRequest, batch_id: str) -> HttpResponse:
    """What changed since the screen was drawn: 204 for nothing, else counts, troubles and changed lines."""
    told = find(request, batch_id)
    if request.GET.get("visto") == seen(told.figures):
        return HttpResponse(status=204)
    drawn = [_whole(place) for place in request.GET.get("lineas", "").split(".")][:SIZE]
    since = datetime.fromtimestamp(_whole(request.GET.get("desde", "")), UTC)
    changed = lines_of(request.scope, told.batch).filter(index__in=drawn, updated_at__gte=since)
    parts = _live(request, told, ".".join(map(str, drawn)))
    return show(request, "batches/progress.html", {**parts, "changed": changed})


@screen
def cancel(request: ScreenRequest, batch_id: str) -> HttpResponse:
    told = find(request, batch_id)
    back = address(request, "batches-one", batch_id=batch_id)
    if request.method == "POST":
        return do(
            request,
            lambda: batches.cancel(request.scope, batch_id, now=timezone.now(), actor=actor_of(request)),
            done="Se canceló lo que todavía no se enviaba al SII.",
            back=back,
        )
    if not told.figures.cancellable:
        return show(request, "batches/nothing.html", {"back": back})
    documents = _how_many(told.figures.cancellable)
    restored = f" {RESTORED}" if told.figures.uncompared else ""
    return confirm(
        request,
        ask=f"¿Cancelar {documents}{_of_whom(request, told)}?",
        explain="Son los que todavía no se firman: no llegarán al SII. Lo que ya va en camino sigue. "
        f"Después puedes reintentarlos.{restored}",
        button=f"Cancelar {documents}{_of_whom(request, told)}",
        back=back,
    )


@require_POST
@screen
def retry(request: ScreenRequest, batch_id: str) -> HttpResponse:
    return do(
        request,
        lambda: batches.retry(request.scope, batch_id, now=timezone.now(), actor=actor_of(request)),
        done="Lo que no se había emitido vuelve a la cola.",
        back=address(request, "batches-one", batch_id=batch_id),
    )


def find(request: ScreenRequest, batch_id: str) -> Told:
    """The batch with its figures; NotFound when it is not of this user and environment."""
    batch = Batch.within(request.scope).filter(pk=batch_id).first()
    if batch is None:
        raise NotFound("un lote", batch_id)
    return tell(request.scope, [batch])[0]


def _live(request: ScreenRequest, told: Told, drawn: str) -> dict[str, Any]:
    """What changes while somebody watches; ``drawn`` are the lines on the screen, to be kept up to date."""
    troubles = troubles_of(lines_of(request.scope, told.batch))
    now = int(timezone.now().timestamp())
    return {
        "told": told,
        "batch": told.batch,
        "troubles": troubles[:MOST_TROUBLES],
        "untold": len(troubles) - MOST_TROUBLES,
        "of_whom": _of_whom(request, told),
        "next": urlencode({"visto": seen(told.figures), "desde": now - OVERLAP, "lineas": drawn}),
    }


def _estado(text: str) -> Estado | None:
    return Estado(text) if text in Estado.values else None


def _of_whom(request: ScreenRequest, told: Told) -> str:
    """In production a button says whose documents it touches."""
    return f" de {told.names}" if request.frame.environment == Environment.PRODUCTION else ""


def _how_many(documents: int) -> str:
    return "1 documento" if documents == 1 else f"{documents} documentos"


def _whole(text: str) -> int:
    """A number of an address; 0 when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 else 0
