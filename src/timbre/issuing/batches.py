"""What a user may do with a whole batch: stop what has not started, start again what is known not issued."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from timbre.accounts import audit
from timbre.accounts.errors import NotFound, Rejection
from timbre.accounts.scope import Scope
from timbre.issuing.causes import say
from timbre.issuing.intake import ISSUE_WITHIN
from timbre.issuing.issuers import no_active_credentials
from timbre.issuing.models import (
    KNOWN_NOT_ISSUED,
    UNSIGNED,
    Batch,
    Document,
    DocumentState,
    State,
    StoredFile,
    Stray,
)
from timbre.issuing.references import annulled_through, claim_annulments
from timbre.issuing.restore.adopting import CANCEL_ASKED, UNSENT, hold_equal
from timbre.issuing.restore.straying import refuse_lost_annulments
from timbre.issuing.states import Move, move, reopen
from timbre.taxpayers.models import Company, Credential
from timbre.work.models import Lane


def cancel(scope: Scope, batch_id: str, *, now: datetime, actor: str) -> Batch:
    """Cancels every document that has not been signed yet; one under way is never cut off.

    What a restored backup shows unsigned is cancelled once the comparison shows that it was not issued since.
    """
    batch = _find(scope, batch_id)
    said = "Cancelado antes de emitirse."
    columns = {"error_code": "cancelled", "error_message": said}
    with transaction.atomic(durable=True):
        moves = [
            Move(document=document, to=State.CANCELLED, said=said, actor=actor, columns=columns)
            for document in _documents(batch).filter(state=State.RECEIVED).select_for_update(of=("self",))
        ]
        move(moves, now=now)
        asked = _ask_to_cancel(batch, now, actor)
        audit.tell(scope, "batch.cancelled", batch.pk, now=now, documents=len(moves) + asked)
    batch.refresh_from_db()
    return batch


def retry(scope: Scope, batch_id: str, *, now: datetime, actor: str) -> Batch:
    """Queues again every document known not issued, with a fresh deadline; Rejection if one cannot be.

    Known by the database: what was issued after a restored backup, and equals one of these, is for a person.
    A note whose document another note annuls by now is ``already_annulled`` (409), or ``annulled_at_sii`` if
    only the SII knows that one, and nothing is retried.
    """
    batch = _find(scope, batch_id)
    try:
        with transaction.atomic(durable=True):
            over = _documents(batch).filter(state__in=KNOWN_NOT_ISSUED)
            claim_annulments(over)
            credentials = {company.pk: _credential(company) for company in {d.company for d in over}}
            Lane.wake(sorted({credential.lane_id for credential in credentials.values()}), now)
            again = list(over.filter(company__in=credentials).select_for_update(of=("self",)))
            StoredFile.objects.filter(document__in=again, current=True).update(current=False)
            move([_again(d, credentials[d.company_id], now, actor) for d in again], now=now)
            if again:
                reopen(batch.pk, now=now)
                hold_equal(again, Stray.objects.filter(company__in=credentials), now)
                going = [document for document in again if document.state == State.RECEIVED]
                refuse_lost_annulments(original for _, original in annulled_through(going))
            audit.tell(scope, "batch.retried", batch.pk, now=now, documents=len(again))
    except IntegrityError as error:
        raise Rejection(
            "external_id_used",
            "Uno de los documentos ya se pidió de nuevo con el mismo external_id; no se reintenta nada.",
            status=409,
            resource=batch.pk,
        ) from error
    batch.refresh_from_db()
    return batch


def _ask_to_cancel(batch: Batch, now: datetime, actor: str) -> int:
    """How many have to be compared first. Their time is over: however that ends, none is issued after it."""
    unsent = _documents(batch).filter(state=State.IN_DOUBT, error_code=UNSENT)
    found = list(unsent.select_for_update(of=("self",)))
    columns = {"error_code": CANCEL_ASKED, "error_message": say(CANCEL_ASKED), "issue_until": now}
    Document.objects.filter(pk__in=[each.pk for each in found]).update(**columns, updated_at=now)
    said = "Se pidió cancelarlo: si el SII no lo tiene, no se emite."
    DocumentState.objects.bulk_create(
        DocumentState(document=each, at=now, code=CANCEL_ASKED, description=said, actor=actor)
        for each in found
    )
    return len(found)


def _credential(company: Company) -> Credential:
    """The company's present credential: the one of the first try may be gone."""
    credential = company.issuing_credential()
    if credential is None:
        raise no_active_credentials(company)
    return credential


def _again(document: Document, credential: Credential, now: datetime, actor: str) -> Move:
    columns = {
        **UNSIGNED,
        "credential_id": credential.pk,
        "lane_id": credential.lane_id,
        "due_at": now,
        "issue_until": now + ISSUE_WITHIN,
        "failures": 0,
        "signings": 0,
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
