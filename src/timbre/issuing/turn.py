"""A lane's turn: one job after another in the person's one SII session, then the next lane's turn.

First what people wait for (log-ins, look-ups), then doubts, then files, then the next document.
"""

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from timbre.enrolling.checks import check_next, next_check_at
from timbre.enrolling.stopping import stop
from timbre.issuing.collecting import CHUNK, collect
from timbre.issuing.doubts import give_up, open_doubts, resolve_doubt
from timbre.issuing.models import Document, State
from timbre.issuing.states import Move, Outrun, move
from timbre.issuing.steps import advance, refuse, wait
from timbre.sii.gateway import Gateway, Unreachable
from timbre.taxpayers.lookups import answer_next
from timbre.taxpayers.models import Credential, LookUp
from timbre.taxpayers.portal import LoginRefused, open_portal
from timbre.work.backoff import backoff
from timbre.work.claim import LostClaim, claim, holding, release, renew
from timbre.work.models import Lane
from timbre.work.timing import TIMINGS

log = structlog.get_logger(__name__)
Clock = Callable[[], datetime]

CRASHES = 5
"""How often a document may bring down its own step before it is refused."""


def take(limit: int, clock: Clock = timezone.now) -> list[Lane]:
    """Up to ``limit`` lanes with work due, least recently served first, leased to the caller."""
    now = clock()
    open_lanes = Lane.objects.filter(Q(closed_until=None) | Q(closed_until__lte=now))
    taken: list[Lane] = []
    for timing_of, timing in TIMINGS.items():
        lanes = open_lanes.filter(environment=timing_of).order_by("last_served")
        taken += claim(lanes, now=now, lease=timing.lease, limit=limit - len(taken))
    return taken


def serve(lane: Lane, clock: Clock = timezone.now) -> None:
    """Works the lane until nothing is due or its turn is over; a lost claim ends it without a trace."""
    try:
        pause = _work(lane, clock)
        _hand_back(lane, pause, clock())
    except LostClaim:
        log.info("lane lost", lane=lane.pk)


def _work(lane: Lane, clock: Clock) -> bool:
    """Does jobs; True when the SII cannot be reached and the lane should rest."""
    timing = TIMINGS[lane.environment]
    started = clock()
    open_doubts(lane, started)
    gateways: dict[str, Gateway] = {}
    while (now := clock()) - started < timing.turn:
        _keep(lane, now)
        try:
            if not _do_next(lane, gateways, clock):
                return False
        except Unreachable as unreachable:
            log.info("sii unreachable", lane=lane.pk, why=str(unreachable))
            return True
        except Outrun as outrun:
            log.info("document moved on", document=str(outrun))
        except LoginRefused as login:
            with holding(lane):
                stop(login.credential, login.refused, now=clock())
            gateways.clear()
            lane.refresh_from_db(fields=["closed_until"])
            if lane.closed_until:
                return False
    return False


def _do_next(lane: Lane, gateways: dict[str, Gateway], clock: Clock) -> bool:
    if check_next(lane, clock) or answer_next(lane, clock):
        return True
    now = clock()
    mine = Document.objects.filter(lane=lane).select_related("company__entity", "credential", "batch")
    if _expire(lane, mine.filter(state=State.RECEIVED, issue_until__lte=now), now):
        return True
    usable = mine.filter(credential__status=Credential.Status.VALID, credential__deactivated_at=None)
    due = usable.filter(due_at__lte=now).order_by("accepted_at", "index")
    if _give_up_old_doubts(lane, mine, now):
        return True
    doubt = due.filter(state=State.IN_DOUBT).first()
    if doubt:
        resolve_doubt(lane, doubt, _gateway(lane, doubt, gateways), clock)
        return True
    in_doubt = usable.filter(state=State.IN_DOUBT).exists()
    issuable = None if in_doubt else due.filter(state=State.RECEIVED).first()
    ripe = _ripe(lane, list(due.filter(state=State.ISSUED)[: CHUNK * 2]), issuable, now)
    if ripe:
        collect(lane, ripe, _gateway(lane, ripe[0], gateways), clock)
    elif issuable:
        _advance(lane, issuable, gateways, clock)
    return bool(ripe or issuable)


