"""A company and its credentials in words, for the list and for its own screen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from timbre.accounts.errors import NotFound
from timbre.dte.rut import with_dots
from timbre.dte.text import without_accents
from timbre.enrolling.models import Enrollment
from timbre.enrolling.reasons import REASONS
from timbre.enrolling.standing import checked_at, credentials_in_force, foremost, latest_tries
from timbre.platform.frame import ScreenRequest
from timbre.taxpayers.models import Company, Credential, MasterEntity

Mark = tuple[str, str]
NONE: Mark = ("off", "Sin credencial")
MARKS: dict[str, Mark] = {
    Credential.Status.VALID: ("good", "Vigente"),
    Credential.Status.PENDING: ("wait", "Probándose"),
    Credential.Status.INVALID: ("bad", "Rechazada"),
}
PAYMENTS = {"1": "Contado", "2": "Crédito", "3": "Sin costo"}
LIVE, SLOWLY = 2, 15
"""Seconds between two looks at a credential the SII is being asked about, and at one that has to wait."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    company: Company
    """Read by ``with_credentials``, with a count of its webhooks."""

    @property
    def mark(self) -> Mark:
        credential = foremost(self.company)
        return MARKS[credential.status] if credential else NONE

    @property
    def checked_at(self) -> datetime | None:
        credential = foremost(self.company)
        return checked_at(credential) if credential else None


@dataclass(frozen=True, slots=True)
class Access:
    """A credential as its company's screen shows it."""

    credential: Credential
    last: Enrollment | None

    @property
    def mark(self) -> Mark:
        return MARKS[self.credential.status]

    @property
    def checked_at(self) -> datetime | None:
        return checked_at(self.credential)

    @property
    def pending(self) -> bool:
        return self.credential.status == Credential.Status.PENDING

    @property
    def why(self) -> str:
        """What is the matter, and what to do about it; empty when nothing is."""
        lane = self.credential.lane
        if self.credential.status == Credential.Status.INVALID:
            return REASONS.get(self.credential.reason, "El SII no dejó entrar a esta persona.")
        if lane.closed_until and lane.closed_until > timezone.now():
            return REASONS.get(lane.closed_reason, "")
        return self.last.error if self.pending and self.last else ""

    @property
    def every(self) -> int:
        """Seconds after which to look again; 0 when there is nothing to wait for."""
        if not self.pending:
            return 0
        return SLOWLY if self.last and self.last.status == Enrollment.Status.ERROR else LIVE


def name_of(entity: MasterEntity) -> str:
    """What people call it: its name, or its RUT until the SII has told it."""
    return entity.name or with_dots(entity.rut)


def accesses(request: ScreenRequest, company: Company) -> list[Access]:
    """The company's credentials in force, each with its last try."""
    found = list(credentials_in_force(request.scope).filter(company=company).select_related("lane"))
    tries = latest_tries(found)
    return [Access(each, tries.get(each.pk)) for each in found]


def company_of(request: ScreenRequest, company_id: str) -> Company:
    """The visitor's own company, retired or not. Raises NotFound."""
    found = Company.within(request.scope).filter(pk=company_id)
    company = found.select_related("entity", "address", "activity").first()
    if company is None:
        raise NotFound("una empresa", company_id)
    return company


def matching(companies: list[Company], text: str) -> Iterator[Company]:
    """Those whose name has the text, or whose RUT begins with it; accents, case and dots aside."""
    wanted, rut = _plain(text), text.replace(".", "").strip().upper()
    for company in companies:
        if wanted in _plain(company.entity.name) or company.entity.rut.startswith(rut):
            yield company


def _plain(text: str) -> str:
    return " ".join(without_accents(text).casefold().split())
