"""/v2/documents/{id}/: a draft looked at, and issued once. To discard one is api.documents."""

from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from timbre.accounts.errors import NotFound, Rejection
from timbre.api.auth import scope_of
from timbre.api.batches import actor_of, idempotency_key
from timbre.api.draft_answers import DraftIssued, PreviewTold
from timbre.api.errors import respond
from timbre.api.openapi import documented
from timbre.api.reading import read_query
from timbre.api.shape import STRICT
from timbre.issuing import drafts, previewing
from timbre.issuing.models import Document
from timbre.issuing.previewing import Copy

router = Router(tags=["Borradores"])
HEADERS = {
    "Idempotency-Key": "Hasta 256 caracteres, recordada un año: repetirla devuelve la misma respuesta.",
}


class PreviewQuery(TypedDict, total=False):
    """Qué copia del documento muestra el enlace."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    paper: Literal["letter", "roll"]
    copy: Literal["original", "assignable"]


PREVIEW = TypeAdapter(PreviewQuery)
COPIES = {
    ("letter", "original"): Copy.LETTER,
    ("roll", "original"): Copy.ROLL,
    ("letter", "assignable"): Copy.ASSIGNABLE,
}


@router.get(
    "/documents/{document_id}/preview/",
    summary="Ver cómo quedará",
    **documented(query=PREVIEW, answers={200: PreviewTold}),
)
def preview(request: HttpRequest, document_id: str) -> HttpResponse:
    """Los totales paso a paso y, mientras no se firma, un enlace al PDF de la vista previa.

    paper=roll es el rollo de 80 mm de una boleta; copy=assignable, la copia cedible de una 33, 34, 46 o guía
    de venta. Sin ellos, el original en carta.
    """
    query = read_query(request, PREVIEW)
    document = Document.within(scope_of(request)).filter(pk=document_id).first()
    if document is None:
        raise NotFound("un documento", document_id)
    copy = _copy(document, query.get("paper", "letter"), query.get("copy", "original"))
    return respond(previewing.preview(document, timezone.now(), copy))


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


def _copy(document: Document, paper: str, copy: str) -> Copy:
    """Raises Rejection when the document has no such copy."""
    asked, known = COPIES.get((paper, copy)), previewing.copies_of(document)
    if asked in known:
        return asked
    if paper == "roll" and Copy.ROLL not in known:
        message = "Solo una boleta (39 o 41) se imprime en rollo: pide «paper=letter»."
        raise Rejection("parameter_invalid", message, param="paper")
    message = "Solo una 33, 34, 46 o guía de venta tiene copia cedible: pide «copy=original»."
    raise Rejection("parameter_invalid", message, param="copy")
