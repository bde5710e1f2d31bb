"""What a user does with credentials: enrol a company, change a clave, choose the default, leave."""

from datetime import datetime, timedelta

from django.db import transaction

from timbre.accounts import audit, vault
from timbre.accounts.errors import NotFound, Rejection
from timbre.accounts.scope import Scope
from timbre.enrolling.door import pass_through
from timbre.enrolling.models import Enrollment
from timbre.enrolling.reasons import REASONS
from timbre.taxpayers.models import Company, Credential, MasterEntity
from timbre.work.models import Lane

SAME_CLAVE_AGAIN = timedelta(hours=1)
"""For how long a clave the SII refused is refused here without asking again."""
WRONG_CLAVES = 3
"""Claves of one person, from whomever, that are tried and refused within that time: the SII locks at ten."""


def start(
    scope: Scope,
    *,
    entity: MasterEntity,
    person_rut: str,
    clave: str,
    certificate_password: str,
    now: datetime,
) -> Enrollment:
    """Enrols a company with a person's login; the SII is asked later, in the person's lane.

    While that is pending, asking again returns the same enrolment. Raises Rejection when the person is
    locked at the SII or the SII has just refused this very clave, and at the door to production.
    """
    pass_through(scope, entity)
    with transaction.atomic():
        lane = Lane.portal(scope.environment, person_rut)
        Lane.wake([lane.pk], now)
        company = _company(scope, entity)
        credential = company.credentials.filter(person_rut=person_rut, deactivated_at=None).first()
        if credential is None:
            credential = Credential(
                user_id=scope.user_id,
                environment=scope.environment,
                company=company,
                lane=lane,
                person_rut=person_rut,
            )
        pending = credential.enrollments.filter(status=Enrollment.Status.PENDING).first()
        if pending:
            return pending
        audit.tell(scope, "company.enrolled", company.pk, now=now, person_rut=person_rut)
        return _try(credential, clave=clave, certificate_password=certificate_password, now=now)


def change(
    credential: Credential, *, clave: str | None, certificate_password: str | None, now: datetime
) -> Enrollment:
    """Takes a new clave or certificate password and has it tried. None keeps what there is.

    Raises Rejection as ``start`` does.
    """
    pass_through(credential.scope, credential.company.entity)
    with transaction.atomic():
        Lane.wake([credential.lane_id], now)
        credential = _present(credential)
        given = {"clave": clave, "certificate_password": certificate_password}
        changed = [name for name, value in given.items() if value is not None]
        audit.tell(credential.scope, "credential.changed", credential.pk, now=now, changed=changed)
        clave = clave if clave is not None else _kept_clave(credential)
        return _try(credential, clave=clave, certificate_password=certificate_password, now=now)


def _kept_clave(credential: Credential) -> str:
    try:
        return credential.login().clave
    except vault.Unopenable:
        message = "Timbre ya no puede leer la clave guardada, porque cambió su llave de cifrado: escríbela."
        raise Rejection("credential_password_required", message, param="password") from None


def make_default(credential: Credential, *, now: datetime) -> None:
    """The company's documents are issued with this credential from now on. Raises NotFound if it was removed.

    All the company's lanes are held meanwhile: a worker that ends a try writes who is the default, too.
    """
    company = credential.company
    with transaction.atomic():
        Lane.wake(sorted(set(company.credentials.values_list("lane_id", flat=True))), now)
        _present(credential)
        company.credentials.filter(is_default=True).exclude(pk=credential.pk).update(is_default=False)
        company.credentials.filter(pk=credential.pk).update(is_default=True)
        audit.tell(credential.scope, "credential.chosen", credential.pk, now=now)
    credential.is_default = True


def _present(credential: Credential) -> Credential:
    """The credential as it is now that its lane is held. Raises NotFound if it was removed meanwhile."""
    rows = Credential.within(credential.scope).filter(pk=credential.pk, deactivated_at=None)
    present = rows.select_related("company__entity", "lane").first()
    if present is None:
        raise NotFound("una credencial", credential.pk)
    return present


