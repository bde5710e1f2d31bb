"""Documents that cannot go on in their lane: sent to another one, or told what they wait for."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from timbre.issuing.causes import say
from timbre.issuing.models import Document, State
from timbre.taxpayers.models import Company, Credential
from timbre.work.claim import LostClaim, holding
from timbre.work.models import Lane


def send_elsewhere(lane: Lane, stranded: QuerySet[Document], now: datetime) -> None:
    """Documents whose company has no credential left in this lane go to the lane of one it has elsewhere.

    Where it has none at all, they say what they wait for.
    """
    for company in Company.of_ids(stranded.values_list("company", flat=True).distinct()):
        credential, documents = company.issuing_credential(), stranded.filter(company=company)
        if credential is not None:
            _send(lane, documents, credential, now)
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


def _send(lane: Lane, documents: QuerySet[Document], credential: Credential, now: datetime) -> None:
    with transaction.atomic(durable=True):
        # Both lanes locked in one order, so that two that send to each other do not wait for each other.
        Lane.wake(sorted([lane.pk, credential.lane_id]), now)
        if not Lane.objects.filter(pk=lane.pk, token=lane.token).exists():
            raise LostClaim(lane.pk)
        documents.update(lane=credential.lane_id, credential=credential, due_at=now, updated_at=now)
