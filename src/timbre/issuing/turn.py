"""A lane's turn: one job after another in the person's one SII session, then the next lane's turn.

First what people wait for (log-ins, look-ups), then doubts, then files, then the next document.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from timbre.enrolling.checks import check_next, next_check_at
from timbre.enrolling.stopping import stop
from timbre.issuing.collecting import CHUNK, collect
from timbre.issuing.doubts import open_doubts, resolve_doubt
from timbre.issuing.models import Document, State
from timbre.issuing.overdue import expire_overdue, give_up_old_doubts, set_aside
from timbre.issuing.states import Outrun
from timbre.issuing.steps import advance
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

LOOK_EVERY = timedelta(seconds=0.5)
"""How often a worker busy with documents looks for what is more urgent."""


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
    turn = Turn(lane, clock)
    while (now := clock()) - started < timing.turn:
        _keep(lane, now)
        try:
            if not turn.do_next():
                return False
        except Unreachable as unreachable:
            log.info("sii unreachable", lane=lane.pk, why=str(unreachable))
            return True
        except Outrun as outrun:
            log.info("document moved on", document=str(outrun))
        except LoginRefused as login:
            with holding(lane):
                stop(login.credential, login.refused, now=clock())
            turn = Turn(lane, clock)
            lane.refresh_from_db(fields=["closed_until"])
            if lane.closed_until:
                return False
    return False


@dataclass(slots=True)
class Turn:
    """What a worker knows to be waiting in its lane, so that it need not ask before each document."""

    lane: Lane
    clock: Clock
    received: deque[Document] = field(default_factory=deque)
    issued: list[Document] = field(default_factory=list)
    gateways: dict[str, Gateway] = field(default_factory=dict)
    looked_at: datetime | None = None

    def do_next(self) -> bool:
        """Does one job; False when none is due."""
        now = self.clock()
        if not self.received or self.looked_at is None or now - self.looked_at > LOOK_EVERY:
            if self._do_urgent(now):
                return True
            self._look(now)
        ripe = self._ripe(now)
        if ripe:
            self.issued = [document for document in self.issued if document not in ripe]
            self._guard(ripe, lambda: collect(self.lane, ripe, self._gateway(ripe[0]), self.clock))
        elif self.received:
            self._advance(self.received.popleft())
        else:
            return False
        return True

    def _do_urgent(self, now: datetime) -> bool:
        """What people wait for, and what must not be forgotten."""
        if check_next(self.lane, self.clock) or answer_next(self.lane, self.clock):
            return True
        if expire_overdue(self.lane, now) or give_up_old_doubts(self.lane, now):
            return True
        doubt = self._usable().filter(state=State.IN_DOUBT, due_at__lte=now).first()
        if doubt:
            self._guard([doubt], lambda: resolve_doubt(self.lane, doubt, self._gateway(doubt), self.clock))
        return doubt is not None

    def _look(self, now: datetime) -> None:
        """Learns what is due. While a document is in doubt, its lane issues nothing else."""
        usable = self._usable()
        due = usable.filter(due_at__lte=now).order_by("accepted_at", "index")
        in_doubt = usable.filter(state=State.IN_DOUBT).exists()
        self.received = deque() if in_doubt else deque(due.filter(state=State.RECEIVED)[:CHUNK])
        self.issued = list(due.filter(state=State.ISSUED)[: 2 * CHUNK])
        self.looked_at = now

    def _advance(self, document: Document) -> None:
        self._guard([document], lambda: advance(self.lane, document, self._gateway(document), self.clock))
        if document.state == State.ISSUED:
            self.issued.append(document)
        elif document.state == State.IN_DOUBT:
            self.received.clear()

    def _ripe(self, now: datetime) -> list[Document]:
        """The issued documents whose files are to be fetched now.

        A full chunk of one kind, or whatever there is if more waiting would only keep people waiting.
        """
        if not self.issued:
            return []
        first = self.issued[0]
        kind = (first.company_id, first.tipo, first.date_issued)
        chunk = [d for d in self.issued if (d.company_id, d.tipo, d.date_issued) == kind][:CHUNK]
        waited = now - (first.issued_at or now) > TIMINGS[self.lane.environment].collect_after
        return chunk if len(self.issued) >= CHUNK or not self.received or waited else []

    def _guard(self, documents: Sequence[Document], job: Callable[[], None]) -> None:
        """Does the job; documents that break their own step are set aside and never hold up the lane."""
        try:
            job()
        except (Unreachable, LoginRefused, LostClaim, Outrun):
            self.looked_at = None
            raise
        except Exception:
            self.looked_at = None
            log.exception("step failed", documents=[document.pk for document in documents])
            for document in documents:
                set_aside(self.lane, document, self.clock())

    def _gateway(self, document: Document) -> Gateway:
        key = document.credential_id
        if key not in self.gateways:
            self.gateways[key] = open_portal(document.credential, self.lane)
        return self.gateways[key]

    def _usable(self) -> QuerySet[Document]:
        documents = Document.objects.filter(
            lane=self.lane,
            credential__status=Credential.Status.VALID,
            credential__deactivated_at=None,
        )
        return documents.select_related("company__entity", "credential")


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
    oldest_doubt = documents.filter(state=State.IN_DOUBT).aggregate(at=Min("send_deadline"))["at"]
    times = [
        oldest_doubt and oldest_doubt + TIMINGS[lane.environment].doubt_human,
        next_check_at(lane),
        LookUp.objects.filter(lane=lane).aggregate(at=Min("created_at"))["at"],
        waiting.aggregate(at=Min("due_at"))["at"],
        documents.filter(state=State.RECEIVED).aggregate(at=Min("issue_until"))["at"],
    ]
    return min((at for at in times if at is not None), default=None)
