"""A customer over HTTP, with a company enrolled without asking anybody."""

from collections.abc import Iterator

import pytest

from calling import Caller, make_credential, make_key
from offices import folios, office
from timbre.accounts.models import User
from timbre.issuing.models import Batch, Document, IdempotencyKey
from timbre.taxpayers.models import Activity, Address, Company
from timbre.webhooks.models import Event
from timbre.work.models import Lane

__all__ = ["folios", "office"]


@pytest.fixture
def enrolled(company: Company) -> Company:
    """The company with a valid credential, an address and an activity."""
    make_credential(company)
    Address.objects.create(
        entity=company.entity,
        position=0,
        direccion="AV PROVIDENCIA 1234",
        comuna="PROVIDENCIA",
        ciudad="SANTIAGO",
    )
    Activity.objects.create(entity=company.entity, position=0, codigo="107100", glosa="ELABORACION DE PAN")
    return company


@pytest.fixture
def caller(user: User) -> Caller:
    return make_key(user)


@pytest.fixture
def lenient(user: User) -> Caller:
    return make_key(user, lenient=True)


@pytest.fixture
def stranger(db: None) -> Caller:
    return make_key(User.objects.named("extrana@example.com"))


@pytest.fixture
def nothing_is_saved(enrolled: Company) -> Iterator[None]:
    yield
    for kept in (Batch, Document, IdempotencyKey, Event):
        assert not kept.objects.exists()
    assert not Lane.objects.exclude(due_at=None).exists()
