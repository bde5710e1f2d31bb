"""A lane's turn: one job after another in the person's one SII session, then the next lane's turn.

First what people wait for (log-ins, look-ups), then doubts, then files, then the next document.
"""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from django.conf import settings
from django.db.models import F
from django.utils import timezone

from timbre.enrolling.checks import check_next
from timbre.enrolling.stopping import stop
from timbre.issuing.collecting import CHUNK, collect
from timbre.issuing.doubts import open_doubts, resolve_doubt
from timbre.issuing.measured import named
from timbre.issuing.models import FINAL, Document, State
from timbre.issuing.overdue import expire_overdue, hand_over_old, set_aside
from timbre.issuing.queue import (
    due_documents,
    longest_unserved,
    may_take,
    next_due,
    stranded_comparisons,
    stranded_documents,
)
from timbre.issuing.restore.reconciling import reconcile_next
from timbre.issuing.states import Outrun
from timbre.issuing.steps import Clock, advance, wait
from timbre.issuing.stranding import say_what_closed, send_elsewhere
from timbre.sii.gateway import Gateway, Refused, Unreachable
from timbre.taxpayers.lookups import answer_next
from timbre.taxpayers.models import Credential
from timbre.taxpayers.portal import LoginRefused, open_portal
from timbre.work.backoff import backoff
from timbre.work.claim import LostClaim, claim, holding, release, renew
from timbre.work.environments import Environment
from timbre.work.models import Lane
from timbre.work.timing import TIMINGS

log = structlog.get_logger(__name__)

LOOK_EVERY = timedelta(seconds=0.5)
"""How often a worker busy with documents looks for what is more urgent."""
LONGEST_ASKED = timedelta(hours=1)
"""A Retry-After beyond this is a mistake, and the documents have a deadline."""
RUN = 20
"""Documents of one company before its lane turns to the next one: each turn costs two requests."""


class Rest(NamedTuple):
    """How a turn ended: how often in a row the SII could not be reached, and until when it is left alone."""

    failures: int = 0
    until: datetime | None = None


def take(limit: int, clock: Clock = timezone.now) -> list[Lane]:
    """Up to ``limit`` lanes with work due, least recently served first, leased to the caller."""
    now = clock()
    longest_unserved = Lane.awake(now).order_by(F("last_served").asc(nulls_first=True))
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
        rest = _work(lane, clock)
        _hand_back(lane, rest, clock())
    except LostClaim:
        log.info("lane lost", lane=lane.pk)


