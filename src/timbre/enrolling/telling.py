"""What is told about credentials (contract 4.5, plus the reason it leaves out)."""

from datetime import UTC, datetime
from typing import Any

from timbre.dte.rut import with_dots
from timbre.enrolling.reasons import REASONS
from timbre.taxpayers.models import Credential
from timbre.webhooks.emit import Telling

CREDENTIAL_TYPE = {"id": 70, "name": "SII"}


def tell_validated(credential: Credential) -> Telling:
    return Telling(type="credential.validated", company=credential.company, data=_data(credential))


def tell_invalid(credential: Credential) -> Telling:
    """The SII refuses it: nothing is asked with it until somebody mends it."""
    return _tell_trouble(credential, credential.reason, None)


def tell_closed(credential: Credential, reason: str, until: datetime) -> Telling:
    """The SII lets its person not in for a while, which says nothing of the clave: ``status`` stays."""
    return _tell_trouble(credential, reason, until)


def _tell_trouble(credential: Credential, reason: str, until: datetime | None) -> Telling:
    trouble = {
        "reason": reason,
        "message": REASONS[reason],
        "retry_at": until and until.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
    }
    return Telling(type="credential.invalid", company=credential.company, data=_data(credential) | trouble)


def _data(credential: Credential) -> dict[str, Any]:
    entity = credential.company.entity
    return {
        "credential_id": credential.pk,
        "credential_type": CREDENTIAL_TYPE["name"],
        "user": credential.person_rut,
        "status": credential.status,
        "master_entity": {"id": entity.pk, "name": entity.name, "tax_id": with_dots(entity.rut)},
        "is_sandbox": credential.environment == "sandbox",
    }
