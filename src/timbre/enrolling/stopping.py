"""Credential trouble: stop at the first no, say why, and never ask the SII again before its time."""

from datetime import datetime

from django.db.models import Q

from timbre.enrolling.models import Enrollment
from timbre.enrolling.reasons import CLOSES_LANE, REASONS
from timbre.enrolling.telling import tell_closed, tell_invalid
from timbre.sii.gateway import Refused
from timbre.taxpayers.models import Credential, LookUp
from timbre.webhooks.emit import emit
from timbre.work.models import Lane

INVALID = Credential.Status.INVALID
CLAVE_REFUSED = frozenset({"sii_credentials_invalid", "login_refused"})


def stop(credential: Credential, refused: Refused, *, now: datetime) -> None:
    """Inside ``holding(lane)``: marks what the refusal tells about, and tells it.

    A wrong clave stops every credential that holds the same clave for the same person, whoever owns it:
    each further try would bring the SII's lock nearer. A lock or a session limit closes the lane instead.
    """
    if refused.reason in CLOSES_LANE:
        _close_lane(credential.lane_id, refused.reason, now)
        return
    stopped = [credential]
    if refused.reason in CLAVE_REFUSED:
        stopped = credential.holding_same_clave()
    stopped = [each for each in stopped if (each.status, each.reason) != (INVALID, refused.reason)]
    for each in stopped:
        each.status, each.reason = INVALID, refused.reason
        each.save(update_fields=["status", "reason"])
    _stop_what_waits(stopped, refused.reason, now)
    if refused.reason == "sii_credentials_invalid":
        _remember_refusal(credential, now)
    emit([tell_invalid(each) for each in stopped], now=now)


def _close_lane(lane_id: str, reason: str, now: datetime) -> None:
    """Nobody logs this person in before its time; told once a closing, for each credential that waits."""
    until = now + CLOSES_LANE[reason]
    open_before = Q(closed_until=None) | Q(closed_until__lte=now)
    if not Lane.objects.filter(open_before, pk=lane_id).update(closed_until=until, closed_reason=reason):
        return
    waiting = Credential.waiting_in(lane_id).select_related("company__entity")
    emit([tell_closed(each, reason, until) for each in waiting], now=now)


def _remember_refusal(credential: Credential, now: datetime) -> None:
    """A clave refused in the middle of other work is on record like one refused at enrolling."""
    mark = {
        "lane_id": credential.lane_id,
        "clave_fingerprint": credential.clave_fingerprint,
        "error_code": "sii_credentials_invalid",
        "finished_at": now,
    }
    if not Enrollment.objects.filter(**mark).exists():
        Enrollment.objects.create(
            user_id=credential.user_id,
            environment=credential.environment,
            credential=credential,
            status=Enrollment.Status.INVALID,
            error=REASONS["sii_credentials_invalid"],
            **mark,
        )


def _stop_what_waits(stopped: list[Credential], reason: str, now: datetime) -> None:
    """The other enrolments and look-ups of these credentials would only ask the SII the same again."""
    Enrollment.objects.filter(credential__in=stopped).exclude(due_at=None).update(
        status=Enrollment.Status.INVALID,
        error_code=reason,
        error=REASONS[reason],
        finished_at=now,
        due_at=None,
    )
    LookUp.objects.filter(credential__in=stopped).delete()
