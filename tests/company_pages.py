"""Who looks at companies, and where their pages and buttons are."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calling import make_credential
from offices import Office
from timbre.accounts.models import User
from timbre.taxpayers.models import Company, Credential
from visiting import Visitor

LIST, ENROL = "/sandbox/empresas/", "/sandbox/empresas/enrolar/"
HOSTILE = "\"><script>alert(1)</script>'{{7*7}}"


@pytest.fixture
def visitor(user: User) -> Visitor:
    return Visitor(user)


@pytest.fixture
def ana(office: Office) -> Visitor:
    """The visitor whose SII is the simulated one."""
    return Visitor(User.objects.get(pk=office.scope.user_id))


@pytest.fixture
def credential(company: Company) -> Credential:
    return make_credential(company)


def page_of(company: Company, *, environment: str = "sandbox") -> str:
    return f"/{environment}/empresas/{company.pk}/"


def button_of(credential: Credential, what: str = "", environment: str = "sandbox") -> str:
    return f"/{environment}/empresas/credenciales/{credential.pk}/{what}"


def queries_of(visitor: Visitor, path: str, captured: Any, **query: Any) -> int:
    with captured as asked:
        assert visitor.get(path, **query).status_code == 200
    return len(asked)


@pytest.fixture
def captured(db: None) -> CaptureQueriesContext:
    return CaptureQueriesContext(connection)
