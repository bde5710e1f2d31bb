"""What is known of a document beyond its row: files, history, references both ways, webhook deliveries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from timbre.accounts.scope import Scope
from timbre.dte.codes import ANNULS, CORRECTS_AMOUNTS, CORRECTS_TEXT
from timbre.issuing.models import KNOWN_ISSUED, Document, DocumentState, StoredFile
from timbre.issuing.references import Naming, naming
from timbre.issuing.selecting import EMITTED
from timbre.platform.documents.evidence import Fact, facts
from timbre.platform.documents.words import actor_name, title_of, type_name
from timbre.platform.hooks.rows import DeliveryRow
from timbre.webhooks.models import Delivery

MOST = 50
"""Deliveries of one document that are shown."""
CORRECTIONS = {ANNULS: "lo anula", CORRECTS_TEXT: "corrige su texto", CORRECTS_AMOUNTS: "corrige sus montos"}


@dataclass(frozen=True, slots=True)
class Files:
    """Which files there are, the XML as text, and whether the SII's own copy was seen to be the same."""

    has_pdf: bool
    xml: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, who did it, and what it rests on."""

    state: DocumentState
    who: str
    evidence: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Named:
    """A document named in a reference; ``document_id`` is empty when we do not hold it.

    ``annuls`` when it is a note that annuls, and was not annulled itself; ``issued`` once the SII has it.
    """

    title: str
    day: date | None
    reason: str
    document_id: str
    annuls: bool = False
    issued: bool = True


def files(scope: Scope, document: Document) -> Files:
    """Without the bytes of the PDF, which the page does not need."""
    stored = StoredFile.within(scope).filter(document=document, current=True)
    kinds = set(stored.values_list("kind", flat=True))
    xml = stored.filter(kind=StoredFile.Kind.XML).first() if StoredFile.Kind.XML in kinds else None
    return Files(
        has_pdf=StoredFile.Kind.PDF in kinds,
        xml=bytes(xml.content).decode("iso-8859-1") if xml else "",
        confirmed=bool(xml and xml.confirmed_at),
    )


def steps(document: Document) -> list[Step]:
    """The history, newest first."""
    return [Step(state, actor_name(state.actor), facts(state.evidence)) for state in document.states.all()]


def names(scope: Scope, document: Document) -> list[Named]:
    """The documents that this one names."""
    asked = document.request.get("references") or []
    wanted = Q()
    for each in asked:
        wanted |= _is_named(each)
    held = Document.within(scope).filter(EMITTED & wanted, company=document.company_id) if wanted else None
    known = {(str(t), str(f)): pk for t, f, pk in held.values_list("tipo", "folio", "pk")} if held else {}
    return [_named(each, known) for each in asked]


def named_by(document: Document) -> list[Named]:
    """The documents that name this one: credit notes, most of all."""
    return [_naming(each) for each in naming(document)]


def deliveries(scope: Scope, document: Document) -> list[DeliveryRow]:
    """What webhooks were told, or are to be told, of this document; newest first."""
    owed = Delivery.objects.filter(
        event__document_id=document.pk,
        event__user=scope.user_id,
        event__environment=scope.environment,
    )
    rows = owed.select_related("event", "webhook").defer("event__data").order_by("-event__seq")[:MOST]
    return [DeliveryRow(each) for each in rows]


def _naming(found: Naming) -> Named:
    by = found.document
    return Named(
        title_of(by),
        by.date_issued,
        CORRECTIONS.get(found.codigo or 0, ""),
        by.pk,
        annuls=found.annuls,
        issued=by.state in KNOWN_ISSUED,
    )


def _is_named(reference: Mapping[str, Any]) -> Q:
    tipo, folio = str(reference["dte_type_code"]), str(reference["reference_folio"])
    numbers = tipo.isascii() and tipo.isdigit() and folio.isascii() and folio.isdigit()
    return Q(tipo=int(tipo), folio=int(folio)) if numbers and len(tipo) < 4 and len(folio) < 19 else Q()


def _named(reference: Mapping[str, Any], known: Mapping[tuple[str, str], str]) -> Named:
    tipo, folio = str(reference["dte_type_code"]), str(reference["reference_folio"])
    return Named(
        f"{type_name(tipo)} {folio}",
        date.fromisoformat(reference["reference_date"]),
        reference.get("reference_reason") or "",
        known.get((tipo, folio.lstrip("0")), ""),
    )
