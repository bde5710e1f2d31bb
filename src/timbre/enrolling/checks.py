"""The SII is asked whether a credential opens its company: one log-in, one company, one certificate."""

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import Min

from timbre.enrolling.models import Enrollment
from timbre.enrolling.reasons import CLOSES_LANE, REASONS
from timbre.enrolling.stopping import stop
from timbre.enrolling.telling import tell_validated
from timbre.sii.gateway import Contribuyente, Refused, Unreachable
from timbre.taxpayers.models import Credential
from timbre.taxpayers.portal import open_portal
from timbre.webhooks.emit import emit
from timbre.work.backoff import backoff
from timbre.work.claim import LostClaim, holding
from timbre.work.models import Lane
from timbre.work.timing import TIMINGS

log = structlog.get_logger(__name__)

TRIES = 5


def check_next(lane: Lane, clock: Callable[[], datetime]) -> bool:
    """Tries the lane's next due enrolment at the SII and saves what came of it; False when there is none.

    Raises Unreachable when the SII asks to be left alone for a while.
    """
    due = Enrollment.objects.filter(lane=lane, due_at__lte=clock())
    enrollment = due.select_related("credential__company__entity").order_by("due_at").first()
    if enrollment is None:
        return False
    credential = enrollment.credential
    try:
        known = open_portal(credential, lane).check(credential.company.entity.rut)
        _validate(lane, enrollment, known, clock())
    except Refused as refused:
        if refused.about_credential:
            _refuse(lane, enrollment, refused, clock())
        else:
            _postpone(lane, enrollment, "sii_rejected", clock())
    except Unreachable as unreachable:
        _postpone(lane, enrollment, "sii_unavailable", clock())
        if unreachable.retry_after:
            raise  # Asked to be left alone: by nobody of this lane.
    except LostClaim:
        raise
    except Exception:
        log.exception("enrolment failed", enrollment=enrollment.pk)
        _postpone(lane, enrollment, "internal_error", clock())
    return True


def next_check_at(lane: Lane) -> datetime | None:
    """When the lane's next enrolment is due."""
    return Enrollment.objects.filter(lane=lane).aggregate(at=Min("due_at"))["at"]


def _withdrawn(enrollment: Enrollment) -> bool:
    """Whether the credential was changed or forgotten while the SII was being asked: the answer is stale."""
    return not Enrollment.objects.filter(pk=enrollment.pk).exclude(due_at=None).exists()


def _validate(lane: Lane, enrollment: Enrollment, known: Contribuyente, now: datetime) -> None:
    credential = enrollment.credential
    company = credential.company
    with holding(lane):
        if _withdrawn(enrollment):
            return
        company.entity.learn(known, now)
        # Somebody may have chosen the default while the SII was asked.
        credential.refresh_from_db(fields=["is_default"])
        first = not company.credentials.filter(is_default=True, deactivated_at=None).exists()
        credential.status, credential.reason = Credential.Status.VALID, ""
        credential.verified_at = now
        credential.is_default = credential.is_default or first
        credential.save(update_fields=["status", "reason", "verified_at", "is_default"])
        _finish(enrollment, Enrollment.Status.VALID, now)
        emit([tell_validated(credential)], now=now)
    # Apart from the other transaction: two lanes are never locked in two orders.
    others = company.credentials.exclude(lane=lane).values_list("lane_id", flat=True)
    with transaction.atomic():
        Lane.wake(sorted(set(others)), now)


def _refuse(lane: Lane, enrollment: Enrollment, refused: Refused, now: datetime) -> None:
    """What speaks of the credential. A lock says nothing of the clave, which is tried again after it."""
    with holding(lane):
        if _withdrawn(enrollment):
            return
        if refused.reason in CLOSES_LANE:
            again = now + CLOSES_LANE[refused.reason]
            _finish(enrollment, Enrollment.Status.ERROR, now, code=refused.reason, again=again)
        else:
            _finish(enrollment, Enrollment.Status.INVALID, now, code=refused.reason)
        stop(enrollment.credential, refused, now=now)


def _postpone(lane: Lane, enrollment: Enrollment, code: str, now: datetime) -> None:
    """The SII could not be asked: after a few tries the enrolment says so, and goes on trying."""
    timing = TIMINGS[lane.environment]
    enrollment.failures = min(enrollment.failures + 1, 1000)
    again = now + backoff(enrollment.failures, first=timing.retry_first, last=timing.retry_last)
    with holding(lane):
        if _withdrawn(enrollment):
            return
        if enrollment.failures >= TRIES:
            _finish(enrollment, Enrollment.Status.ERROR, now, code=code, again=again)
        else:
            enrollment.due_at = again
            enrollment.save(update_fields=["failures", "due_at"])


def _finish(
    enrollment: Enrollment,
    status: Enrollment.Status,
    now: datetime,
    *,
    code: str = "",
    again: datetime | None = None,
) -> None:
    enrollment.status, enrollment.finished_at, enrollment.due_at = status, now, again
    enrollment.error_code = code
    enrollment.error = REASONS.get(code, UNREACHABLE if code else "")
    enrollment.save(update_fields=["status", "finished_at", "due_at", "error_code", "error", "failures"])


UNREACHABLE = "No se pudo preguntar al SII. La clave no fue rechazada, y Timbre sigue intentando por sí solo."