def _work(lane: Lane, clock: Clock) -> Rest:
    """Does jobs, until nothing is due, the turn is over or the SII cannot be reached."""
    timing = TIMINGS[lane.environment]
    started = clock()
    open_doubts(lane, started)
    turn = Turn(lane, clock)
    while (now := clock()) - started < timing.turn:
        _keep(lane, now)
        try:
            if not turn.do_next() or _closed(lane, clock()):
                return Rest()
        except Unreachable as unreachable:
            log.info("sii unreachable", lane=lane.pk, why=str(unreachable))
            return _rest(lane, unreachable, turn, clock())
        except Outrun as outrun:
            log.info("document moved on", document=str(outrun))
        except LoginRefused as login:
            with holding(lane):
                stop(login.credential, login.refused, now=clock())
            turn = Turn(lane, clock)
            if _closed(lane, clock()):
                return Rest()
    return Rest()


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
    gateway: Gateway | None = None
    """One at a time: the SII keeps one company chosen, and what another gateway does makes it stale."""
    gateway_of: tuple[str, str] = ("", "")
    credentials: dict[str, Credential] = field(default_factory=dict)
    looked_at: datetime | None = None
    company: str = ""
    """Whose documents are issued now."""
    left: int = 0
    """How many more of them before the next company's."""
    went_well: bool = False
    """Whether the SII has issued anything in this turn."""

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
            self.credentials.clear()
            self.gateway = None
            return True
        if answer_next(self.lane, self.clock) or reconcile_next(self.lane, self.clock):
            self.gateway = None
            return True
        if expire_overdue(self.lane, now) or hand_over_old(self.lane, now):
            return True
        doubt = due_documents(self.lane, State.IN_DOUBT, now).first()
        if doubt:
            self._guard([doubt], lambda: resolve_doubt(self.lane, doubt, self._gateway(doubt), self.clock))
        return doubt is not None

    def _look(self, now: datetime) -> None:
        """Learns what is due."""
        stranded, comparisons = stranded_documents(self.lane), stranded_comparisons(self.lane)
        send_elsewhere(self.lane, stranded, comparisons, now)
        self.received = self._next_run(now)
        self.issued = list(due_documents(self.lane, State.ISSUED, now)[: 2 * CHUNK])
        self.looked_at = now

    def _next_run(self, now: datetime) -> deque[Document]:
        """More of the company at hand, in its own order; after a run, of the one that has waited longest."""
        allowed = may_take(self.lane)
        due = due_documents(self.lane, State.RECEIVED, now)
        more = deque(due.filter(company=self.company)[: min(allowed, self.left)])
        if more or not allowed:
            return more
        credential = longest_unserved(self.lane, now)
        if credential is None:
            return more
        with holding(self.lane):
            credential.mark_served(now)
        self.company, self.left = credential.company_id, RUN
        return deque(due.filter(company=self.company)[: min(allowed, RUN)])

    def _collect(self, ripe: list[Document]) -> None:
        """An SII that hands out no files does not keep the lane from issuing."""
        try:
            self._guard(ripe, lambda: collect(self.lane, ripe, self._gateway(ripe[0]), self.clock))
        except Unreachable as unreachable:
            log.info("files unreachable", lane=self.lane.pk, why=str(unreachable))
            self._wait(ripe)
            if unreachable.retry_after:
                raise

    def _advance(self, document: Document) -> None:
        self._guard([document], lambda: advance(self.lane, document, self._gateway(document), self.clock))
        self.left -= 1
        if document.state == State.ISSUED:
            self.went_well = True
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
            with named(documents):
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
        of = (document.company_id, document.scenario)
        if self.gateway is None or self.gateway_of != of:
            self.gateway = open_portal(self._credential(document), self.lane, document.scenario)
            self.gateway_of = of
        return self.gateway

    def _credential(self, document: Document) -> Credential:
        """The company's present credential in this lane: the one the document came with may be gone."""
        if document.company_id not in self.credentials:
            usable = Credential.usable_in(self.lane).filter(company=document.company_id)
            self.credentials[document.company_id] = usable.order_by("-is_default", "created_at")[0]
        return self.credentials[document.company_id]


def _kind(document: Document) -> tuple[object, ...]:
    """Documents of one kind have their files fetched together."""
    return document.company_id, document.tipo, document.date_issued, document.scenario


def _keep(lane: Lane, now: datetime) -> None:
    """Renews the lease when a quarter of it is gone, so that a slow step still ends within it."""
    lease = TIMINGS[lane.environment].lease
    if lane.lease_until is None or lane.lease_until - now < lease * 0.75:
        with holding(lane):
            renew(lane, until=now + lease)


def _rest(lane: Lane, unreachable: Unreachable, turn: "Turn", now: datetime) -> Rest:
    """Longer each time in a row, and no shorter than the SII asks; what one company meets tires no other."""
    timing = TIMINGS[lane.environment]
    failures = 1 if turn.went_well else lane.failures + 1
    pause = backoff(failures, first=timing.retry_first, last=timing.retry_last)
    asked = min(timedelta(seconds=unreachable.retry_after or 0), LONGEST_ASKED)
    return Rest(failures, now + max(pause, backoff(1, first=asked, last=asked)))


def _hand_back(lane: Lane, rest: Rest, now: datetime) -> None:
    """Returns the lane, due when its next work is; in one transaction, so no wake-up is lost."""
    with holding(lane):
        columns = {"failures": rest.failures, "rest_until": rest.until}
        release(lane, due_at=next_due(lane), last_served=now, **columns)
