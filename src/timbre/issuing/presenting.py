"""Batches and documents in the words of the API (contract 2.9-2.11, 3.5). Webhooks: ``telling``.

Amounts are JSON numbers in pesos, folios texts, instants ISO 8601 in UTC. Ids are public ids; ``tax_id`` is
written ``76543210-3``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from timbre.dte.codes import NOMBRES, TipoDte
from timbre.issuing.models import (
    KNOWN_ISSUED,
    Batch,
    Document,
    DocumentState,
    State,
    StoredFile,
)
from timbre.issuing.previewing import can_be_issued, preview_links
from timbre.issuing.references import Naming, credited, naming
from timbre.issuing.words import (
    Shown,
    content,
    dte_type,
    error_of,
    figure,
    folio_of,
    instant,
    line_of,
    money_of,
    status_of,
    totals,
)
from timbre.taxpayers.models import MasterEntity
from timbre.webhooks.links import file_url

EntityIds = Mapping[str, str]
"""RUT to public id of the taxpayers that a set of documents names."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a set of documents beyond their rows, each thing read in one query.

    ``receivers`` are ids by RUT, ``credited`` the documents that an issued credit note annuls or lowers.
    """

    receivers: EntityIds
    credited: frozenset[str] = frozenset()


SAID_ACCEPTED = "Lote recibido. Los documentos se emiten en orden; el resultado llega por webhook."
SAID_DRAFTS = "Borradores guardados. Nada se emite hasta que lo pidas, uno por uno."


def accepted(
    batch: Batch,
    documents: Sequence[Document],
    warnings: Sequence[Mapping[str, Any]],
    now: datetime,
    *,
    preview: bool,
) -> Shown:
    """The 202 answer to a batch; with ``preview``, its drafts have a link to how they will look."""
    known, links = entity_ids(documents), preview_links(documents, now) if preview else {}
    told: Shown = {
        "batch_id": batch.pk,
        "status": batch.status,
        "created_at": instant(batch.created_at),
        "total_documents": len(documents),
        "message": SAID_DRAFTS if batch.status == Batch.Status.CREATED else SAID_ACCEPTED,
        "documents": [_result(document, known, links) for document in documents],
    }
    return told | {"warnings": [dict(warning) for warning in warnings]} if warnings else told


def batch(found: Batch, now: datetime) -> Shown:
    """A batch and the state of each of its documents."""
    documents = list(found.documents.select_related("company__entity").order_by("index"))
    known, links = entity_ids(documents), _pdf_links(documents, now) | preview_links(documents, now)
    return {
        **batch_line(found),
        "total_documents": len(documents),
        "documents": [_result(document, known, links) for document in documents],
    }


def batch_line(found: Batch) -> Shown:
    """A batch in a list."""
    return {
        "id": found.pk,
        "batch_id": found.pk,
        "status": found.status,
        "environment": found.environment,
        "idempotency_key": found.idempotency_key or None,
        "created_at": instant(found.created_at),
        "updated_at": instant(found.updated_at),
    }


def list_items(documents: Sequence[Document]) -> list[Shown]:
    """Documents in a list."""
    known = known_of(documents)
    return [list_item(document, known) for document in documents]


def list_item(document: Document, known: Known) -> Shown:
    """A document in a list: everything but its lines, parties and files."""
    entity, request = document.company.entity, document.request
    return {
        "id": document.pk,
        "batch_id": document.batch_id,
        "index": document.index,
        "external_id": document.external_id or None,
        "folio": folio_of(document),
        "date_issued": document.date_issued.isoformat(),
        "dte_type_code": str(document.tipo),
        "dte_type_description": NOMBRES[TipoDte(document.tipo)],
        "amount_with_iva": figure(document.total),
        "amount_without_iva": figure(document.neto + document.exento),
        "amount_iva": figure(document.iva),
        **money_of(document),
        "sender_id": entity.pk,
        "sender_name": entity.name,
        "sender_tax_id": entity.rut,
        "receiver_id": known.receivers.get(document.receiver_rut),
        "receiver_name": document.receiver_name,
        "receiver_tax_id": document.receiver_rut,
        "status": status_of(document),
        "in_doubt": document.state == State.IN_DOUBT,
        "confirmation_pending": False,
        "state": "issued" if document.state in KNOWN_ISSUED else document.state,
        "error": error_of(document),
        "is_paid": document.is_paid,
        "has_credit_note": document.pk in known.credited,
        "has_trace": False,
        "is_sandbox": document.environment == "sandbox",
        "json_param": request.get("json_param"),
        "additional_info": request.get("additional_info"),
        "created_at": instant(document.accepted_at),
        "updated_at": instant(document.updated_at),
    }


def detail(document: Document, now: datetime) -> Shown:
    """A document with all that is known of it: a fresh link to the PDF, the text of the XML, its history."""
    files = {stored.kind: stored for stored in document.files.all() if stored.current}
    pdf, xml = files.get(StoredFile.Kind.PDF), files.get(StoredFile.Kind.XML)
    link = file_url(pdf.pk, now=now) if pdf else preview_links([document], now).get(document.pk)
    return {
        **list_item(document, known_of([document])),
        "pdf": link,
        "pdf_url": link,
        "xml": bytes(xml.content).decode("iso-8859-1") if xml else None,
        "xml_error": None,
        "xml_confirmed_at": instant(xml.confirmed_at) if xml and xml.confirmed_at else None,
        **content(document),
        "referenced_by": [_naming(each) for each in naming(document)],
        "filled": filled_in(document),
        "traces": [],
        "document_states": [
            {"label": state.code, "description": state.description, "state_type": state.code}
            for state in document.states.all()
        ],
    }


def filled_in(document: Document) -> list[Shown]:
    """Each field that the caller left out: its path, its value as it stands, and from where it was filled."""
    return [
        {"field": path, "value": _value_at(document.request, path), "source": document.filled[path]}
        for path in sorted(document.filled)
    ]


def _value_at(request: Mapping[str, Any], path: str) -> str:
    value: Any = request
    for step in path.split("."):
        value = value[step]
    return str(value)


def states(document: Document) -> Shown:
    """What happened to a document, newest first."""
    return {
        "success": True,
        "document_id": document.pk,
        "folio": folio_of(document),
        "states": [_state(state) for state in document.states.all()],
        "document": list_item(document, known_of([document])),
    }


def linked_file(file_id: str) -> StoredFile | None:
    """The file that a valid link opens. The link is the key: there is no scope to ask."""
    return StoredFile.objects.filter(pk=file_id).select_related("document").first()


def entity_ids(documents: Iterable[Document]) -> EntityIds:
    """The public ids of the documents' receivers, in one query."""
    listed = list(documents)
    if not listed:
        return {}
    ruts = {document.receiver_rut for document in listed}
    known = MasterEntity.objects.filter(environment=listed[0].environment, rut__in=ruts)
    return dict(known.values_list("rut", "pk"))