def _advance(lane: Lane, document: Document, gateways: dict[str, Gateway], clock: Clock) -> None:
    """One document; one that breaks its own step is set aside so that it never holds up the lane."""
    try:
        advance(lane, document, _gateway(lane, document, gateways), clock)
    except (Unreachable, LoginRefused, LostClaim, Outrun):
        raise
    except Exception:
        log.exception("step failed", document=document.pk)
        document.refresh_from_db()
        if document.state == State.RECEIVED and document.failures + 1 >= CRASHES:
            said = "Un error interno impidió emitirlo. Reintenta el lote o avisa a quien opera Timbre."
            refuse(lane, document, code="internal_error", said=said, now=clock())
        elif document.state == State.RECEIVED:
            wait(lane, document, "internal_error", clock())
        else:
            open_doubts(lane, clock())


def _ripe(lane: Lane, issued: list[Document], issuable: Document | None, now: datetime) -> list[Document]:
    """The issued documents whose files are to be fetched now.

    A full chunk, or whatever there is if more waiting would only keep people waiting.
    """
    if not issued:
        return []
    first = issued[0]
    kind = (first.company_id, first.tipo, first.date_issued)
    chunk = [d for d in issued if (d.company_id, d.tipo, d.date_issued) == kind][:CHUNK]
    waited = now - (first.issued_at or now)
    full = len(issued) >= CHUNK
    return chunk if full or issuable is None or waited > TIMINGS[lane.environment].collect_after else []


def _expire(lane: Lane, overdue: QuerySet[Document], now: datetime) -> bool:
    expired = list(overdue[:100])
    said = "No se pudo emitir dentro de su plazo. Nada fue emitido; puedes reintentarlo."
    columns = {"error_code": "expired", "error_message": said}
    if expired:
        with holding(lane):
            move([Move(document=d, to=State.EXPIRED, said=said, columns=columns) for d in expired], now=now)
    return bool(expired)


def _give_up_old_doubts(lane: Lane, mine: QuerySet[Document], now: datetime) -> bool:
    deadline = now - TIMINGS[lane.environment].doubt_human
    old = mine.filter(state=State.IN_DOUBT, send_deadline__lte=deadline).first()
    if old:
        give_up(lane, old, now)
    return old is not None


def _gateway(lane: Lane, document: Document, gateways: dict[str, Gateway]) -> Gateway:
    key = document.credential_id
    if key not in gateways:
        gateways[key] = open_portal(document.credential, lane)
    return gateways[key]


def _keep(lane: Lane, now: datetime) -> None:
    """Renews the lease when half of it is gone."""
    lease = TIMINGS[lane.environment].lease
    if lane.lease_until is None or lane.lease_until - now < lease / 2:
        with holding(lane):
            renew(lane, until=now + lease)


def _hand_back(lane: Lane, rest: bool, now: datetime) -> None:  # noqa: FBT001 - the outcome of the turn
    """Returns the lane, due when its next work is; in one transaction, so no wake-up is lost."""
    timing = TIMINGS[lane.environment]
    with holding(lane):
        failures = lane.failures + 1 if rest else 0
        due_at = _next_due(lane)
        if rest and due_at is not None:
            due_at = max(due_at, now + backoff(failures, first=timing.retry_first, last=timing.retry_last))
        release(lane, due_at=due_at, last_served=now, failures=failures)


def _next_due(lane: Lane) -> datetime | None:
    documents = Document.objects.filter(lane=lane)
    usable = documents.filter(credential__status=Credential.Status.VALID, credential__deactivated_at=None)
    waiting = usable.filter(state__in=[State.IN_DOUBT, State.ISSUED])
    if not usable.filter(state=State.IN_DOUBT).exists():
        waiting = usable.filter(state__in=[State.ISSUED, State.RECEIVED])
    times = [
        next_check_at(lane),
        LookUp.objects.filter(lane=lane).aggregate(at=Min("created_at"))["at"],
        waiting.aggregate(at=Min("due_at"))["at"],
        documents.filter(state=State.RECEIVED).aggregate(at=Min("issue_until"))["at"],
    ]
    return min((at for at in times if at is not None), default=None)
