"""Credential trouble: stop at the first no, say why, and never ask the SII again before its time."""

from datetime import datetime

from timbre.enrolling.reasons import CLOSES_LANE
from timbre.enrolling.telling import tell_invalid
from timbre.sii.gateway import Refused
from timbre.taxpayers.models import Credential
from timbre.webhooks.emit import emit
from timbre.work.models import Lane


def stop(credential: Credential, refused: Refused, *, now: datetime) -> None:
    """Inside ``holding(lane)``: marks what the refusal tells about, and tells it.

    A wrong clave stops every credential that holds the same clave for the same person, whoever owns it:
    each further try would bring the SII's lock nearer. A lock or a session limit closes the lane instead.
    """
    closed_for = CLOSES_LANE.get(refused.reason)
    if closed_for:
        Lane.objects.filter(pk=credential.lane_id).update(
            closed_until=now + closed_for, closed_reason=refused.reason
        )
        return
    stopped = [credential]
    if refused.reason == "sii_credentials_invalid":
        stopped = credential.holding_same_clave()
    for each in stopped:
        each.status, each.reason = Credential.Status.INVALID, refused.reason
        each.save(update_fields=["status", "reason"])
    emit([tell_invalid(each) for each in stopped], now=now)
