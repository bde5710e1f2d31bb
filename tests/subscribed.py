"""A company's webhook at a receiver, and events to tell it of."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from receiving import Receiver
from timbre.taxpayers.models import Company
from timbre.webhooks import endpoints
from timbre.webhooks.emit import Telling, emit
from timbre.webhooks.models import Event, Webhook

SECRET = "whsec_ZGllY2lzw6lpcyBsZXRyYXMgeSBtw6Fz"


def subscribe(company: Company, receiver: Receiver, path: str = "", **changes: Any) -> Webhook:
    """A webhook of the company at the receiver, signed with SECRET, for issued documents unless asked."""
    wanted = {
        "url": receiver.url + path,
        "events": ["document.issued"],
        "secret": SECRET,
        "now": timezone.now(),
        **changes,
    }
    return endpoints.create(company.scope, company, **wanted)[0]


def tell(company: Company, number: int = 1, **changes: Any) -> Event:
    """An issued document of this number."""
    told = {
        "type": "document.issued",
        "data": {"id": f"docu_{number}", "folio": str(number)},
        "document_id": f"docu_{number}",
        **changes,
    }
    with transaction.atomic():
        [event] = emit([Telling(company=company, **told)], now=timezone.now())
    return event


def again(webhook: Webhook) -> Webhook:
    """The webhook as it is now."""
    return Webhook.objects.select_related("company__entity").get(pk=webhook.pk)
