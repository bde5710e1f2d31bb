"""What is known of a RUT: own rows while fresh, else the SII's, asked in the lane of a user's login."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from timbre.accounts.errors import Rejection
from timbre.accounts.scope import Scope
from timbre.sii.gateway import Contribuyente, Refused
from timbre.taxpayers.models import Credential, LookUp, MasterEntity
from timbre.taxpayers.portal import LoginRefused, open_portal
from timbre.work.models import Lane

PATIENCE = timedelta(seconds=8)
GLANCE = 0.05


def know(scope: Scope, rut: str, *, now: datetime) -> MasterEntity:
    """The taxpayer of this RUT, created when new.

    Without any login of the user yet it comes with what we hold, which may be nothing. Raises Rejection
    ``sii_unavailable`` (503, nothing processed) when the SII did not answer within eight seconds.
    """
    entity, _ = MasterEntity.objects.get_or_create(environment=scope.environment, rut=rut)
    if entity.fresh(now):
        return entity
    credential = Credential.within(scope).filter(status=Credential.Status.VALID, deactivated_at=None).first()
    if credential is None:
        return entity
    look_up = _wish(credential, rut, now)
    if not _wait_for(look_up):
        raise Rejection(
            "sii_unavailable",
            "El SII no respondió a tiempo. Vuelve a preguntar en unos segundos.",
            status=503,
            retry_after=5,
        )
    entity.refresh_from_db()
    return entity


def answer_next(lane: Lane, clock: Callable[[], datetime]) -> bool:
    """Asks the SII for the lane's oldest look-up and keeps the answer; False when there is none.

    Raises LoginRefused when the SII does not let the login in.
    """
    look_up = LookUp.objects.filter(lane=lane).select_related("credential__company__entity").first()
    if look_up is None:
        return False
    if look_up.wanted_until > clock():
        credential = look_up.credential
        try:
            known = open_portal(credential, lane).look_up(look_up.rut, credential.company.entity.rut)
        except Refused as refused:
            look_up.delete()
            raise LoginRefused(credential, refused) from refused
        remember(lane.environment, look_up.rut, known, clock())
    look_up.delete()
    return True


def remember(environment: str, rut: str, known: Contribuyente | None, now: datetime) -> MasterEntity:
    """Keeps what the SII said of a RUT; None (the SII does not know it) leaves the row without data."""
    with transaction.atomic():
        entity, _ = MasterEntity.objects.get_or_create(environment=environment, rut=rut)
        if known:
            entity.learn(known, now)
        else:
            MasterEntity.objects.filter(pk=entity.pk).update(fetched_at=now)
        return entity


def _wish(credential: Credential, rut: str, now: datetime) -> LookUp:
    with transaction.atomic():
        look_up = LookUp.objects.create(
            lane_id=credential.lane_id, credential=credential, rut=rut, wanted_until=now + PATIENCE
        )
        Lane.wake([credential.lane_id], now)
        return look_up


def _wait_for(look_up: LookUp) -> bool:
    deadline = time.monotonic() + PATIENCE.total_seconds()
    while time.monotonic() < deadline:
        if not LookUp.objects.filter(pk=look_up.pk).exists():
            return True
        time.sleep(GLANCE)
    return False
