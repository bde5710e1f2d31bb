"""Documents that cannot go on in their lane: sent to another one, or told what they wait for."""

from datetime import datetime

from django.db.models import QuerySet

from timbre.issuing.causes import say
from timbre.issuing.models import Document, Reconciliation, State
from timbre.taxpayers.models import Company
from timbre.work.claim import holding, holding_and_waking
from timbre.work.models import Lane


def send_elsewhere(
    lane: Lane, stranded: QuerySet[Document], comparisons: QuerySet[Reconciliation], now: datetime
) -> None:
    """What a company without a credential in this lane has waiting goes to the lane of one it has elsewhere.

    Where it has none at all, its documents say what they wait for.
    """
    waiting = [rows.values_list("company", flat=True).distinct() for rows in (stranded, comparisons)]
    for company in Company.of_ids({*waiting[0], *waiting[1]}):
        credential, documents = company.issuing_credential(), stranded.filter(company=company)
        if credential is not None:
            with holding_and_waking(lane, [credential.lane_id], now):
                documents.update(lane=credential.lane_id, credential=credential, due_at=now, updated_at=now)
                comparisons.filter(company=company).update(lane=credential.lane_id)
        else:
            _say_that_none_is_left(lane, documents.filter(state=State.RECEIVED, error_code=""), now)


def say_what_closed(lane: Lane, now: datetime) -> None:
    """Tells the waiting documents of a closed lane why nothing happens."""
    lane.refresh_from_db(fields=["closed_reason"])
    waiting = Document.objects.filter(lane=lane, state=State.RECEIVED)
    with holding(lane):
        waiting.update(error_code=lane.closed_reason, error_message=say(lane.closed_reason), updated_at=now)


def _say_that_none_is_left(lane: Lane, silent: QuerySet[Document], now: datetime) -> None:
    if silent.exists():
        with holding(lane):
            code = "no_active_credentials"
            silent.update(error_code=code, error_message=say(code), updated_at=now)