def deactivate(credential: Credential, *, now: datetime) -> None:
    """Forgets the credential's secrets. Its row stays, for the history of what was issued with it.

    Its lane is woken, so that documents that wait in it may go on with another credential of the company.
    """
    with transaction.atomic():
        Lane.wake([credential.lane_id], now)
        credential.drop_secrets()
        credential.deactivated_at = credential.deactivated_at or now
        credential.is_default = False
        credential.save()
        _end_enrollments(credential, now)
        audit.tell(credential.scope, "credential.removed", credential.pk, now=now)


def unenroll(scope: Scope, entity_id: str, *, now: datetime) -> None:
    """Takes a company out: its credentials are forgotten, its documents stay. Raises NotFound."""
    company = Company.within(scope).filter(entity_id=entity_id, unenrolled_at=None).first()
    if company is None:
        raise NotFound("una empresa enrolada", entity_id)
    with transaction.atomic():
        for credential in company.credentials.filter(deactivated_at=None).order_by("lane_id"):
            deactivate(credential, now=now)
        Company.within(scope).filter(pk=company.pk).update(unenrolled_at=now)
        audit.tell(scope, "company.unenrolled", company.pk, now=now)


def _company(scope: Scope, entity: MasterEntity) -> Company:
    own = {"user_id": scope.user_id, "environment": scope.environment}
    company, _ = Company.within(scope).get_or_create(entity=entity, defaults=own)
    if company.unenrolled_at:
        company.unenrolled_at = None
        company.save(update_fields=["unenrolled_at"])
    return company


def _try(
    credential: Credential, *, clave: str, certificate_password: str | None, now: datetime
) -> Enrollment:
    _refuse_if_hopeless(credential, clave, now)
    credential.keep_secrets(clave=clave, certificate_password=certificate_password)
    credential.status, credential.reason = Credential.Status.PENDING, ""
    credential.save()
    _end_enrollments(credential, now)
    return Enrollment.objects.create(
        user_id=credential.user_id,
        environment=credential.environment,
        credential=credential,
        lane_id=credential.lane_id,
        clave_fingerprint=credential.clave_fingerprint,
        due_at=now,
    )


def _end_enrollments(credential: Credential, now: datetime) -> None:
    """What was being tried no longer is."""
    credential.enrollments.exclude(due_at=None).update(
        status=Enrollment.Status.ERROR,
        error_code="superseded",
        error="Se cambió o retiró la credencial antes de saberlo.",
        finished_at=now,
        due_at=None,
    )


def _refuse_if_hopeless(credential: Credential, clave: str, now: datetime) -> None:
    lane = credential.lane
    if lane.closed_until and lane.closed_until > now:
        raise Rejection(
            lane.closed_reason,
            REASONS[lane.closed_reason],
            status=409,
            retry_after=int((lane.closed_until - now).total_seconds()) + 1,
        )
    marks = vault.fingerprints(lane.pk, clave)
    refused = Enrollment.objects.filter(
        lane=lane, error_code="sii_credentials_invalid", finished_at__gt=now - SAME_CLAVE_AGAIN
    )
    if refused.filter(clave_fingerprint__in=marks).exists():
        raise Rejection(
            "sii_credentials_invalid", REASONS["sii_credentials_invalid"], status=400, param="password"
        )
    if Credential.usable_in(lane).filter(clave_fingerprint__in=marks).exists():
        return  # The SII takes this clave: nobody else's wrong ones keep its holder out.
    being_tried = Enrollment.objects.filter(lane=lane).exclude(due_at=None)
    others = (refused | being_tried).exclude(clave_fingerprint__in=marks)
    if others.values("clave_fingerprint").distinct().count() >= WRONG_CLAVES:
        raise Rejection(
            "credential_attempts_exceeded",
            "Se probaron varias claves de esta persona en la última hora, y el SII la bloquea si siguen. "
            "Espera una hora y prueba la clave en sii.cl antes de usarla aquí.",
            status=409,
            retry_after=int(SAME_CLAVE_AGAIN.total_seconds()),
        )
