"""A person decides what Timbre could not find out: whether a document in doubt was issued."""

from datetime import datetime
from typing import Literal

from django.db import transaction

from timbre.accounts.errors import NotFound, Rejection
from timbre.accounts.scope import Scope
from timbre.issuing.models import Document, State
from timbre.issuing.states import Move, move
from timbre.work.models import Lane

Outcome = Literal["issued", "not_issued"]
OPEN = (State.IN_DOUBT, State.INCOMPLETE)


def resolve(scope: Scope, document_id: str, *, outcome: Outcome, actor: str, now: datetime) -> Document:
    """Settles a doubt by a person's word. Issued: its files are fetched. Not issued: it may be retried."""
    documents = Document.within(scope).select_related("company__entity", "batch")
    with transaction.atomic(durable=True):
        document = documents.filter(pk=document_id).select_for_update(of=("self",)).first()
        if document is None:
            raise NotFound("un documento", document_id)
        if document.state not in OPEN:
            raise Rejection(
                "document_not_in_doubt",
                "Este documento no está en duda: no hay nada que resolver.",
                status=409,
                resource=document_id,
            )
        move([_settle(document, outcome, actor, now)], now=now)
        Lane.wake([document.lane_id], now)
    return document


def _settle(document: Document, outcome: Outcome, actor: str, now: datetime) -> Move:
    if outcome == "issued":
        columns = {"due_at": now, "issued_at": now, "error_code": "", "error_message": ""}
        said = f"Una persona confirmó que el SII lo emitió con el folio {document.folio}."
        return Move(document=document, to=State.ISSUED, said=said, actor=actor, columns=columns)
    said = "Una persona confirmó que el SII no lo emitió."
    columns = {"error_code": "resolved_not_issued", "error_message": said, "folio": None}
    return Move(document=document, to=State.REFUSED, said=said, actor=actor, columns=columns)
