"""A webhook, who looks at it, and what is told to it."""

import pytest
from django.utils import timezone

from receiving import Receiver
from timbre.accounts.models import User
from timbre.taxpayers.models import Company
from timbre.webhooks import endpoints
from timbre.webhooks.deliver import serve, take, take_slow
from timbre.webhooks.emit import Telling, emit
from timbre.webhooks.models import Delivery, Webhook
from visiting import Visitor

HOSTILE = "\"><script>alert(1)</script>'{{7*7}}"
LIST, NEW = "/sandbox/webhooks/", "/sandbox/webhooks/nuevo/"


@pytest.fixture
def visitor(user: User) -> Visitor:
    return Visitor(user)


@pytest.fixture
def webhook(company: Company, receiver: Receiver) -> Webhook:
    wanted = {"url": receiver.url, "events": ["document.issued"], "now": timezone.now()}
    return endpoints.create(company.scope, company, **wanted)[0]


def path_of(webhook: Webhook, rest: str = "") -> str:
    return f"{LIST}{webhook.pk}/{rest}"


def tell(company: Company, **changes: object) -> Delivery:
    told = {"data": {"folio": "7"}, "document_id": "docu_1", **changes}
    [event] = emit([Telling(type="document.issued", company=company, **told)], now=timezone.now())
    return Delivery.objects.get(event=event, webhook__environment="sandbox")


def work_off() -> None:
    for delivery in take(50) + take_slow(50):
        serve(delivery)
