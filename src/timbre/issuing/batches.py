"""What a user may do with a whole batch: stop what has not started, start again what is known not issued."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from timbre.accounts.errors import NotFound, Rejection
from timbre.accounts.scope import Scope
from timbre.issuing.intake import ISSUE_WITHIN
from timbre.issuing.models import KNOWN_NOT_ISSUED, Batch, Document, State, StoredFile
from timbre.issuing.states import Move, move
from timbre.work.models import Lane


def cancel(scope: Scope, batch_id: str, *, now: datetime, actor: str) -> Batch:
    """Cancels every document that has not been signed yet; one under way is never cut off."""
    batch = _find(scope, batch_id)
    said = "Cancelado antes de emitirse."
    columns = {"error_code": "cancelled", "error_message": said}
    with transaction.atomic(durable=True):
        moves = [
            Move(document=document, to=State.CANCELLED, said=said, actor=actor, columns=columns)
            for document in _documents(batch).filter(state=State.RECEIVED).select_for_update(of=("self",))
        ]
        move(moves, now=now)
    batch.refresh_from_db()
    return batch


def retry(scope: Scope, batch_id: str, *, now: datetime, actor: str) -> Batch:
    """Queues again every document known not issued, with a fresh deadline; Rejection if one cannot be."""
    batch = _find(scope, batch_id)
    try:
        with transaction.atomic(durable=True):
            again = list(_documents(batch).filter(state__in=KNOWN_NOT_ISSUED).select_for_update(of=("self",)))
            StoredFile.objects.filter(document__in=again, current=True).update(current=False)
            move([_again(document, now, actor) for document in again], now=now)
            if again:
                Batch.objects.filter(pk=batch.pk).update(status=Batch.Status.PROCESSING, updated_at=now)
            Lane.wake(sorted({document.lane_id for document in again}), now)
    except IntegrityError as error:
        raise Rejection(
            "external_id_used",
            "Uno de los documentos ya se pidió de nuevo con el mismo external_id; no se reintenta nada.",
            status=409,
            resource=batch.pk,
        ) from error
    batch.refresh_from_db()
    return batch


def _again(document: Document, now: datetime, actor: str) -> Move:
    columns = {
        "due_at": now,
        "issue_until": now + ISSUE_WITHIN,
        "failures": 0,
        "sends": 0,
        "folio": None,
        "error_code": "",
        "error_message": "",
        "error_param": "",
        "sii_words": "",
    }
    said = "Se intenta de nuevo."
    return Move(document=document, to=State.RECEIVED, said=said, actor=actor, columns=columns)


def _find(scope: Scope, batch_id: str) -> Batch:
    batch = Batch.within(scope).filter(pk=batch_id).first()
    if batch is None:
        raise NotFound("un lote", batch_id)
    return batch


def _documents(batch: Batch) -> QuerySet[Document]:
    return Document.objects.filter(batch=batch).select_related("company__entity").order_by("index")
