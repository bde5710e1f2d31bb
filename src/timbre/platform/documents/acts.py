"""What a person does to one document: says that it was paid, and what the SII made of a doubt."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from timbre.issuing.models import Document
from timbre.issuing.resolving import Outcome, resolve
from timbre.issuing.states import set_paid
from timbre.platform.documents.one import find
from timbre.platform.documents.words import title_of
from timbre.platform.frame import ScreenRequest, actor_of, address, confirm, do, screen


@require_POST
@screen
def pay(request: ScreenRequest, document_id: str) -> HttpResponse:
    """``pagado=si`` or ``pagado=no``."""
    document, paid = find(request.scope, document_id), request.POST.get("pagado") == "si"
    return do(
        request,
        lambda: set_paid(document, paid, actor=actor_of(request), now=timezone.now()),
        done="Quedó marcado como pagado." if paid else "Quedó marcado como no pagado.",
        back=address(request, "documents-one", document_id=document_id),
    )


@screen
def issued(request: ScreenRequest, document_id: str) -> HttpResponse:
    document = find(request.scope, document_id)
    return _settle(
        request,
        document,
        "issued",
        ask=f"¿El SII emitió el folio {document.folio}?",
        explain=(
            f"Di que sí solo si lo viste en sii.cl, en los documentos emitidos por {_company(document)}. "
            "Timbre irá a buscar sus archivos."
        ),
        button="Sí, el SII lo emitió",
    )


@screen
def not_issued(request: ScreenRequest, document_id: str) -> HttpResponse:
    document = find(request.scope, document_id)
    return _settle(
        request,
        document,
        "not_issued",
        ask=f"¿El SII no emitió el folio {document.folio}?",
        explain=(
            f"Di que no solo si en sii.cl no está entre los documentos emitidos por {_company(document)}. "
            "Si estaba y lo reintentas, el cliente recibirá dos facturas."
        ),
        button="El SII no lo emitió",
    )


def _settle(
    request: ScreenRequest, document: Document, outcome: Outcome, *, ask: str, explain: str, button: str
) -> HttpResponse:
    back = address(request, "documents-one", document_id=document.pk)
    if request.method != "POST":
        return confirm(request, ask=ask, explain=explain, button=button, back=back)
    now, actor = timezone.now(), actor_of(request)
    return do(
        request,
        lambda: resolve(request.scope, document.pk, outcome=outcome, actor=actor, now=now),
        done=f"{title_of(document)}: quedó como lo dijiste.",
        back=back,
    )


def _company(document: Document) -> str:
    return document.company.entity.name or document.company.entity.rut
