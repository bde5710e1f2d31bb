"""Documents whose time is over, and documents that break their own step: none of them holds up its lane."""

from datetime import datetime
from typing import Any

from django.db.models import Case, DateTimeField, Exists, F, Min, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Greatest

from timbre.issuing.causes import say
from timbre.issuing.doubts import LOOKS, give_up
from timbre.issuing.models import Document, DocumentState, Reconciliation, State
from timbre.issuing.states import Move, move
from timbre.issuing.steps import fall_into_doubt, refuse, wait
from timbre.taxpayers.models import Credential
from timbre.work.claim import holding
from timbre.work.models import Lane
from timbre.work.timing import TIMINGS

CRASHES = 5
"""How often a document may bring down its own step before it is refused."""
AT_ONCE = 100


def expire_overdue(lane: Lane, now: datetime) -> bool:
    """Ends documents that could not be issued in their time; False when there are none."""
    overdue = Document.objects.filter(lane=lane, state=State.RECEIVED, issue_until__lte=now)
    expired = list(overdue.select_related("company__entity")[:AT_ONCE])
    said = say("expired")
    columns = {"error_code": "expired", "error_message": said}
    if expired:
        with holding(lane):
            move([Move(document=d, to=State.EXPIRED, said=said, columns=columns) for d in expired], now=now)
    return bool(expired)


def hand_over_old(lane: Lane, now: datetime) -> bool:
    """Hands to a person what was in doubt, or issued without files, for too long; False: there is none."""
    limit = now - TIMINGS[lane.environment].doubt_human
    old = _unsettled(lane).filter(since__lte=limit).select_related("company__entity").first()
    if old:
        give_up(lane, old, now)
    return old is not None


def next_hand_over(lane: Lane) -> datetime | None:
    """When the oldest of them will be too old."""
    first = _unsettled(lane).aggregate(at=Min("since"))["at"]
    return first and first + TIMINGS[lane.environment].doubt_human


def _unsettled(lane: Lane) -> QuerySet[Any]:
    """Documents in doubt or without files, and ``since`` when the SII is asked in vain, or nobody can ask.

    Never by their age alone: after days without a worker, the SII is asked before a person is.
    """
    comparisons = Reconciliation.objects.filter(company=OuterRef("company"), done_at=None)
    usable = Exists(Credential.usable_in(lane).filter(company=OuterRef("company"))) & ~Exists(comparisons)
    looks = DocumentState.objects.filter(
        document=OuterRef("pk"), code__in=LOOKS, at__gt=OuterRef("send_deadline")
    )
    restored_at = Subquery(comparisons.values("restored_at")[:1])
    since = Case(
        When(usable, state=State.ISSUED, error_code="", then=None),
        When(Exists(comparisons), state=State.ISSUED, then=Greatest(F("issued_at"), restored_at)),
        When(state=State.ISSUED, then=F("issued_at")),
        When(usable, error_code="", then=Subquery(looks.order_by("at").values("at")[:1])),
        default=F("send_deadline"),
        output_field=DateTimeField(),
    )
    documents = Document.objects.filter(lane=lane, state__in=[State.IN_DOUBT, State.ISSUED])
    return documents.annotate(since=since)


def set_aside(lane: Lane, document: Document, now: datetime) -> None:
    """After a crash in its own step: a later try, a doubt if it was being sent, at last a refusal."""
    document.refresh_from_db()
    if document.lane_id != lane.pk:
        return  # Another lane's now.
    crashes = document.failures + 1 if document.error_code == "internal_error" else 1
    if document.state == State.RECEIVED and crashes >= CRASHES:
        refuse(lane, document, code="internal_error", said=say("internal_error"), now=now)
    elif document.state == State.SENDING:
        fall_into_doubt(lane, document, "the step that sent it failed", now)
    elif document.state in (State.RECEIVED, State.IN_DOUBT, State.ISSUED):
        wait(lane, document, "internal_error", now)
