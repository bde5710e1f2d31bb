"""What waits in a lane: which documents, whose come next, how many at once, and when there is more to do."""

from datetime import datetime

from django.db.models import Exists, F, Min, OuterRef, QuerySet

from timbre.enrolling.checks import next_check_at
from timbre.issuing.collecting import CHUNK
from timbre.issuing.models import Document, Reconciliation, State
from timbre.issuing.overdue import next_hand_over
from timbre.issuing.restore.reconciling import next_reconciliation_at
from timbre.taxpayers.models import Credential, LookUp
from timbre.work.models import Lane
from timbre.work.timing import TIMINGS

UNCONFIRMED = (State.SENDING, State.IN_DOUBT, State.ISSUED, State.INCOMPLETE)
"""Sent, and not yet known to be well: the SII may hold it, or a person has to look."""


def stranded_documents(lane: Lane) -> QuerySet[Document]:
    """The lane's documents that wait for a credential their company no longer has in it.

    Not those in doubt: only the person who signed them can send the same bytes again.
    """
    usable = Credential.usable_in(lane).filter(company=OuterRef("company"))
    return Document.objects.filter(~Exists(usable), lane=lane, state__in=[State.RECEIVED, State.ISSUED])


def stranded_comparisons(lane: Lane) -> QuerySet[Reconciliation]:
    """The companies to be compared in this lane that have no credential left in it."""
    usable = Credential.usable_in(lane).filter(company=OuterRef("company"))
    return Reconciliation.objects.filter(~Exists(usable), lane=lane, done_at=None)


def usable_documents(lane: Lane) -> QuerySet[Document]:
    """The lane's documents whose company has a valid credential in it, and is compared in no lane."""
    usable = Credential.usable_in(lane).filter(company=OuterRef("company"))
    closed = Reconciliation.objects.filter(company=OuterRef("company"), done_at=None)
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


def longest_unserved(lane: Lane, now: datetime) -> Credential | None:
    """The credential of the company that has waited longest to be turned to, of those with documents due."""
    waiting = due_documents(lane, State.RECEIVED, now).filter(company=OuterRef("company"))
    waits = Credential.usable_in(lane).filter(Exists(waiting))
    return waits.order_by(F("served_at").asc(nulls_first=True), "created_at").first()


def due_documents(lane: Lane, state: State, now: datetime) -> QuerySet[Document]:
    """The usable documents of one state that are due, in the order they were accepted."""
    due = usable_documents(lane).filter(state=state, due_at__lte=now)
    return due.select_related("company__entity", "batch").order_by("accepted_at", "index")


def next_due(lane: Lane) -> datetime | None:
    """When there will be something to do in the lane; None: never, as things stand."""
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
