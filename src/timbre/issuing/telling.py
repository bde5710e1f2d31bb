"""What webhooks are told of documents and batches (contract 4.5), in the words of the API."""

from collections import Counter

from timbre.dte.codes import ANNULS
from timbre.dte.rut import with_dots
from timbre.issuing.models import Batch, Document
from timbre.issuing.presenting import Known, batch_line
from timbre.issuing.words import (
    Shown,
    content,
    dte_type,
    error_of,
    figure,
    folio_of,
    instant,
    status_of,
)

MOST_EVIDENCE = 60


def event_data(document: Document, known: Known) -> Shown:
    """What a webhook tells of a document; ``pdf_file`` and ``xml_file`` become links when it is delivered."""
    entity = document.company.entity
    receiver = document.request["document_receiver"]
    told = {
        "id": document.pk,
        "batch_id": document.batch_id,
        "index": document.index,
        "external_id": document.external_id or None,
        "status": status_of(document),
        "folio": folio_of(document),
        "date_issued": document.date_issued.isoformat(),
        "amount_with_iva": figure(document.total),
        "is_sandbox": document.environment == "sandbox",
        "is_paid": document.is_paid,
        "dte_type": dte_type(document),
        "sender": {
            "id": entity.pk,
            "name": entity.name,
            "tax_id": with_dots(entity.rut),
            "email": document.request["document_issuer"].get("email"),
        },
        "receiver": {
            "id": known.receivers.get(document.receiver_rut),
            "name": receiver.get("business_name") or document.receiver_name,
            "tax_id": with_dots(document.receiver_rut),
            "email": None,
        },
        **content(document),
        "has_credit_note": document.pk in known.credited,
        "json_param": document.request.get("json_param"),
        "additional_info": document.request.get("additional_info"),
        "pdf_file": None,
        "xml_file": None,
    }
    fault = error_of(document)
    return told | {"error": fault} if fault else told


def batch_event_data(found: Batch) -> Shown:
    """What ``batch.completed`` tells: how many documents of the batch ended how."""
    counts = Counter(status_of(document) for document in found.documents.all())
    return {**batch_line(found), "total_documents": counts.total(), "counts": dict(counts)}


def reference_by(note: Document) -> Shown:
    """The note that annuls a document, as a reference of that document."""
    return {
        "dte_type_code": str(note.tipo),
        "reference_folio": folio_of(note),
        "reference_date": note.date_issued.isoformat(),
        "reference_reason": None,
        "correction_code": str(ANNULS),
    }


def evidence_of(document: Document) -> list[Shown]:
    """What is known of a document in doubt, oldest first: each thing that happened and what it rests on."""
    known = [state for state in document.states.all()[:MOST_EVIDENCE] if state.evidence]
    return [
        {"code": state.code, "at": instant(state.at), "said": state.description, **state.evidence}
        for state in reversed(known)
    ]
