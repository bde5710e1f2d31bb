"""A desk with an issued document on it, and who looks at it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from lxml import html

from offices import Office, documents_of
from timbre.accounts.models import User
from timbre.issuing.models import Document, State
from timbre.work.environments import Environment
from visiting import Visitor, text_of

SANDBOX = Environment.SANDBOX
HOSTILE = "\"><script>alert(1)</script>'{{7*7}}<img src=x onerror=alert(1)>"


def at(document: Document, screen: str = "one", environment: str = SANDBOX) -> str:
    kwargs = {"environment": environment, "document_id": document.pk}
    return reverse(f"documents-{screen}", kwargs=kwargs)


def said(response: HttpResponse) -> str:
    """What can be read in the main part of the page, with one blank between words."""
    (main,) = html.fromstring(text_of(response)).xpath("//main")
    return " ".join(" ".join(main.itertext()).split())


@dataclass
class Desk:
    """Somebody at a screen, with the office's worker within reach."""

    office: Office
    visitor: Visitor

    def issue(self, *documents: dict[str, Any]) -> list[Document]:
        batch = self.office.ask(*documents)
        self.office.work()
        return documents_of(batch)


@pytest.fixture
def desk(enrolled: Office) -> Desk:
    return Desk(enrolled, Visitor(User.objects.get(pk=enrolled.scope.user_id)))


def leave_in_doubt(document: Document, **columns: Any) -> None:
    now = timezone.now()
    Document.objects.filter(pk=document.pk).update(
        **{
            "state": State.IN_DOUBT,
            "folio": 7,
            "sends": 2,
            "send_deadline": now - timedelta(hours=1),
            "due_at": now + timedelta(hours=1),
            **columns,
        }
    )
