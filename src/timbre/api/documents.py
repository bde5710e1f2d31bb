"""/v2/documents/: issued documents, their history, and what a person settles (contract 2.8, 2.10, 2.11)."""

from typing import Annotated, Literal, Required

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from timbre.accounts.errors import NotFound, Rejection
from timbre.accounts.scope import Scope
from timbre.api.answers import Page
from timbre.api.auth import scope_of
from timbre.api.batches import actor_of
from timbre.api.document_answers import DocumentItem, DocumentTold, StateRegistered, States
from timbre.api.document_filters import DOCUMENT_QUERY, read_filters
from timbre.api.errors import respond
from timbre.api.fields import told_as
from timbre.api.openapi import documented
from timbre.api.pages import page_of, sparse
from timbre.api.reading import read_body, read_query
from timbre.api.shape import STRICT
from timbre.issuing import drafts, presenting
from timbre.issuing.models import Document
from timbre.issuing.resolving import resolve as resolve_document
from timbre.issuing.states import set_paid

router = Router(tags=["Documentos"])
SII_EVENTS = {"ERM", "ACD", "RCD", "RFT", "RFP", "ANNULLED"}


class FieldsQuery(TypedDict, total=False):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    fields: str


class StateAsked(TypedDict, total=False):
    """PAID o UNPAID."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    event_code: Required[Annotated[str, told_as(enum=["PAID", "UNPAID"])]]
    rejection_reason: str | None


class OutcomeAsked(TypedDict):
    """Lo que una persona vio en el SII."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    outcome: Literal["issued", "not_issued"]


FIELDS, STATE, OUTCOME = TypeAdapter(FieldsQuery), TypeAdapter(StateAsked), TypeAdapter(OutcomeAsked)


@router.get(
    "/documents/",
    summary="Listar documentos",
    **documented(query=DOCUMENT_QUERY, answers={200: Page[DocumentItem]}),
)
def list_documents(request: HttpRequest) -> HttpResponse:
    """Documentos emitidos, del más nuevo al más antiguo. Con folio, los demás filtros no cuentan.

    search busca un folio, un RUT o su comienzo, un trozo del nombre del receptor, un external_id o su
    comienzo, o el identificador de un lote o documento. amount_gte y amount_lte son pesos enteros, con IVA.
    json_param__<clave>=valor busca en los campos propios de texto.
    """
    query, rows = read_filters(request)
    return respond(page_of(request, rows.select_related("company__entity"), query, presenting.list_items))


@router.get(
    "/documents/{document_id}/",
    summary="Ver un documento",
    **documented(query=FIELDS, answers={200: DocumentTold}),
)
def read(request: HttpRequest, document_id: str) -> HttpResponse:
    """Todo lo que se sabe del documento: enlace al PDF (una hora), texto del XML, líneas e historia."""
    query = read_query(request, FIELDS)
    document = _find(scope_of(request), document_id)
    return respond(sparse(presenting.detail(document, timezone.now()), query.get("fields")))


@router.delete(
    "/documents/{document_id}/", summary="Descartar un borrador", **documented(answers={204: None})
)
def discard(request: HttpRequest, document_id: str) -> HttpResponse:
    """Lo borra. Un borrador no se edita: descártalo y crea otro."""
    drafts.discard(scope_of(request), document_id, now=timezone.now())
    return HttpResponse(status=204)


@router.get(
    "/documents/{document_id}/states/", summary="Historial de estados", **documented(answers={200: States})
)
def list_states(request: HttpRequest, document_id: str) -> HttpResponse:
    """Lo que le ha pasado al documento, lo más nuevo primero. Solo se agrega; nada se borra."""
    return respond(presenting.states(_find(scope_of(request), document_id)))


@router.post(
    "/documents/{document_id}/states/",
    summary="Registrar un estado",
    **documented(body=STATE, answers={200: StateRegistered}),
)
def add_state(request: HttpRequest, document_id: str) -> HttpResponse:
    """PAID o UNPAID, para documentos emitidos."""
    document, asked = _find(scope_of(request), document_id), read_body(request, STATE)
    code = asked.values["event_code"]
    if code in SII_EVENTS:
        message = f"Registrar {code} en el SII no se ofrece todavía. Se ofrecen PAID y UNPAID."
        raise Rejection("not_available", message, param="event_code")
    if code not in {"PAID", "UNPAID"}:
        raise Rejection("parameter_invalid", "«event_code» debe ser PAID o UNPAID.", param="event_code")
    set_paid(document, code == "PAID", actor=actor_of(request), now=timezone.now())
    return respond(
        {
            "success": True,
            "event_registered": True,
            "message": "Estado registrado.",
            "document": {
                **presenting.list_items([document])[0],
                "document_status": {"paid_status": "PAID" if document.is_paid else "NOT_PAID"},
            },
            **({"warnings": asked.warnings} if asked.warnings else {}),
        }
    )


@router.post(
    "/documents/{document_id}/resolve/",
    summary="Resolver una duda",
    **documented(body=OUTCOME, answers={200: DocumentTold}),
)
def resolve(request: HttpRequest, document_id: str) -> HttpResponse:
    """Para un documento en duda: una persona dice si el SII lo emitió (issued) o no (not_issued)."""
    asked, now, scope = read_body(request, OUTCOME), timezone.now(), scope_of(request)
    outcome = asked.values["outcome"]
    resolve_document(scope, document_id, outcome=outcome, actor=actor_of(request), now=now)
    return respond(presenting.detail(_find(scope, document_id), now))


def _documents(scope: Scope) -> QuerySet[Document]:
    return Document.within(scope).select_related("company__entity")


def _find(scope: Scope, document_id: str) -> Document:
    document = _documents(scope).filter(pk=document_id).first()
    if document is None:
        raise NotFound("un documento", document_id)
    return document
