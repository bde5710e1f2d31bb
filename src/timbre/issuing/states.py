"""Every move of a document: the row, its history, and whom it is told, in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from timbre.accounts import audit
from timbre.accounts.errors import Rejection
from timbre.dte.codes import NOMBRES, TipoDte
from timbre.issuing import measured, presenting, telling
from timbre.issuing.models import FINAL, KNOWN_NOT_ISSUED, Batch, Document, DocumentState, State, StoredFile
from timbre.issuing.presenting import Known
from timbre.issuing.references import annulled_through
from timbre.webhooks.emit import Telling, emit

ASKED = "document.in_doubt"
"""A person is asked what became of a document, and told all that is known of it."""
TOLD: Mapping[State, tuple[str, ...]] = {
    State.DONE: ("document.issued",),
    **dict.fromkeys(KNOWN_NOT_ISSUED, ("document.issue_failed",)),
    State.INCOMPLETE: ("document.updated", ASKED),
}
"""What is told of a document when it gets there."""


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
    for alike in _alike(made):
        _update(alike, now)
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
    emit(_tellings([each.document for each in made]), now=now)
    _cancel([each.document for each in made if each.to == State.DONE], now)
    transaction.on_commit(lambda: measured.tell((each.document, str(each.to)) for each in made), robust=True)
    for batch_id in sorted({each.document.batch_id for each in made if each.to in FINAL}):
        _finish_batch(batch_id, now)


def reopen(batch_id: str, *, now: datetime) -> None:
    """The batch has a document under way again; its completion will be told anew."""
    Batch.objects.filter(pk=batch_id).update(status=Batch.Status.PROCESSING, updated_at=now)


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
        audit.tell(document.scope, f"document.{code.lower()}", document.pk, now=now)
        files = _current_files([document]).get(document.pk, {})
        known = presenting.known_of([document])
        emit([_telling(document, f"document.{code.lower()}", known, files)], now=now)


def _cancel(issued: Sequence[Document], now: datetime) -> None:
    """Tells of each document that one of these notes annuls that it is annulled, and by which."""
    annulled = annulled_through(issued)
    originals = [original for _, original in annulled]
    known, files = presenting.known_of(originals), _current_files(originals)
    told = []
    for each, original in annulled:
        said = f"Anulado por la {NOMBRES[TipoDte(each.tipo)]} N° {each.folio}."
        note(original, "annulled", said, now=now, note=each.pk)
        cancelled = _telling(original, "document.cancelled", known, files.get(original.pk, {}))
        references = [*cancelled.data["references"], telling.reference_by(each)]
        told.append(replace(cancelled, data={**cancelled.data, "references": references}))
    if told:
        emit(told, now=now)


def _alike(moves: Sequence[Move]) -> Iterable[list[Move]]:
    """The moves grouped by what one UPDATE can say."""
    groups: dict[str, list[Move]] = {}
    for each in moves:
        document = each.document
        same = f"{document.lane_id} {document.state} {each.to} {sorted(each.columns.items())}"
        groups.setdefault(same, []).append(each)
    return groups.values()


def _update(alike: Sequence[Move], now: datetime) -> None:
    first = alike[0]
    columns = {"due_at": None, **first.columns, "state": first.to, "updated_at": now}
    documents = [each.document.pk for each in alike]
    # In their lane, too: one that was sent to another lane is another worker's now.
    here = Document.objects.filter(pk__in=documents, state=first.document.state, lane=first.document.lane_id)
    if here.update(**columns) != len(alike):
        raise Outrun(", ".join(each.document.pk for each in alike))
    for each in alike:
        for name, value in columns.items():
            setattr(each.document, name, value)


def _tellings(documents: Sequence[Document]) -> list[Telling]:
    told = [document for document in documents if State(document.state) in TOLD]
    files = _current_files([document for document in told if document.state == State.DONE])
    # None of them has had its folio long enough for a credit note.
    known = Known(presenting.entity_ids(told))
    return [
        _telling(document, event, known, files.get(document.pk, {}))
        for document in told
        for event in TOLD[State(document.state)]
    ]


def _telling(document: Document, event: str, known: Known, files: Mapping[str, str]) -> Telling:
    data = telling.event_data(document, known)
    if event == ASKED:
        data["error"]["evidence"] = telling.evidence_of(document)
    return Telling(
        type=event,
        company=document.company,
        data=data,
        files=files,
        batch_id=document.batch_id,
        document_id=document.pk,
    )


def _current_files(documents: Sequence[Document]) -> dict[str, dict[str, str]]:
    """Payload field to file id, by document."""
    files: dict[str, dict[str, str]] = {}
    stored = StoredFile.objects.filter(document__in=documents, current=True)
    for document_id, kind, pk in stored.values_list("document_id", "kind", "pk"):
        files.setdefault(document_id, {})[f"{kind}_file"] = pk
    return files


def _finish_batch(batch_id: str, now: datetime) -> None:
    """Completes the batch once all its documents are final; drafts hold nothing up. Failed are those of which
    nothing was issued, for certain. The lock makes two last documents agree.
    """
    batch = Batch.objects.select_for_update().get(pk=batch_id)
    documents = Document.objects.filter(batch=batch)
    if batch.status != Batch.Status.PROCESSING or documents.exclude(state__in=[State.DRAFT, *FINAL]).exists():
        return
    perhaps_issued = documents.filter(state__in=[State.DONE, State.INCOMPLETE]).exists()
    batch.status = Batch.Status.COMPLETED if perhaps_issued else Batch.Status.FAILED
    batch.updated_at = now
    batch.save(update_fields=["status", "updated_at"])
    first_of_each = {d.company_id: d for d in documents.select_related("company__entity").order_by("-index")}
    data = telling.batch_event_data(batch)
    emit(
        [
            Telling(type="batch.completed", company=document.company, data=data, batch_id=batch.pk)
            for document in first_of_each.values()
        ],
        now=now,
    )
