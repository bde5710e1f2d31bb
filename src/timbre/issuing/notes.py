"""The note that annuls or corrects an issued document, made from the document itself (sii-protocols 1.8).

A credit note (61, 112) annuls whatever was sold and a debit note (56, 111) annuls a credit note. It has the
document's parties, lines, prices, discounts, taxes, withholding and currency, and so its very total. What a
request for one says is in the API's words, and goes the way of every batch: the rules judge it, the gateway
says what it cannot carry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from timbre.accounts import audit
from timbre.accounts.errors import OUTSIDE, InvalidDocuments, NotFound, Rejection
from timbre.accounts.scope import Scope
from timbre.dte.clock import today_in_chile
from timbre.dte.codes import (
    ANNULS,
    BOLETAS,
    CORRECTS_AMOUNTS,
    CORRECTS_TEXT,
    EXPORTACIONES,
    NOMBRES,
    NOTAS_DE_CREDITO,
    SOLO_EXENTOS,
    TipoDte,
)
from timbre.dte.errors import Fault
from timbre.dte.rules import FEATURES
from timbre.issuing.answered import Accepted
from timbre.issuing.asking import ANULA
from timbre.issuing.defaults import lacks_data
from timbre.issuing.intake import accept
from timbre.issuing.locating import holds
from timbre.issuing.models import KNOWN_ISSUED, Document
from timbre.issuing.references import claim_annulment
from timbre.issuing.restore.straying import refuse_lost_annulments

T = TipoDte
Request = dict[str, Any]
RAZON, NOMBRE, DESCRIPCION = 90, 80, 1000
"""Characters that the XSD has for RazonRef, NmbItem and DscItem."""
GATEWAY = frozenset({*FEATURES, "dte_type_not_available"})
"""What the way to the SII cannot carry, by its fault's code."""
_OF_BOLETAS = frozenset({"show_item_type", "ticket"})
_PARTY_IDS = frozenset({"address_id", "activity_id"})
_CHARGES = frozenset({"freight_amount", "insurance_amount"})
"""Part of an export's total: in a note that corrects it, all that changes stands in the lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How a note is asked for: who, when, and what makes the request safe to repeat."""

    actor: str
    now: datetime
    idempotency_key: str = ""
    fingerprint: str = ""
    scenario: str = ""
    as_draft: bool = False
    preview: bool = False
    warnings: Sequence[Mapping[str, Any]] = ()
    written: Mapping[str, Any] = field(default_factory=dict)
    """The request in its caller's own words, in which its faults are to be told."""


def original(scope: Scope, document_id: str) -> Document:
    """The issued document that a note is to be about.

    Raises NotFound, or Rejection: ``document_not_issued`` (400), ``guide_not_annulled_by_note`` (422).
    """
    rows = Document.within(scope).select_related("company__entity")
    document = rows.filter(pk=document_id).first()
    if document is None:
        raise NotFound("un documento", document_id)
    if document.tipo == T.GUIA_DESPACHO:
        raise Rejection(
            "guide_not_annulled_by_note",
            "Una guía de despacho no se anula ni se corrige con una nota: el SII la rechaza. Márcala como "
            "anulada en sii.cl o emite otra guía; si ya se facturó, la nota es de esa factura.",
            status=422,
            resource=document.pk,
        )
    if document.state not in KNOWN_ISSUED or document.folio is None:
        raise Rejection(
            "document_not_issued",
            "Solo un documento emitido se anula o corrige con una nota. Uno que no ha comenzado se cancela "
            "con su lote, y un borrador se descarta.",
            status=400,
            resource=document.pk,
        )
    return document


def annulment(document: Document, *, day: date, reason: str = "") -> Request:
    """The note that annuls the document: all that it says, over again, and the same total.

    The reason is the SII's phrase, with the caller's behind it when both fit its 90 characters.
    """
    asked, said = document.request, f"{ANULA}: {reason}"
    words = said if reason and len(said) <= RAZON else ANULA
    return _note(document, opposite(document.tipo), day, ANNULS, words) | {
        "details": [_line(each, document.tipo) for each in asked["details"]],
        "global_adjustments": [
            _adjustment(each, document.tipo) for each in asked.get("global_adjustments") or ()
        ],
    }


def correction_of_text(document: Document, *, day: date, says: str, should_say: str) -> Request:
    """The note without amounts that mends a text: one line of 0, its name filled before its description."""
    words = f"DONDE DICE {says} DEBE DECIR {should_say}"
    line = {"item_name": words[:NOMBRE].rstrip()}
    if len(words) > NOMBRE:
        line["item_description"] = words[NOMBRE:].strip()
    note = _note(document, opposite(document.tipo), day, CORRECTS_TEXT, "CORRIGE TEXTO")
    note.get("header", {}).pop("vat_withheld", None)
    return note | {"details": [line]}


def correction_of_amounts(
    document: Document, *, day: date, kind: str, details: Sequence[Mapping[str, Any]]
) -> Request:
    """The note that lowers (``discount``) or raises (``increase``) the document's total by these lines."""
    export, credit = document.tipo in EXPORTACIONES, kind == "discount"
    tipo = {
        (False, True): T.NOTA_CREDITO,
        (False, False): T.NOTA_DEBITO,
        (True, True): T.NOTA_CREDITO_EXPORTACION,
        (True, False): T.NOTA_DEBITO_EXPORTACION,
    }[export, credit]
    lines = [_line(each, document.tipo) for each in details]
    return _note(document, tipo, day, CORRECTS_AMOUNTS, "CORRIGE MONTOS") | {"details": lines}


