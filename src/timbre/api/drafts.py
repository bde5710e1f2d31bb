"""/v2/documents/{id}/: a draft looked at, and issued once. To discard one is api.documents."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from timbre.accounts.errors import NotFound
from timbre.api.auth import scope_of
from timbre.api.batches import actor_of, idempotency_key
from timbre.api.draft_answers import DraftIssued, PreviewTold
from timbre.api.errors import respond
from timbre.api.openapi import documented
from timbre.issuing import drafts, previewing
from timbre.issuing.models import Document

router = Router(tags=["Borradores"])
HEADERS = {
    "Idempotency-Key": "Hasta 256 caracteres, recordada un año: repetirla devuelve la misma respuesta.",
}


@router.get(
    "/documents/{document_id}/preview/",
    summary="Ver cómo quedará",
    **documented(answers={200: PreviewTold}),
)
def preview(request: HttpRequest, document_id: str) -> HttpResponse:
    """Los totales paso a paso y, mientras no se firma, un enlace al PDF de la vista previa."""
    document = Document.within(scope_of(request)).filter(pk=document_id).first()
    if document is None:
        raise NotFound("un documento", document_id)
    return respond(previewing.preview(document, timezone.now()))


@router.post(
    "/documents/{document_id}/issue/",
    summary="Emitir un borrador",
    **documented(headers=HEADERS, answers={202: DraftIssued}),
)
def issue(request: HttpRequest, document_id: str) -> HttpResponse:
    """Lo pone en cola para emitirlo, una sola vez; antes se revisa de nuevo. Conserva su fecha de emisión."""
    issued = drafts.issue(
        scope_of(request),
        document_id,
        actor=actor_of(request),
        now=timezone.now(),
        idempotency_key=idempotency_key(request),
    )
    response = respond(issued.answer, 202)
    if issued.replayed:
        response["Idempotent-Replayed"] = "true"
    return response
