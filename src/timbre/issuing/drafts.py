"""What becomes of a draft: it is issued, once; or discarded; or forgotten after its ninety days."""

import hashlib
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from timbre.accounts import audit
from timbre.accounts.errors import InvalidDocuments, NotFound, Rejection
from timbre.accounts.scope import Scope
from timbre.dte.clock import today_in_chile
from timbre.dte.document import Documento
from timbre.dte.errors import Fault
from timbre.issuing import presenting
from timbre.issuing.answered import Accepted, Repeatable
from timbre.issuing.asking import to_documento
from timbre.issuing.intake import SAID_RECEIVED, queued
from timbre.issuing.issuers import Issuer, find_issuers
from timbre.issuing.judging import draft_faults, warnings_of
from timbre.issuing.models import Batch, Document, DocumentState, State
from timbre.issuing.references import annulled_through, claim_annulments
from timbre.issuing.restore.straying import equal_strays, refuse_lost_annulments
from timbre.issuing.states import Move, Outrun, move, reopen
from timbre.issuing.twins import warn_of_twins
from timbre.sii.portal.matching import content_key
from timbre.work.models import Lane


def issue(
    scope: Scope, document_id: str, *, actor: str, now: datetime, idempotency_key: str = ""
) -> Accepted:
    """Puts a draft into its lane, exactly once, and returns the answer to it.

    It is judged anew, as of now; its date stays as drafted. The same ``idempotency_key`` returns the first
    answer. Raises NotFound; Rejection ``draft_already_issued`` (409) for what is no draft any more,
    ``already_annulled`` or ``annulled_at_sii`` (409) for a note that came too late, and for an issuer who may
    not issue;
    InvalidDocuments when it cannot be issued: then it stays a draft.
    """
    repeatable = Repeatable(idempotency_key, hashlib.sha256(f"issue {document_id}".encode()).hexdigest())
    earlier = repeatable.earlier(scope, now)
    if earlier:
        return earlier
    draft, today = _find(scope, document_id), today_in_chile(now)
    if draft.state != State.DRAFT:
        raise _already_issued(draft)
    documento = to_documento(draft.request)
    issuer = find_issuers(scope, [documento.emisor.rut])[documento.emisor.rut]
    warnings = [
        *_judge(draft, documento, today),
        *warn_of_twins([(draft.company_id, draft.fingerprint)], now),
    ]
    try:
        with transaction.atomic(durable=True):
            _queue(draft, issuer, actor, now)
            answer = presenting.detail(draft, now) | ({"warnings": warnings} if warnings else {})
            repeatable.keep(scope, answer, now)
    except (Outrun, IntegrityError, Rejection) as error:
        # Somebody may have been faster: with the same key, its answer is ours too.
        earlier = repeatable.earlier(scope, now)
        if earlier:
            return earlier
        found = _find(scope, document_id)
        if found.state != State.DRAFT:
            raise _already_issued(found) from error
        raise
    return Accepted(answer, replayed=False)


def discard(scope: Scope, document_id: str, *, now: datetime) -> None:
    """Deletes a draft; its batch, too, when nothing is left in it. Raises NotFound, or Rejection (409)."""
    document = _find(scope, document_id)
    with transaction.atomic(durable=True):
        if not _delete(_drafts().filter(pk=document.pk)):
            raise Rejection(
                "document_not_draft",
                "Solo se descarta un borrador, y este documento no lo es. Su lote se puede cancelar.",
                status=409,
                resource=document.pk,
            )
        audit.tell(scope, "document.discarded", document.pk, now=now, batch=document.batch_id)


def forget(now: datetime, most: int) -> int:
    """Deletes at most ``most`` drafts whose ninety days are over; how many. Call it in a transaction."""
    over = _drafts().filter(issue_until__lt=now).order_by("pk").values_list("pk", flat=True)
    return _delete(_drafts().filter(pk__in=list(over[:most])))


def _queue(draft: Document, issuer: Issuer, actor: str, now: datetime) -> None:
    lane = issuer.credential.lane
    claim_annulments([draft])
    refuse_lost_annulments(original for _, original in annulled_through([draft]))
    Lane.wake([lane.pk], now)
    columns = {
        **queued(lane, now),
        "credential_id": issuer.credential.pk,
        "lane_id": lane.pk,
        # It begins to wait now: queues, ages and twins count from here.
        "accepted_at": now,
    }
    move([Move(document=draft, to=State.RECEIVED, said=SAID_RECEIVED, actor=actor, columns=columns)], now=now)
    reopen(draft.batch_id, now=now)
    audit.tell(draft.scope, "document.issue_asked", draft.pk, now=now, batch=draft.batch_id)


def _judge(draft: Document, documento: Documento, today: date) -> list[dict[str, Any]]:
    """What only warns. Raises InvalidDocuments, as of a batch of this one document, or Rejection for what the
    SII has already.
    """
    found = draft_faults(draft, documento, today=today)
    faults = [each for each in found if not each.warns]
    if faults:
        raise InvalidDocuments({0: faults})
    folios = equal_strays([(draft.company_id, documento)]).get((draft.company_id, content_key(documento)))
    if folios:
        raise Rejection(
            "draft_already_at_sii",
            f"El SII ya tiene el folio {folios[0]} con exactamente este contenido, emitido antes de "
            "restaurar un respaldo. Si son dos ventas, descarta el borrador y envíalo en un lote.",
            status=409,
            resource=draft.pk,
        )
    if draft.date_issued != today:
        message = f"Se emite con la fecha del borrador, {draft.date_issued}, y hoy es {today}."
        found.append(Fault("date_not_today", "date_issued", message, warns=True))
    return warnings_of(0, found)


def _delete(drafts: QuerySet[Document]) -> int:
    """Whatever of these is still a draft, with its history, and its batch if nothing else is in it."""
    found = dict(drafts.select_for_update().values_list("pk", "batch_id"))
    DocumentState.objects.filter(document__in=found).delete()
    Document.objects.filter(pk__in=found, state=State.DRAFT).delete()
    left = Batch.objects.filter(pk__in=set(found.values()))
    list(left.select_for_update().order_by("pk").values_list("pk"))
    left.filter(documents=None).delete()
    return len(found)


def _drafts() -> QuerySet[Document]:
    return Document.objects.filter(state=State.DRAFT)


def _find(scope: Scope, document_id: str) -> Document:
    document = Document.within(scope).select_related("company__entity").filter(pk=document_id).first()
    if document is None:
        raise NotFound("un documento", document_id)
    return document


def _already_issued(document: Document) -> Rejection:
    return Rejection(
        "draft_already_issued",
        "Este documento ya no es un borrador: se mandó emitir una vez, y no se emite dos.",
        status=409,
        resource=document.pk,
    )
