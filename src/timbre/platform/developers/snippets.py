"""Lines to copy into a terminal or a program, with this installation's own address."""

from collections.abc import Sequence

from django.conf import settings

from timbre.accounts.models import KeyScope
from timbre.platform.frame import Frame
from timbre.work.environments import Environment

ISSUER, RECEIVER = "39001001-K", "39002002-3"
"""Companies that the simulated SII knows."""
HEADER = "Authorization: Api-Key $TIMBRE_KEY"


def parties(environment: str, issuer: str = "") -> tuple[str, str]:
    """Who bills whom in an example; in production only the user knows."""
    if environment == Environment.SANDBOX:
        return issuer or ISSUER, RECEIVER
    return issuer or "RUT-DE-TU-EMPRESA", "RUT-DE-TU-CLIENTE"


def export(environment: str) -> str:
    return f"export TIMBRE_KEY=tk_{environment}_…"


def with_key(text: str, scopes: Sequence[str]) -> str:
    """The key where a terminal finds it and, if it may look, a first look."""
    look = f'\ncurl -H "{HEADER}" {settings.BASE_URL}/v2/documents/' if KeyScope.READ in scopes else ""
    return f"export TIMBRE_KEY={text}{look}"


def own_batch(frame: Frame) -> str:
    """A batch of one invoice by the company the screen is narrowed to, or the user's first."""
    company = frame.company or next(iter(frame.companies), None)
    return batch(*parties(frame.environment, company.entity.rut if company else ""))


def own_webhook(frame: Frame) -> str:
    """A webhook of that company, by curl."""
    company = frame.company or next(iter(frame.companies), None)
    return f"""curl {settings.BASE_URL}/v2/webhooks/ \\
  -H "{HEADER}" \\
  -H "Content-Type: application/json" \\
  -d '{{"master_entity_id": "{company.entity_id if company else "ment_…"}",
    "url": "https://erp.ejemplo.cl/timbre",
    "events": ["document.issued", "document.issue_failed"]}}'"""


def batch(issuer: str, receiver: str) -> str:
    """A batch of one invoice, by curl."""
    return f"""curl {settings.BASE_URL}/v2/documents/batch/ \\
  -H "{HEADER}" \\
  -H "Content-Type: application/json" \\
  -H "X-Use-Defaults: true" \\
  -H "Idempotency-Key: mi-primera-factura" \\
  -d '{{"documents": [{{
    "dte_type": {{"code": "33"}},
    "document_issuer": {{"rut": "{issuer}"}},
    "document_receiver": {{"rut": "{receiver}"}},
    "details": [{{"item_name": "Suscripción mensual", "quantity": 1, "unit_price": 25000}}]
  }}]}}'"""
