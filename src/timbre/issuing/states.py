"""Every move of a document: the row, its history, and whom it is told, in one transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from timbre.accounts.errors import Rejection
from timbre.issuing import presenting
from timbre.issuing.models import FINAL, KNOWN_NOT_ISSUED, Batch, Document, DocumentState, State, StoredFile
from timbre.webhooks.emit import Telling, emit


class Outrun(Exception):
    """The document is not where it was: somebody cancelled it, or another worker moved it. Stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One document to a state, with what is said of it in its history."""

    document: Document
    to: State
    said: str
    actor: str = "timbre"
    evidence: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)


def move(moves: Iterable[Move], *, now: datetime) -> None:
    """Makes the moves, all or none, in the caller's transaction. Raises Outrun if a document has moved on."""
    made = list(moves)
    for each in made:
        _update(each, now)
    DocumentState.objects.bulk_create(
        DocumentState(
            document=each.document,
            at=now,
            code=each.to,
            description=each.said[:400],
            actor=each.actor,
            evidence=dict(each.evidence),
        )
        for each in made
    )
    emit([telling for each in made for telling in _tellings(each)], now=now)
    for batch_id in sorted({each.document.batch_id for each in made if each.to in FINAL}):
        _finish_batch(batch_id, now)


def note(document: Document, code: str, said: str, *, now: datetime, **evidence: Any) -> None:
    """Writes something into a document's history that is no move."""
    DocumentState.objects.create(
        document=document, at=now, code=code, description=said[:400], evidence=evidence
    )


def set_paid(document: Document, paid: bool, *, actor: str, now: datetime) -> None:  # noqa: FBT001 - it is the fact
    """Notes that an issued document was paid, or was not after all. Rejection for what is not issued."""
    if document.state != State.DONE:
        raise Rejection(
            "document_not_issued",
            "Solo un documento emitido puede marcarse como pagado o no pagado.",
            status=400,
            resource=document.pk,
        )
    code, said = ("PAID", "Marcado como pagado.") if paid else ("UNPAID", "Marcado como no pagado.")
    with transaction.atomic():
        Document.objects.filter(pk=document.pk).update(is_paid=paid, updated_at=now)
        document.is_paid = paid
        DocumentState.objects.create(document=document, at=now, code=code, description=said, actor=actor)
        emit([_telling(document, f"document.{code.lower()}")], now=now)


def _update(each: Move, now: datetime) -> None:
    columns = {"due_at": None, **each.columns}
    document = each.document
    here = Document.objects.filter(pk=document.pk, state=document.state)
    if not here.update(state=each.to, updated_at=now, **columns):
        raise Outrun(document.pk)
    for name, value in {**columns, "state": each.to, "updated_at": now}.items():
        setattr(document, name, value)


def _tellings(each: Move) -> list[Telling]:
    event_type = _event_type(each.to)
    if event_type is None:
        return []
    document = each.document
    files = {}
    if each.to == State.DONE:
        stored = StoredFile.objects.filter(document=document, current=True)
        files = {f"{kind}_file": pk for kind, pk in stored.values_list("kind", "pk")}
    return [_telling(document, event_type, files)]


def _telling(document: Document, event_type: str, files: Mapping[str, str] | None = None) -> Telling:
    return Telling(
        type=event_type,
        company=document.company,
        data=presenting.event_data(document),
        files=files or {},
        batch_id=document.batch_id,
        document_id=document.pk,
    )


def _event_type(state: State) -> str | None:
    if state == State.DONE:
        return "document.issued"
    if state in KNOWN_NOT_ISSUED:
        return "document.issue_failed"
    return "document.updated" if state == State.INCOMPLETE else None


def _finish_batch(batch_id: str, now: datetime) -> None:
    """Completes the batch once all its documents are final. The lock makes two last documents agree."""
    batch = Batch.objects.select_for_update().get(pk=batch_id)
    documents = Document.objects.filter(batch=batch)
    if batch.status != Batch.Status.PROCESSING or documents.exclude(state__in=FINAL).exists():
        return
    issued = documents.filter(state=State.DONE).exists()
    batch.status = Batch.Status.COMPLETED if issued else Batch.Status.FAILED
    batch.updated_at = now
    batch.save(update_fields=["status", "updated_at"])
    first_of_each = {d.company_id: d for d in documents.select_related("company__entity").order_by("-index")}
    data = presenting.batch_event_data(batch)
    emit(
        [
            Telling(type="batch.completed", company=document.company, data=data, batch_id=batch.pk)
            for document in first_of_each.values()
        ],
        now=now,
    )
