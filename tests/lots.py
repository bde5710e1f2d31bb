"""Batches as if they had come so far, and what their screens show."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from lxml import html

from calling import make_credential
from offices import Office
from timbre.accounts.models import User
from timbre.issuing.models import Batch, Document, State
from timbre.taxpayers.models import Company
from timbre.work.environments import Environment
from visiting import Visitor, text_of

SANDBOX, PRODUCTION = Environment.SANDBOX, Environment.PRODUCTION
HOSTILE = "\"><script>alert(1)</script>'{{7*7}}"


def at(name: str, batch: Batch, environment: str = SANDBOX) -> str:
    return reverse(name, kwargs={"environment": environment, "batch_id": batch.pk})


def make_batch(
    company: Company,
    *states: tuple[State, str],
    at: datetime | None = None,
    status: Batch.Status = Batch.Status.PROCESSING,
    **columns: Any,
) -> Batch:
    """A batch with one document for each (state, error code), as if it had come so far."""
    credential = company.credentials.first() or make_credential(company)
    now = at or timezone.now()
    tenant = {"user_id": company.user_id, "environment": company.environment}
    batch = Batch.objects.create(**tenant, status=status, created_at=now, updated_at=now)
    Document.objects.bulk_create(
        Document(
            **tenant,
            **{
                "external_id": f"{batch.pk}-{index}",
                "receiver_name": "Muebles Pehuén",
                "error_message": "Motivo." if code else "",
                "total": 1190,
                "folio": None,
            }
            | columns,
            batch=batch,
            index=index,
            company=company,
            credential=credential,
            lane=credential.lane,
            fingerprint="",
            request={"document_receiver": {}, "details": []},
            tipo=33,
            date_issued=now.date(),
            receiver_rut="39007007-1",
            neto=1000,
            exento=0,
            iva=190,
            state=state,
            error_code=code,
            due_at=now,
            issue_until=now + timedelta(days=2),
            accepted_at=now,
            updated_at=now,
        )
        for index, (state, code) in enumerate(states)
    )
    return batch


RECEIVED, DONE = (State.RECEIVED, ""), (State.DONE, "")
REFUSED = (State.REFUSED, "sii_rejected")


@pytest.fixture
def visitor(user: User) -> Visitor:
    return Visitor(user)


def tree_of(response: HttpResponse) -> html.HtmlElement:
    return html.document_fromstring(text_of(response))


def content_of(response: HttpResponse) -> bytes:
    """All of a file; the client closes what it has read to its end."""
    return b"".join(response)


def rows_of(response: HttpResponse) -> list[str]:
    return [" ".join(row.text_content().split()) for row in tree_of(response).xpath("//tbody/tr")]


@pytest.fixture
def ana(enrolled: Office) -> Visitor:
    return Visitor(User.objects.get(pk=enrolled.scope.user_id))
