"""A draft on the screen: how it will look, and the two things that can become of it."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from timbre.issuing import drafts, previewing
from timbre.issuing.models import Document
from timbre.issuing.previewing import Copy
from timbre.platform.documents.files import FRAMED
from timbre.platform.documents.one import find
from timbre.platform.documents.words import title_of
from timbre.platform.frame import ScreenRequest, actor_of, address, confirm, do, screen
from timbre.work.environments import Environment


@screen
def preview(request: ScreenRequest, document_id: str) -> HttpResponse:
    """The PDF without validity (``?copia=rollo|cedible``); once the document is signed, on to its own."""
    document = find(request.scope, document_id)
    if document.state not in previewing.UNSIGNED_YET:
        return HttpResponseRedirect(address(request, "documents-pdf", document_id=document_id))
    asked = request.GET.get("copia", Copy.LETTER)
    if asked not in previewing.copies_of(document):
        raise Http404
    copy = Copy(asked)
    response = HttpResponse(previewing.draw(document, copy), content_type="application/pdf", headers=FRAMED)
    response["Content-Disposition"] = f'inline; filename="{previewing.file_name(document, copy)}"'
    return response


@screen
def issue(request: ScreenRequest, document_id: str) -> HttpResponse:
    document = find(request.scope, document_id)
    back = address(request, "documents-one", document_id=document_id)
    if request.method == "POST":
        actor, now = actor_of(request), timezone.now()
        return do(
            request,
            lambda: drafts.issue(request.scope, document_id, actor=actor, now=now),
            done="Se va a emitir en cuanto llegue su turno.",
            back=back,
        )
    issuer = _issuer(document)
    explain = "Va al SII simulado: no vale nada."
    if request.frame.environment == Environment.PRODUCTION:
        explain = (
            f"Se emite de verdad ante el SII, a nombre de {issuer}, con la fecha {document.date_issued}. "
            "No se puede deshacer: solo se corrige con una nota de crédito."
        )
    return confirm(
        request,
        ask=f"¿Emitir el borrador a {document.receiver_name or document.receiver_rut}?",
        explain=explain,
        button=f"Emitir de {issuer}",
        back=back,
    )


@screen
def discard(request: ScreenRequest, document_id: str) -> HttpResponse:
    document = find(request.scope, document_id)
    if request.method == "POST":
        return do(
            request,
            lambda: drafts.discard(request.scope, document_id, now=timezone.now()),
            done="El borrador se descartó.",
            back=address(request, "documents"),
        )
    return confirm(
        request,
        ask=f"¿Descartar {title_of(document).lower()}?",
        explain="Se borra para siempre. El SII nunca supo de él.",
        button="Descartar el borrador",
        back=address(request, "documents-one", document_id=document_id),
    )


def _issuer(document: Document) -> str:
    return document.company.entity.name or document.company.entity.rut
