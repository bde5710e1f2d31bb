"""A lane's turn: one job after another in the person's one SII session, then the next lane's turn.

First what people wait for (log-ins, look-ups), then doubts, then files, then the next document.
"""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from timbre.enrolling.checks import check_next, next_check_at
from timbre.enrolling.stopping import stop
from timbre.issuing.collecting import CHUNK, collect
from timbre.issuing.doubts import open_doubts, resolve_doubt
from timbre.issuing.models import FINAL, Document, Reconciliation, State
from timbre.issuing.overdue import expire_overdue, hand_over_old, next_hand_over, set_aside
from timbre.issuing.reconciling import next_reconciliation_at, reconcile_next
from timbre.issuing.states import Outrun
from timbre.issuing.steps import advance, wait
from timbre.issuing.stranding import say_what_closed, send_elsewhere
from timbre.sii.gateway import Gateway, Refused, Unreachable
from timbre.taxpayers.lookups import answer_next
from timbre.taxpayers.models import Credential, LookUp
from timbre.taxpayers.portal import LoginRefused, open_portal
from timbre.work.backoff import backoff
from timbre.work.claim import LostClaim, claim, holding, release, renew
from timbre.work.environments import Environment
from timbre.work.models import Lane
from timbre.work.timing import TIMINGS

log = structlog.get_logger(__name__)
Clock = Callable[[], datetime]

LOOK_EVERY = timedelta(seconds=0.5)
"""How often a worker busy with documents looks for what is more urgent."""
UNCONFIRMED = (State.SENDING, State.IN_DOUBT, State.ISSUED, State.INCOMPLETE)
"""Sent, and not yet known to be well: the SII may hold it, or a person has to look."""


def take(limit: int, clock: Clock = timezone.now) -> list[Lane]:
    """Up to ``limit`` lanes with work due, least recently served first, leased to the caller."""
    now = clock()
    open_lanes = Lane.objects.filter(Q(closed_until=None) | Q(closed_until__lte=now))
    longest_unserved = open_lanes.order_by(F("last_served").asc(nulls_first=True))
    taken: list[Lane] = []
    for environment in _environments():
        lanes = longest_unserved.filter(environment=environment)
        lease = TIMINGS[environment].lease
        taken += claim(lanes, now=now, lease=lease, limit=limit - len(taken))
    return taken


def _environments() -> list[str]:
    """Those to serve, in an order by chance so that neither starves; production only if it is on."""
    served = [e for e in TIMINGS if e != Environment.PRODUCTION or settings.PRODUCTION]
    return random.sample(served, len(served))


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
            if not turn.do_next() or _closed(lane, clock()):
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
            if _closed(lane, clock()):
                return False
    return False


def _closed(lane: Lane, now: datetime) -> bool:
    """Whether the SII has locked the person out meanwhile: then nothing more is asked of it."""
    closed = Lane.objects.filter(pk=lane.pk, closed_until__gt=now).exists()
    if closed:
        say_what_closed(lane, now)
    return closed


