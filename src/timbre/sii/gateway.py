"""The tax office as issuing sees it: one protocol, and the only three errors that leave this package."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from timbre.dte.document import Documento


class SiiError(Exception):
    """The root of what the tax office can answer instead of what was asked."""


class Unreachable(SiiError):
    """Nothing happened: the SII is down, slow or busy. Trying later is right."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Refused(SiiError):
    """The SII (or what we saw there) says no, and nothing was issued. ``reason`` is a stable code."""

    def __init__(
        self, reason: str, *, sii_words: str = "", field: str = "", options: tuple[str, ...] = ()
    ) -> None:
        super().__init__(f"{reason}: {sii_words}" if sii_words else reason)
        self.reason = reason
        self.sii_words = sii_words
        self.field = field
        self.options = options

    @property
    def about_credential(self) -> bool:
        """Whether it speaks of the person's login or certificate, not of the document."""
        return self.reason in CREDENTIAL_REASONS


class InDoubt(SiiError):
    """The request that issues was sent and its answer is not clear. Ask before anything else."""


CREDENTIAL_REASONS = frozenset(
    {
        "sii_credentials_invalid",
        "login_refused",
        "credential_locked",
        "sii_session_limit",
        "company_not_authorised",
        "certificate_missing",
        "certificate_password_invalid",
    }
)
"""Reasons of a Refused that speak of the credential, not of the document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A person who logs in: RUT, clave tributaria and the password of the centralised certificate."""

    rut: str
    clave: str = field(repr=False)
    certificate_password: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class Direccion:
    """An address the SII has on file; ``sucursal`` is the SII's branch number where there is one."""

    direccion: str
    comuna: str
    ciudad: str = ""
    sucursal: str = ""


@dataclass(frozen=True, slots=True)
class Actividad:
    """An economic activity on file: six digits and the SII's words."""

    codigo: str
    glosa: str


@dataclass(frozen=True, slots=True)
class Contribuyente:
    """A taxpayer as the SII knows it."""

    rut: str
    razon_social: str
    direcciones: tuple[Direccion, ...]
    actividades: tuple[Actividad, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document signed and ready for the one request that issues it.

    ``xml`` is the exact signed text (ISO-8859-1 bytes) that is sent and kept as evidence, ``digest`` the
    base64 DigestValue of its Documento, ``form`` the other fields of that request, without any secret.
    """

    tipo: int
    emisor: str
    folio: int
    fecha_emision: date
    xml: bytes
    digest: str
    form: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Issued:
    """The SII's own number of the issued document (not its folio), by which files are fetched."""

    folio: int
    codigo: str


@dataclass(frozen=True, slots=True)
class Absent:
    """One look into the SII's list, of ``listed`` rows, found nothing under the folio."""

    listed: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """The folio is in the SII's list with another content: these bytes were not and can never be issued."""

    digest: str
    codigo: str = field(default="", compare=False)


Finding = Issued | Absent | Taken


@dataclass(frozen=True, slots=True)
class OnFile:
    """A row of the SII's list of what a company has issued."""

    folio: int
    codigo: str
    fecha_emision: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The SII's own copy of an issued document: ``xml`` its bytes (ISO-8859-1), declared.

    ``content_key`` is equal for documents that say the same (``sii.portal.matching``).
    """

    tipo: int
    folio: int
    fecha_emision: date
    receptor: str
    total: int
    digest: str
    content_key: str
    signed_at: datetime
    xml: bytes = field(repr=False)


class SessionJar(Protocol):
    """Where a session's cookies live between processes; the caller encrypts them."""

    def load(self) -> dict[str, str]: ...
    def save(self, cookies: Mapping[str, str]) -> None: ...
    def left_behind(self) -> dict[str, str]:
        """The session that another clave of this person opened: to be closed, and for nothing else."""


class Gateway(Protocol):
    """How documents reach the SII. Every method may raise Unreachable or Refused; ``send`` alone InDoubt."""

    def check(self, emisor: str) -> Contribuyente:
        """Logs in anew, chooses the company, asserts a centralised certificate; what the SII has on file."""

    def look_up(self, rut: str, emisor: str) -> Contribuyente | None:
        """What the SII has on file of any taxpayer, seen through a company one represents; None: unknown."""

    def prepare(self, documento: Documento) -> Prepared:
        """Signs exactly what was asked, or refuses. Issues nothing."""

    def send(self, prepared: Prepared) -> Issued:
        """The one request that issues. Raises InDoubt whenever the answer is not clear."""

    def find(self, prepared: Prepared) -> Finding:
        """Whether exactly these bytes were issued, by content: same DigestValue in the SII's copy."""

    def propose(self, documento: Documento) -> int:
        """The folio the SII would give the document now. Signs nothing, but may set the folio aside."""

    def fetch_pdf(self, emisor: str, issued: Issued) -> bytes:
        """The SII's PDF of an issued document."""

    def fetch_digests(self, emisor: str, tipo: int, fecha: date, folios: tuple[int, ...]) -> dict[int, str]:
        """DigestValue by folio of the SII's own copies, for the folios of one type and date."""

    def list_issued(self, emisor: str, tipo: int, since: date, page: int) -> tuple[OnFile, ...]:
        """One page, from 1, of what the company has issued of a type, dated since a day; empty: no more."""

    def fetch_copies(self, emisor: str, tipo: int, fecha: date, folios: tuple[int, ...]) -> tuple[Copy, ...]:
        """The SII's copies of those folios of one type and date, of those that it has."""

    def log_out(self) -> None:
        """Frees the session at the SII."""
