"""Documents whose sending was not clearly answered: looked for by content, never sent blindly again.

Same DigestValue in the SII's copy means issued. Known not issued needs two looks some time apart that do
not find the folio; then *the same bytes* are sent, which can issue that folio at most once. The folio in the
SII's list with another content means these bytes can never be issued, and the document is signed anew.
"""

from collections.abc import Callable
from datetime import datetime

from timbre.issuing.asking import to_documento
from timbre.issuing.models import Document, State
from timbre.issuing.states import Move, move, note
from timbre.issuing.steps import fall_into_doubt, mark_issued, prepared_of, send, start_again
from timbre.sii.gateway import Gateway, Issued, Taken
from timbre.work.claim import holding
from timbre.work.models import Lane
from timbre.work.timing import TIMINGS

Clock = Callable[[], datetime]
SENDS = 4
"""How often the same bytes are sent before a person has to look."""


def open_doubts(lane: Lane, now: datetime) -> None:
    """What another worker left in SENDING becomes a doubt: it died, or it lost the lane."""
    for document in Document.objects.filter(lane=lane, state=State.SENDING).select_related("company__entity"):
        fall_into_doubt(lane, document, "the worker that sent it did not come back", now)


def resolve_doubt(lane: Lane, document: Document, gateway: Gateway, clock: Clock) -> None:
    """One look at the SII for one document in doubt. Raises Unreachable and Refused as the gateway does."""
    timing = TIMINGS[lane.environment]
    prepared = prepared_of(document)
    finding = gateway.find(prepared)
    now = clock()
    if isinstance(finding, Issued):
        mark_issued(lane, document, finding, "El SII lo había emitido: su copia lleva la misma firma.", now)
    elif isinstance(finding, Taken):
        start_again(lane, document, "Su folio fue usado por otro documento: nada fue emitido.", now)
    elif document.absent_since is None or now - document.absent_since < timing.doubt_gap:
        _look_again(lane, document, now)
    else:
        _send_same_bytes(lane, document, gateway, clock)


GIVEN_UP = {
    "doubt_unresolved": "Timbre no pudo averiguar si el SII lo emitió: míralo en el SII y resuélvelo.",
    "files_missing": "El SII lo emitió y no entregó sus archivos: míralo en el SII y resuélvelo.",
}


def give_up(lane: Lane, document: Document, now: datetime) -> None:
    """A person has to decide (POST documents/{id}/resolve/); the lane goes on with the others."""
    code = "doubt_unresolved" if document.state == State.IN_DOUBT else "files_missing"
    said = GIVEN_UP[code]
    columns = {"error_code": code, "error_message": said}
    with holding(lane):
        move([Move(document=document, to=State.INCOMPLETE, said=said, columns=columns)], now=now)


def _look_again(lane: Lane, document: Document, now: datetime) -> None:
    first = document.absent_since or now
    with holding(lane):
        note(document, "not_listed", f"El SII no lista el folio {document.folio}; se mira de nuevo.", now=now)
        Document.objects.filter(pk=document.pk, state=State.IN_DOUBT).update(
            absent_since=first, due_at=first + TIMINGS[lane.environment].doubt_gap
        )


def _send_same_bytes(lane: Lane, document: Document, gateway: Gateway, clock: Clock) -> None:
    if document.sends >= SENDS:
        give_up(lane, document, clock())
        return
    proposed = gateway.propose(to_documento(document.request))
    folio = document.folio or 0
    if proposed < folio:
        with holding(lane):
            note(document, "folio_unclear", f"El SII propone el folio {proposed}; se espera.", now=clock())
            Document.objects.filter(pk=document.pk).update(
                due_at=clock() + TIMINGS[lane.environment].doubt_gap
            )
        return
    send(lane, document, prepared_of(document), gateway, clock)