@dataclass(slots=True)
class Turn:
    """What a worker knows to be waiting in its lane, so that it need not ask before each document."""

    lane: Lane
    clock: Clock
    received: deque[Document] = field(default_factory=deque)
    issued: list[Document] = field(default_factory=list)
    gateways: dict[tuple[str, str], Gateway] = field(default_factory=dict)
    """Of the scenario at hand alone: one document's is never another's."""
    credentials: dict[str, Credential] = field(default_factory=dict)
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
            self._collect(ripe)
        elif self.received:
            self._advance(self.received.popleft())
        else:
            return False
        return True

    def _do_urgent(self, now: datetime) -> bool:
        """What people wait for, and what must not be forgotten."""
        if check_next(self.lane, self.clock):
            self.gateways.clear()
            self.credentials.clear()
            return True
        if answer_next(self.lane, self.clock):
            return True
        if reconcile_next(self.lane, self.clock):
            return True
        if expire_overdue(self.lane, now) or hand_over_old(self.lane, now):
            return True
        doubt = self._usable().filter(state=State.IN_DOUBT, due_at__lte=now).first()
        if doubt:
            self._guard([doubt], lambda: resolve_doubt(self.lane, doubt, self._gateway(doubt), self.clock))
        return doubt is not None

    def _look(self, now: datetime) -> None:
        """Learns what is due."""
        send_elsewhere(self.lane, stranded_documents(self.lane), now)
        due = self._usable().filter(due_at__lte=now).order_by("accepted_at", "index")
        self.received = deque(due.filter(state=State.RECEIVED)[: may_take(self.lane)])
        self.issued = list(due.filter(state=State.ISSUED)[: 2 * CHUNK])
        self.looked_at = now

    def _collect(self, ripe: list[Document]) -> None:
        """An SII that hands out no files does not keep the lane from issuing."""
        try:
            self._guard(ripe, lambda: collect(self.lane, ripe, self._gateway(ripe[0]), self.clock))
        except Unreachable as unreachable:
            log.info("files unreachable", lane=self.lane.pk, why=str(unreachable))
            self._wait(ripe)

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
        chunk = [d for d in self.issued if _kind(d) == _kind(first)][:CHUNK]
        waited = now - (first.issued_at or now) > TIMINGS[self.lane.environment].collect_after
        return chunk if len(self.issued) >= CHUNK or not self.received or waited else []

    def _guard(self, documents: list[Document], job: Callable[[], None]) -> None:
        """Does the job; documents that break their own step are set aside and never hold up the lane."""
        try:
            job()
        except Refused as refused:
            self.looked_at = None
            if refused.about_credential:
                raise LoginRefused(self._credential(documents[0]), refused) from refused
            log.warning("sii refused", documents=[d.pk for d in documents], why=str(refused))
            self._wait(documents)
        except (Unreachable, LoginRefused, LostClaim, Outrun):
            self.looked_at = None
            raise
        except Exception:
            self.looked_at = None
            log.exception("step failed", documents=[document.pk for document in documents])
            for document in documents:
                set_aside(self.lane, document, self.clock())

    def _wait(self, documents: list[Document]) -> None:
        for document in documents:
            if document.state not in FINAL:
                wait(self.lane, document, "sii_unavailable", self.clock())

    def _gateway(self, document: Document) -> Gateway:
        scenario = document.scenario
        key = (document.company_id, scenario)
        if key not in self.gateways:
            if any(other != scenario for _, other in self.gateways):
                self.gateways.clear()
            self.gateways[key] = open_portal(self._credential(document), self.lane, scenario)
        return self.gateways[key]

    def _credential(self, document: Document) -> Credential:
        """The company's present credential in this lane: the one the document came with may be gone."""
        if document.company_id not in self.credentials:
            usable = Credential.usable_in(self.lane).filter(company=document.company_id)
            self.credentials[document.company_id] = usable.order_by("-is_default", "created_at")[0]
        return self.credentials[document.company_id]

    def _usable(self) -> QuerySet[Document]:
        return usable_documents(self.lane).select_related("company__entity", "batch")


def _kind(document: Document) -> tuple[object, ...]:
    """Documents of one kind have their files fetched together."""
    return document.company_id, document.tipo, document.date_issued, document.scenario


def stranded_documents(lane: Lane) -> QuerySet[Document]:
    """The lane's documents that wait for a credential their company no longer has in it.

    Not those in doubt: only the person who signed them can send the same bytes again.
    """
    usable = Credential.usable_in(lane).filter(company=OuterRef("company"))
    return Document.objects.filter(~Exists(usable), lane=lane, state__in=[State.RECEIVED, State.ISSUED])


def usable_documents(lane: Lane) -> QuerySet[Document]:
    """The lane's documents whose company has a valid credential in it, and is not being reconciled."""
    usable = Credential.usable_in(lane).filter(company=OuterRef("company"))
    closed = Reconciliation.objects.filter(company=OuterRef("company"), lane=lane, done_at=None)
    return Document.objects.filter(Exists(usable), ~Exists(closed), lane=lane)


def may_take(lane: Lane) -> int:
    """How many documents the lane may issue before it looks again: none while one of them is in doubt.

    In production the first goes alone: one at a time, each only once what became of the last is known, until
    one is confirmed by its files.
    """
    if usable_documents(lane).filter(state=State.IN_DOUBT).exists():
        return 0
    mine = Document.objects.filter(lane=lane)
    if not TIMINGS[lane.environment].first_alone or mine.filter(state=State.DONE).exists():
        return CHUNK
    return 0 if mine.filter(state__in=UNCONFIRMED).exists() else 1


def _keep(lane: Lane, now: datetime) -> None:
    """Renews the lease when a quarter of it is gone, so that a slow step still ends within it."""
    lease = TIMINGS[lane.environment].lease
    if lane.lease_until is None or lane.lease_until - now < lease * 0.75:
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
    usable = usable_documents(lane)
    states = [State.ISSUED, State.RECEIVED if may_take(lane) else State.IN_DOUBT]
    received = Document.objects.filter(lane=lane, state=State.RECEIVED)
    times = [
        next_check_at(lane),
        next_reconciliation_at(lane),
        LookUp.objects.filter(lane=lane).aggregate(at=Min("created_at"))["at"],
        usable.filter(state__in=states).aggregate(at=Min("due_at"))["at"],
        received.aggregate(at=Min("issue_until"))["at"],
        next_hand_over(lane),
    ]
    return min((at for at in times if at is not None), default=None)
