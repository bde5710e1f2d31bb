"""Documents whose sending was not clearly answered: looked for by content, never sent blindly again.

Same DigestValue in the SII's copy means issued. Known not issued needs two looks some time apart that do
not find the folio; then *the same bytes* are sent, which can issue that folio at most once. The folio in the
SII's list with another content means these bytes can never be issued, and the document is signed anew.
Each look leaves in the document's history what was asked and what was seen, also when nobody answered.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from timbre.issuing.asking import to_documento
from timbre.issuing.models import Document, State
from timbre.issuing.resolving import settled_at
from timbre.issuing.states import Move, move, note
from timbre.issuing.steps import fall_into_doubt, mark_issued, prepared_of, send, start_again
from timbre.sii.gateway import Absent, Finding, Gateway, Issued, Refused, Taken, Unreachable
from timbre.work.claim import holding
from timbre.work.models import Lane
from timbre.work.timing import TIMINGS

Clock = Callable[[], datetime]
Seen = Mapping[str, Any]
LOOKS = ("not_listed", "no_answer")
"""What a look that settled nothing leaves in the history."""
SENDS = 4
"""How often the same bytes are sent before a person has to look."""


def open_doubts(lane: Lane, now: datetime) -> None:
    """What another worker left in SENDING becomes a doubt: it died, or it lost the lane."""
    for document in Document.objects.filter(lane=lane, state=State.SENDING).select_related("company__entity"):
        fall_into_doubt(lane, document, "the worker that sent it did not come back", now)


def resolve_doubt(lane: Lane, document: Document, gateway: Gateway, clock: Clock) -> None:
    """One look at the SII for one document in doubt. Raises Unreachable and Refused as the gateway does."""
    asked = f"Lista de emitidos del SII: tipo {document.tipo}, folio {document.folio}."
    with _noting_no_answer(lane, document, asked, clock):
        finding = gateway.find(prepared_of(document))
    now, seen = clock(), {"asked": asked, **_seen(finding)}
    if isinstance(finding, Issued):
        said = "El SII lo había emitido: su copia lleva la misma firma."
        mark_issued(lane, document, finding, said, now, seen)
    elif isinstance(finding, Taken):
        said = "Su folio fue usado por otro documento: nada fue emitido."
        start_again(lane, document, said, now, seen)
    elif _absent_long_enough(document, now):
        _note_absence(lane, document, seen, now)
        _send_same_bytes(lane, document, gateway, clock)
    else:
        _look_again(lane, document, seen, now)


def give_up(lane: Lane, document: Document, now: datetime) -> None:
    """A person has to decide (POST documents/{id}/resolve/); the lane goes on with the others."""
    code = "doubt_unresolved" if document.state == State.IN_DOUBT else "files_missing"
    said = _given_up(document)
    columns = {"error_code": code, "error_message": said}
    evidence = {
        "folio": document.folio,
        "codigo": document.codigo,
        "digest": document.digest,
        "sends": document.sends,
        "sent_until": _text(document.send_deadline),
        "absent_since": _text(document.absent_since),
    }
    with holding(lane):
        move(
            [Move(document=document, to=State.INCOMPLETE, said=said, evidence=evidence, columns=columns)],
            now=now,
        )


def _seen(finding: Finding) -> dict[str, Any]:
    """What a look found, for the document's history."""
    if isinstance(finding, Absent):
        return {"listed": finding.listed}
    if isinstance(finding, Taken):
        return {"codigo": finding.codigo, "sii_digest": finding.digest}
    return {"codigo": finding.codigo}


def _absent_long_enough(document: Document, now: datetime) -> bool:
    """Whether an earlier look, far enough back, did not find it either."""
    first = document.absent_since
    return first is not None and now - first >= TIMINGS[document.environment].doubt_gap


def _look_again(lane: Lane, document: Document, seen: Seen, now: datetime) -> None:
    """A look counts from when the request can no longer be under way; another is due a while later."""
    settled = settled_at(document) or now
    first = document.absent_since or (now if now >= settled else None)
    again = first + TIMINGS[lane.environment].doubt_gap if first else settled
    _note_absence(lane, document, seen, now, absent_since=first, due_at=again)


def _note_absence(lane: Lane, document: Document, seen: Seen, now: datetime, **columns: Any) -> None:
    said = f"El SII no lista el folio {document.folio}."
    with holding(lane):
        note(document, "not_listed", said, now=now, folio=document.folio, digest=document.digest, **seen)
        if columns:
            Document.objects.filter(pk=document.pk, state=State.IN_DOUBT).update(**columns)


def _send_same_bytes(lane: Lane, document: Document, gateway: Gateway, clock: Clock) -> None:
    """After asking which folio the SII would give it now, which may set one aside (decision 3)."""
    if document.sends >= SENDS:
        give_up(lane, document, clock())
        return
    asked = "Folio que el SII propone ahora para el mismo documento."
    with _noting_no_answer(lane, document, asked, clock):
        proposed = gateway.propose(to_documento(document.request))
    folio, now = document.folio or 0, clock()
    seen = {"asked": asked, "proposed": proposed, "folio": folio}
    if proposed >= folio:
        said = f"El SII propone el folio {proposed}; se envían otra vez los mismos bytes, con el {folio}."
        with holding(lane):
            note(document, "folio_proposed", said, now=now, **seen)
        send(lane, document, prepared_of(document), gateway, clock)
        return
    with holding(lane):
        note(document, "folio_unclear", f"El SII propone el folio {proposed}; se espera.", now=now, **seen)
        Document.objects.filter(pk=document.pk, state=State.IN_DOUBT).update(
            due_at=now + TIMINGS[lane.environment].doubt_gap
        )


@contextmanager
def _noting_no_answer(lane: Lane, document: Document, asked: str, clock: Clock) -> Iterator[None]:
    """Writes down a look that nobody answered, and lets the error pass; the same one is not written twice."""
    try:
        yield
    except (Refused, Unreachable) as error:
        evidence = {"asked": asked, "why": str(error)}
        last = document.states.first()
        if last is None or (last.code, last.evidence) != ("no_answer", evidence):
            with holding(lane):
                note(document, "no_answer", "El SII no respondió a la mirada.", now=clock(), **evidence)
        raise


def _given_up(document: Document) -> str:
    """What a person has to look for at the SII. Nobody knows the folio of what a backup shows unsent."""
    if document.state == State.ISSUED:
        said = f"El SII lo emitió con el folio {document.folio} y no entregó sus archivos"
    elif document.folio is None:
        said = "Se restauró un respaldo de antes de enviarlo y no se sabe si el SII lo emitió"
    else:
        said = f"Se envió con el folio {document.folio} y no se sabe si el SII lo emitió"
    return f"{said}: una persona debe revisarlo."


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
