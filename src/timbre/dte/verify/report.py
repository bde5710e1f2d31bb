"""What a verification found, as values."""

from dataclasses import dataclass, field
from enum import Enum


class Severity(Enum):
    """An error makes a document worthless or refused; a warning is a doubt; a note is good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. ``code`` is stable, ``message`` Spanish for a person."""

    code: str
    message: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One document, by what it says of itself: texts are empty where it says nothing."""

    tipo: str
    folio: str
    emisor: str
    receptor: str
    total: str
    firmante: str = ""
    """RUT and name of the certificate's person, when the signature holds."""
    idk: int | None = None
    """The authority that the stamp's CAF names: 100 certification, 300 production, 999 the simulator."""
    findings: tuple[Finding, ...] = ()

    @property
    def is_valid(self) -> bool:
        return not any(finding.severity is Severity.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A file. ``kind`` is its root element, empty when the file could not be read."""

    kind: str = ""
    findings: tuple[Finding, ...] = ()
    """Of the file and its envelope; each document has its own."""
    documents: tuple[Judged, ...] = field(default=())

    @property
    def is_readable(self) -> bool:
        """Whether there was any document to judge."""
        return bool(self.documents)

    @property
    def is_valid(self) -> bool:
        errors = any(finding.severity is Severity.ERROR for finding in self.findings)
        return self.is_readable and not errors and all(document.is_valid for document in self.documents)
