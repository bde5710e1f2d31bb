"""How a company stands with the SII: its credentials in force, and the one that speaks for it."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from django.db.models import Max, Prefetch, QuerySet

from timbre.accounts.scope import Scope
from timbre.enrolling.models import Enrollment
from timbre.taxpayers.models import Company, Credential

ACTIVE = "active_credentials"
"""Where the prefetch puts a company's credentials in force."""
_BEST = (Credential.Status.VALID, Credential.Status.PENDING, Credential.Status.INVALID)


def credentials_in_force(scope: Scope) -> QuerySet[Credential]:
    """The scope's credentials that are not retired: the default first, then the oldest."""
    active = Credential.within(scope).filter(deactivated_at=None)
    checked = active.annotate(checked_at=Max("enrollments__finished_at"))
    return checked.order_by("-is_default", "created_at", "pk")


def with_credentials(companies: QuerySet[Company], scope: Scope) -> QuerySet[Company]:
    """The companies, each with its credentials in force, in one query more."""
    prefetch = Prefetch("credentials", credentials_in_force(scope), to_attr=ACTIVE)
    return companies.select_related("entity").prefetch_related(prefetch)


def foremost(company: Company) -> Credential | None:
    """Of a company read by ``with_credentials``: the default one, else the best there is."""
    active: list[Credential] = getattr(company, ACTIVE)
    return min(active, key=lambda each: (not each.is_default, _BEST.index(each.status)), default=None)


def checked_at(credential: Credential) -> datetime | None:
    """When the SII last said something of a credential in force."""
    return cast("datetime | None", getattr(credential, "checked_at"))  # noqa: B009 - annotated


def latest_tries(credentials: Iterable[Credential]) -> dict[str, Enrollment]:
    """The last try of each, by the credential's id."""
    tries = Enrollment.objects.filter(credential__in=[each.pk for each in credentials])
    return {each.credential_id: each for each in tries.order_by("created_at", "pk")}