def known_of(documents: Iterable[Document]) -> Known:
    """In two queries; one when none of the documents has a folio yet."""
    listed = list(documents)
    return Known(entity_ids(listed), credited(listed))


def _naming(named: Naming) -> Shown:
    by = named.document
    return {
        "id": by.pk,
        "dte_type_code": str(by.tipo),
        "folio": folio_of(by),
        "date_issued": by.date_issued.isoformat(),
        "correction_code": str(named.codigo) if named.codigo else None,
        "status": status_of(by),
    }


def _result(document: Document, known: EntityIds, links: Mapping[str, str]) -> Shown:
    fault = error_of(document)
    return {
        "index": document.index,
        "status": status_of(document),
        "in_doubt": document.state == State.IN_DOUBT,
        "confirmation_pending": False,
        "external_id": document.external_id or None,
        "document": _summary(document, known, links.get(document.pk)),
        "errors": [fault] if fault else None,
    }


def _summary(document: Document, known: EntityIds, pdf: str | None) -> Shown:
    entity, receiver_id = document.company.entity, known.get(document.receiver_rut)
    return {
        "id": document.pk,
        "folio": folio_of(document),
        "date_issued": document.date_issued.isoformat(),
        "amount_with_iva": figure(document.total),
        "receiver_id": receiver_id,
        "is_draft": document.state == State.DRAFT,
        "can_be_issued": can_be_issued(document),
        "dte_type": dte_type(document),
        "sender": {"id": entity.pk, "name": entity.name, "tax_id": entity.rut},
        "receiver": {"id": receiver_id, "name": document.receiver_name, "tax_id": document.receiver_rut},
        "items": [line_of(line) for line in document.request["details"]],
        "document_total": totals(document),
        "filled": filled_in(document),
        "pdf_url": pdf,
        "pdf_download_url": pdf,
        "retention_type": None,
        "export_data": document.request.get("export_data"),
    }


def _state(state: DocumentState) -> Shown:
    return {
        "event_code": state.code,
        "event_description": state.description,
        "event_date": instant(state.at),
        "responsable_rut": None,
        "responsable_dv": None,
        "rejected_by_user": None,
        "accepted_by_user": None,
        "actor": state.actor,
        "evidence": state.evidence,
    }


def _pdf_links(documents: Sequence[Document], now: datetime) -> dict[str, str]:
    files = StoredFile.objects.filter(document__in=documents, kind=StoredFile.Kind.PDF, current=True)
    return {document_id: file_url(pk, now=now) for document_id, pk in files.values_list("document_id", "pk")}
