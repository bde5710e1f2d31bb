"""The SII is asked whether a credential opens its company: one log-in, one company, one certificate."""

from collections.abc import Callable
from datetime import datetime

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
from timbre.work.claim import holding
from timbre.work.models import Lane
from timbre.work.timing import TIMINGS

TRIES = 5


def check_next(lane: Lane, clock: Callable[[], datetime]) -> bool:
    """Tries the lane's next due enrolment at the SII and saves what came of it; False when there is none."""
    due = Enrollment.objects.filter(lane=lane, status=Enrollment.Status.PENDING, due_at__lte=clock())
    enrollment = due.select_related("credential__company__entity").order_by("created_at").first()
    if enrollment is None:
        return False
    credential = enrollment.credential
    try:
        known = open_portal(credential, lane).check(credential.company.entity.rut)
    except Unreachable:
        _postpone(lane, enrollment, clock())
    except Refused as refused:
        _refuse(lane, enrollment, refused, clock())
    else:
        _validate(lane, enrollment, known, clock())
    return True


def next_check_at(lane: Lane) -> datetime | None:
    """When the lane's next enrolment is due."""
    pending = Enrollment.objects.filter(lane=lane, status=Enrollment.Status.PENDING)
    return pending.aggregate(at=Min("due_at"))["at"]


def _validate(lane: Lane, enrollment: Enrollment, known: Contribuyente, now: datetime) -> None:
    credential = enrollment.credential
    company = credential.company
    with holding(lane):
        company.entity.learn(known, now)
        first = not company.credentials.filter(is_default=True, deactivated_at=None).exists()
        credential.status, credential.reason = Credential.Status.VALID, ""
        credential.verified_at = now
        credential.is_default = credential.is_default or first
        credential.save(update_fields=["status", "reason", "verified_at", "is_default"])
        _finish(enrollment, Enrollment.Status.VALID, now)
        emit([tell_validated(credential)], now=now)


def _refuse(lane: Lane, enrollment: Enrollment, refused: Refused, now: datetime) -> None:
    could_not_ask = refused.reason in CLOSES_LANE
    status = Enrollment.Status.ERROR if could_not_ask else Enrollment.Status.INVALID
    with holding(lane):
        _finish(enrollment, status, now, code=refused.reason)
        stop(enrollment.credential, refused, now=now)


def _postpone(lane: Lane, enrollment: Enrollment, now: datetime) -> None:
    timing = TIMINGS[lane.environment]
    with holding(lane):
        enrollment.failures += 1
        if enrollment.failures >= TRIES:
            _finish(enrollment, Enrollment.Status.ERROR, now, code="sii_unavailable")
            return
        enrollment.due_at = now + backoff(
            enrollment.failures, first=timing.retry_first, last=timing.retry_last
        )
        enrollment.save(update_fields=["failures", "due_at"])


def _finish(enrollment: Enrollment, status: Enrollment.Status, now: datetime, *, code: str = "") -> None:
    enrollment.status, enrollment.finished_at, enrollment.due_at = status, now, None
    enrollment.error_code = code
    enrollment.error = REASONS.get(code, UNREACHABLE if code else "")
    enrollment.save(update_fields=["status", "finished_at", "due_at", "error_code", "error", "failures"])


UNREACHABLE = "No se pudo preguntar al SII. La clave no fue rechazada: vuelve a intentarlo más tarde."
