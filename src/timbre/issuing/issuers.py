"""Who issues and who receives, read once for a whole batch."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch

from timbre.accounts.errors import Rejection
from timbre.accounts.scope import Scope
from timbre.taxpayers.models import Company, Credential, MasterEntity

USABLE = "usable_credentials"
"""Where the prefetch puts a company's valid credentials, the default one first."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """A company and the credential its documents go out with."""

    company: Company
    entity: MasterEntity
    credential: Credential


def find_issuers(scope: Scope, ruts: Iterable[str]) -> dict[str, Issuer]:
    """The issuers by RUT. Raises Rejection for a RUT that is not enrolled or has no active credential."""
    wanted = list(dict.fromkeys(ruts))
    valid = Credential.within(scope).filter(status=Credential.Status.VALID, deactivated_at=None)
    companies = (
        Company.within(scope)
        .filter(entity__rut__in=wanted, unenrolled_at=None)
        .select_related("entity")
        .prefetch_related(
            "entity__addresses",
            "entity__activities",
            Prefetch(
                "credentials",
                valid.select_related("lane").order_by("-is_default", "created_at"),
                to_attr=USABLE,
            ),
        )
    )
    by_rut = {company.entity.rut: company for company in companies}
    return {rut: _issuer(rut, by_rut.get(rut)) for rut in wanted}


def find_receivers(scope: Scope, ruts: Iterable[str]) -> dict[str, MasterEntity]:
    """What is on file of the receivers, by RUT; the unknown are left out."""
    known = MasterEntity.objects.filter(environment=scope.environment, rut__in=set(ruts)).exclude(name="")
    return {each.rut: each for each in known.prefetch_related("addresses", "activities")}


def _issuer(rut: str, company: Company | None) -> Issuer:
    if company is None:
        raise Rejection(
            "issuer_not_found",
            f"La empresa {rut} no está enrolada con este usuario. Enrólala con POST /v2/credentials/.",
            status=404,
            param="document_issuer.rut",
        )
    usable: list[Credential] = getattr(company, USABLE)
    if not usable:
        raise no_active_credentials(company)
    return Issuer(company, company.entity, usable[0])


def no_active_credentials(company: Company) -> Rejection:
    """The rejection of a company that nobody may issue for now, and what to do about it."""
    pending = company.credentials.filter(status=Credential.Status.PENDING, deactivated_at=None).exists()
    advice = (
        "Se está probando una en el SII: espera unos segundos y repite."
        if pending
        else "Crea una o corrige su clave."
    )
    return Rejection(
        "no_active_credentials",
        f"La empresa {company.entity.rut} no tiene una credencial vigente del SII. {advice}",
        status=400,
        param="document_issuer.rut",
        resource=company.entity_id,
    )
