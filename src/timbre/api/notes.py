"""/v2/documents/{id}/annul/ and /correct/: the credit or debit note of an issued document, made from it."""

import hashlib
from typing import Annotated, Any, Literal, Required

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from timbre.accounts.errors import InvalidDocuments, Rejection
from timbre.api.auth import scope_of
from timbre.api.batches import HEADERS, actor_of, idempotency_key, preview_of, scenario_of
from timbre.api.document_answers import BatchAccepted
from timbre.api.document_checks import check_documents
from timbre.api.errors import respond
from timbre.api.fields import Day
from timbre.api.openapi import documented
from timbre.api.reading import Asked, read_body
from timbre.api.shape import STRICT
from timbre.api.shape.codes import short
from timbre.api.shape.lines import Line
from timbre.issuing import notes
from timbre.issuing.models import Document

router = Router(tags=["Notas"])
MAX_LINES = 60
MAX_WORDS = 500
"""Of each of the two texts: both, with the words between them, fit a line's name and description."""
NOTE_HEADERS = {name: said for name, said in HEADERS.items() if name != "X-Use-Defaults"}


class _Note(TypedDict, total=False):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    date_issued: Day | None
    state: Literal["issued", "draft"] | None
    preview: bool | None


class AnnulAsked(_Note, total=False):
    """reason va en la nota, tras la frase del SII, si las dos caben en 90 caracteres."""

    reason: Annotated[str, short(notes.RAZON)] | None


class TextAsked(TypedDict):
    """Lo que dice el documento y lo que debe decir."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    says: Annotated[str, short(MAX_WORDS, empty=False)]
    should_say: Annotated[str, short(MAX_WORDS, empty=False)]


class AmountsAsked(TypedDict):
    """Cuánto menos (discount, nota de crédito) o cuánto más (increase, nota de débito), línea por línea."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    kind: Required[Literal["discount", "increase"]]
    details: Required[Annotated[list[Line], Field(min_length=1, max_length=MAX_LINES)]]


class CorrectAsked(_Note, total=False):
    """text o amounts, uno de los dos."""

    text: TextAsked | None
    amounts: AmountsAsked | None


ANNUL, CORRECT = TypeAdapter(AnnulAsked), TypeAdapter(CorrectAsked)


@router.post(
    "/documents/{document_id}/annul/",
    summary="Anular un documento",
    **documented(body=ANNUL, headers=NOTE_HEADERS, answers={202: BatchAccepted}),
)
def annul(request: HttpRequest, document_id: str) -> HttpResponse:
    """Emite la nota que lo anula, con sus mismas líneas y montos: de crédito, o de débito si es una nota de
    crédito. Responde como un lote de un documento. De dos solicitudes se emite una sola nota.
    """
    asked, now = read_body(request, ANNUL), timezone.now()
    document = notes.original(scope_of(request), document_id)
    day = notes.day_of(asked.values.get("date_issued"), now)
    note = notes.annulment(document, day=day, reason=asked.values.get("reason") or "")
    return _accept(request, document, note, asked)


@router.post(
    "/documents/{document_id}/correct/",
    summary="Corregir un documento",
    **documented(body=CORRECT, headers=NOTE_HEADERS, answers={202: BatchAccepted}),
)
def correct(request: HttpRequest, document_id: str) -> HttpResponse:
    """Emite la nota que corrige su texto, sin montos, o sus montos. Responde como un lote de un documento."""
    asked, now = read_body(request, CORRECT), timezone.now()
    text, amounts = asked.values.get("text"), asked.values.get("amounts")
    if bool(text) == bool(amounts):
        message = "Envía «text» o «amounts», uno de los dos: lo que se corrige."
        raise Rejection("parameter_invalid", message, param="text" if text else "amounts")
    document = notes.original(scope_of(request), document_id)
    day = notes.day_of(asked.values.get("date_issued"), now)
    note = (
        notes.correction_of_text(document, day=day, says=text["says"], should_say=text["should_say"])
        if text
        else notes.correction_of_amounts(document, day=day, kind=amounts["kind"], details=amounts["details"])
    )
    try:
        check_documents([note], use_defaults=True)
    except InvalidDocuments as invalid:
        raise notes.as_written(invalid, asked.values) from invalid
    return _accept(request, document, note, asked)


def _accept(request: HttpRequest, document: Document, note: dict[str, Any], asked: Asked) -> HttpResponse:
    scenario, as_draft = scenario_of(request), asked.values.get("state") == "draft"
    same = f"{request.path}\n{scenario}\n{asked.text}"
    accepted = notes.issue(
        scope_of(request),
        document,
        note,
        notes.Asking(
            actor=actor_of(request),
            now=timezone.now(),
            idempotency_key=idempotency_key(request),
            fingerprint=hashlib.sha256(same.encode()).hexdigest(),
            scenario=scenario,
            as_draft=as_draft,
            preview=preview_of(asked.values.get("preview"), as_drafts=as_draft),
            warnings=asked.warnings,
            written=asked.values,
        ),
    )
    response = respond(accepted.answer, 202)
    if accepted.replayed:
        response["Idempotent-Replayed"] = "true"
    return response
