"""What is known of a RUT: own rows while fresh, else the SII's, asked in the lane of a user's login."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from timbre.accounts.errors import NotFound, Rejection
from timbre.accounts.scope import Scope
from timbre.dte.rut import with_dots
from timbre.sii.gateway import Contribuyente, Refused
from timbre.taxpayers.models import Credential, LookUp, MasterEntity
from timbre.taxpayers.portal import LoginRefused, open_portal
from timbre.work.models import Lane

PATIENCE = timedelta(seconds=8)
GLANCE = 0.05


def find(scope: Scope, rut: str, *, now: datetime) -> MasterEntity:
    """As ``know``, for who means to do something with it. Raises NotFound for a RUT the SII does not know.

    Only if the SII was asked for this user: what others learnt is no reason to stop an enrolment.
    """
    entity = know(scope, rut, now=now)
    if entity.fetched_at and not entity.name and _logins(scope).exists():
        unknown = NotFound("un contribuyente", rut)
        unknown.param, unknown.message = "rut", f"El SII no conoce el RUT {with_dots(rut)}: revísalo."
        raise unknown
    return entity


def know(scope: Scope, rut: str, *, now: datetime, anew: bool = False) -> MasterEntity:
    """The taxpayer of this RUT, created when new; ``anew`` asks the SII however young our own row is.

    Without any login of the user yet it comes with what we hold, which may be nothing. Raises Rejection
    ``sii_unavailable`` (503, nothing processed) when the SII did not answer within eight seconds.
    """
    entity, _ = MasterEntity.objects.get_or_create(environment=scope.environment, rut=rut)
    if entity.fresh(now) and not anew:
        return entity
    valid = _logins(scope)
    if not valid.exists():
        return entity
    credential = valid.filter(lane__in=Lane.awake(now)).order_by("-lane__last_served").first()
    if credential is None or not _wait_for(_wish(credential, rut, now)):
        raise _not_answered()
    entity.refresh_from_db()
    if not entity.fresh(now) or (anew and entity.fetched_at and entity.fetched_at < now):
        raise _not_answered()
    return entity


def _logins(scope: Scope) -> QuerySet[Credential]:
    return Credential.within(scope).filter(status=Credential.Status.VALID, deactivated_at=None)


def _not_answered() -> Rejection:
    return Rejection(
        "sii_unavailable",
        "El SII no respondió a tiempo. Vuelve a preguntar en unos segundos.",
        status=503,
        retry_after=5,
    )


def answer_next(lane: Lane, clock: Callable[[], datetime]) -> bool:
    """Asks the SII for the lane's oldest look-up and keeps the answer; False when there is none.

    Raises LoginRefused when the SII does not let the login in.
    """
    look_ups = LookUp.objects.filter(lane=lane).select_related("credential__company__entity")
    look_up = look_ups.order_by("created_at").first()
    if look_up is None:
        return False
    credential = look_up.credential
    if look_up.wanted_until > clock() and credential.status == Credential.Status.VALID:
        try:
            known = open_portal(credential, lane).look_up(look_up.rut, credential.company.entity.rut)
        except Refused as refused:
            look_up.delete()
            if refused.about_credential:
                raise LoginRefused(credential, refused) from refused
            return True
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
        Lane.wake([credential.lane_id], now)
        return LookUp.objects.create(
            lane_id=credential.lane_id, credential=credential, rut=rut, wanted_until=now + PATIENCE
        )


def _wait_for(look_up: LookUp) -> bool:
    deadline = time.monotonic() + PATIENCE.total_seconds()
    while time.monotonic() < deadline:
        if not LookUp.objects.filter(pk=look_up.pk).exists():
            return True
        time.sleep(GLANCE)
    return False
