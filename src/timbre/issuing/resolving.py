"""A person decides what Timbre could not find out: whether a document in doubt was issued."""

from datetime import datetime
from typing import Literal

from django.db import IntegrityError, transaction

from timbre.accounts import audit
from timbre.accounts.errors import NotFound, Rejection
from timbre.accounts.scope import Scope
from timbre.issuing.models import UNSIGNED, Document, State
from timbre.issuing.states import Move, move, reopen
from timbre.work.models import Lane
from timbre.work.timing import TIMINGS

Outcome = Literal["issued", "not_issued"]
OPEN = (State.IN_DOUBT, State.INCOMPLETE)


def resolve(scope: Scope, document_id: str, *, outcome: Outcome, actor: str, now: datetime) -> Document:
    """Settles a doubt by a person's word. Issued: its files are fetched. Not issued: it may be retried."""
    documents = Document.within(scope).select_related("company__entity", "batch")
    with transaction.atomic(durable=True):
        Lane.wake(list(documents.filter(pk=document_id).values_list("lane_id", flat=True)), now)
        document = documents.filter(pk=document_id).select_for_update(of=("self",)).first()
        if document is None:
            raise NotFound("un documento", document_id)
        _refuse_too_early(document, outcome, now)
        try:
            with transaction.atomic():
                reopen(document.batch_id, now=now)
                move([_settle(document, outcome, actor, now)], now=now)
        except IntegrityError as error:
            message = f"El folio {document.folio} ya es de otro documento de esta empresa."
            raise Rejection("folio_duplicate", message, status=409, resource=document_id) from error
        audit.tell(scope, "document.resolved", document_id, now=now, outcome=outcome)
    return document


def settled_at(document: Document) -> datetime | None:
    """Before this, nobody can know that a document in doubt was not issued: it may still be on its way."""
    if document.state != State.IN_DOUBT or document.send_deadline is None:
        return None
    return document.send_deadline + TIMINGS[document.environment].doubt_first


def _refuse_too_early(document: Document, outcome: Outcome, now: datetime) -> None:
    if document.state not in OPEN:
        raise Rejection(
            "document_not_in_doubt",
            "Este documento no está en duda: no hay nada que resolver.",
            status=409,
            resource=document.pk,
        )
    if outcome == "issued" and document.folio is None:
        raise Rejection(
            "document_without_folio",
            "Timbre no sabe con qué folio lo emitió el SII. Si no lo emitió, resuélvelo así; si lo emitió, "
            "espera: tras restaurar un respaldo, Timbre lo busca en la lista del SII.",
            status=409,
            resource=document.pk,
        )
    settled = settled_at(document)
    if outcome == "not_issued" and settled and now < settled:
        raise Rejection(
            "document_still_sending",
            "El envío puede estar en camino todavía: Timbre aún no mira la lista del SII. Espera y vuelve.",
            status=409,
            resource=document.pk,
            retry_after=int((settled - now).total_seconds()) + 1,
        )


def _settle(document: Document, outcome: Outcome, actor: str, now: datetime) -> Move:
    if outcome == "issued":
        columns = {"due_at": now, "issued_at": now, "error_code": "", "error_message": ""}
        said = f"Una persona confirmó que el SII lo emitió con el folio {document.folio}."
        return Move(document=document, to=State.ISSUED, said=said, actor=actor, columns=columns)
    said = "Una persona confirmó que el SII no lo emitió."
    columns = {"error_code": "resolved_not_issued", "error_message": said, **UNSIGNED}
    return Move(document=document, to=State.REFUSED, said=said, actor=actor, columns=columns)