def opposite(tipo: int) -> TipoDte:
    """The type of the note that takes back a document of this type."""
    if tipo in EXPORTACIONES:
        return T.NOTA_DEBITO_EXPORTACION if tipo in NOTAS_DE_CREDITO else T.NOTA_CREDITO_EXPORTACION
    return T.NOTA_DEBITO if tipo in NOTAS_DE_CREDITO else T.NOTA_CREDITO


def issue(scope: Scope, document: Document, note: Request, asking: Asking) -> Accepted:
    """Accepts the note as a batch of one. Of two that annul the same document one is accepted.

    Raises Rejection ``already_annulled`` (409), or what ``refuse_lost_annulments`` does; or InvalidDocuments:
    each fault where its caller wrote it, what the gateway cannot carry with what to do.
    """
    annuls = note["references"][0]["correction_code"] == str(ANNULS)
    done = "document.annul_asked" if annuls else "document.correct_asked"

    def claim() -> None:
        if annuls:
            claim_annulment(document)
            refuse_lost_annulments([document])
        audit.tell(scope, done, document.pk, now=asking.now)

    try:
        return accept(
            scope,
            [note],
            use_defaults=lacks_data(note["document_receiver"]),
            idempotency_key=asking.idempotency_key,
            fingerprint=asking.fingerprint,
            warnings=asking.warnings,
            actor=asking.actor,
            now=asking.now,
            scenario=asking.scenario,
            as_drafts=asking.as_draft,
            preview=asking.preview,
            claim=claim,
        )
    except InvalidDocuments as invalid:
        told = [_advised(each, note, document, asking.written) for each in invalid.faults[0]]
        raise as_written(InvalidDocuments({0: told}, invalid.untold), asking.written) from invalid


def as_written(invalid: InvalidDocuments, written: Mapping[str, Any]) -> InvalidDocuments:
    """The faults of a note where the request for it says what is wrong; those of what the document brought
    along, at the note.
    """
    faults: dict[int, list[Fault]] = {}
    for each in invalid.faults[0]:
        path = _place(each.path, written)
        faults.setdefault(OUTSIDE if path else 0, []).append(replace(each, path=path or each.path))
    return InvalidDocuments(faults, invalid.untold)


def day_of(asked: str | None, now: datetime) -> date:
    """The day a note is of: as asked, or today in Chile."""
    return date.fromisoformat(asked) if asked else today_in_chile(now)


def _note(document: Document, tipo: TipoDte, day: date, code: int, reason: str) -> Request:
    """A note of a document but for its lines."""
    asked = document.request
    header, export = asked.get("header") or {}, asked.get("export_data") or {}
    said = {field: value for field, value in export.items() if code == ANNULS or field not in _CHARGES}
    kept = ("service_indicator",) if document.tipo in EXPORTACIONES else ("vat_withheld",)
    note = {
        "dte_type": {"code": str(tipo.value)},
        "date_issued": day.isoformat(),
        "document_issuer": _party(asked["document_issuer"]),
        "document_receiver": _party(asked["document_receiver"]),
        "header": {field: header[field] for field in kept if header.get(field)},
        "references": [
            {
                "dte_type_code": str(document.tipo),
                "reference_folio": str(document.folio),
                "reference_date": document.date_issued.isoformat(),
                "reference_reason": reason,
                "correction_code": str(code),
            }
        ],
    }
    return note | ({"export_data": said} if export else {})


def _party(party: Mapping[str, Any]) -> Request:
    return {field: value for field, value in party.items() if field not in _PARTY_IDS}


def _line(line: Mapping[str, Any], tipo: int) -> Request:
    """What is exempt because its whole type is, is so by its own word in a note that may have both."""
    kept = {field: value for field, value in line.items() if field not in _OF_BOLETAS}
    says = kept.get("exempt_indicator") or kept.get("is_exempt")
    if tipo in SOLO_EXENTOS - EXPORTACIONES and not says:
        kept["is_exempt"] = True
    return kept


def _adjustment(adjustment: Mapping[str, Any], tipo: int) -> Request:
    base = {"applies_to": "exempt"} if tipo in SOLO_EXENTOS else {}
    return base | {field: value for field, value in adjustment.items() if value is not None}


def _place(path: str, written: Mapping[str, Any]) -> str:
    """Where the request for a note says what the note has at this path; empty for what it does not say."""
    if path == "date_issued":
        return path if path in written else ""
    if path.partition(".")[0] != "details":
        return ""
    return f"amounts.{path}" if "amounts" in written else "text" if "text" in written else ""


def _advised(fault: Fault, note: Request, document: Document, written: Mapping[str, Any]) -> Fault:
    """The fault with what to do about it, where the caller wrote nothing that could be mended."""
    message, place = fault.message, _place(fault.path, written)
    if place == "text" and fault.code == "field_too_long":
        message = f"Los textos no caben en la línea de la nota. {message}"
    elif fault.code in GATEWAY and holds(written, place):
        message += " O haz la nota en sii.cl, o guárdala aquí como borrador con state «draft»."
    elif fault.code in GATEWAY:
        name = NOMBRES[TipoDte(int(note["dte_type"]["code"]))]
        message = (
            f"Por esta vía no se puede emitir una {name} con lo que este documento pide. Hazla en sii.cl, "
            "o guárdala aquí como borrador con state «draft»."
        )
    elif fault.code == "receiver_data_incomplete" and document.tipo in BOLETAS:
        message += (
            " La boleta no lo dice y la nota lo exige: pídela en un lote (POST /v2/documents/batch/) con "
            "document_receiver completo."
        )
    return replace(fault, message=message)
