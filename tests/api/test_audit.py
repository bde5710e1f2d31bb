"""The audit log through the API. What changes something is read from the OpenAPI: a new one is held to it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from calling import Caller, factura, make_key
from furnished import furnish
from furnishing import Furnished
from timbre.accounts import audit
from timbre.accounts.models import ApiKey, AuditEntry, User
from timbre.api import v2
from timbre.taxpayers.models import Company
from timbre.work.environments import Environment

pytestmark = pytest.mark.django_db
LOGIN = {"password": "otra", "digital_certificate_password": "otra más"}
BODIES: dict[str, dict[str, Any]] = {
    "POST /v2/credentials/": {"user_rut": "12345678-5", **LOGIN},
    "PATCH /v2/credentials/{credential_id}/": LOGIN,
    "PATCH /v2/companies/{company_id}/": {"email": "ventas@example.com"},
    "POST /v2/documents/batch/": {"documents": [factura()]},
    "POST /v2/documents/{document_id}/correct/": {"text": {"says": "Pan", "should_say": "Hallulla"}},
    "POST /v2/documents/{document_id}/states/": {"event_code": "PAID"},
    "POST /v2/documents/{document_id}/resolve/": {"outcome": "issued"},
    "POST /v2/webhooks/": {"url": "https://erp.example.com/nuevo", "events": ["document.issued"]},
    "PATCH /v2/webhooks/{webhook_id}/": {"url": "https://erp.example.com/otro"},
    "POST /v2/webhooks/{webhook_id}/replay/": {"since": "2026-01-01T00:00:00Z"},
}
"""What to send where an empty object is not enough."""
CHANGES = [
    f"{verb.upper()} {path}"
    for path, operations in v2.schema()["paths"].items()
    for verb in operations
    if verb != "get"
]


@pytest.fixture(scope="module")
def furnished(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Furnished]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield furnish(User.objects.named("eva@example.com"))
        transaction.set_rollback(True)


@pytest.fixture
def caller(furnished: Furnished) -> Caller:
    return make_key(furnished.user)


def addresses(path: str, examples: dict[str, list[str]]) -> Iterator[str]:
    """The address filled in with each example there is."""
    named = [name for name in (*examples, "connection_id") if "{" + name + "}" in path]
    known = {**examples, "connection_id": examples["credential_id"]}
    for values in product(*(known[name] for name in named)):
        filled = path
        for name, value in zip(named, values, strict=True):
            filled = filled.replace("{" + name + "}", value)
        yield filled


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_by_api_leaves_an_entry_with_its_key_and_request(
    caller: Caller, furnished: Furnished, change: str
) -> None:
    verb, _, path = change.partition(" ")
    body = dict(BODIES.get(change, {}))
    if change in {"POST /v2/credentials/", "POST /v2/webhooks/"}:
        body["master_entity_id"] = furnished.examples["entity_id"][0]
    if change == "POST /v2/documents/batch/":
        body["documents"][0]["document_issuer"]["rut"] = issuer(furnished)
    for address in addresses(path, furnished.examples):
        response = caller._send(verb.lower(), address, data=json.dumps(body), content_type="application/json")
        if response.status_code < 300:
            break
    assert response.status_code < 300, response.content.decode()
    [entry, *_] = AuditEntry.objects.filter(request_id=response["X-Request-Id"]).order_by("-pk")
    key = ApiKey.objects.get(digest=ApiKey.digest_of(caller.key))
    assert (entry.user_id, entry.environment) == (furnished.user.pk, Environment.SANDBOX)
    assert (entry.actor, entry.address) == (f"api:{key.prefix}", "127.0.0.1")


def issuer(furnished: Furnished) -> str:
    return str(Company.objects.get(pk=furnished.examples["company_id"][0]).entity.rut)


def note(user: User, action: str, environment: str = Environment.SANDBOX, **ago: float) -> None:
    at = timezone.now() - timedelta(**ago)
    audit.note(user_id=user.pk, environment=environment, action=action, target="x", now=at)


def told(caller: Caller, **query: str) -> list[str]:
    return [entry["action"] for entry in caller.get("/v2/audit/", **query).json()["data"]]


def test_a_key_reads_its_environment_newest_first_and_nothing_of_the_account(user: User) -> None:
    note(user, "webhook.created", hours=2)
    note(user, "webhook.tested", hours=1)
    note(user, "account.logged_in", "")
    note(user, "webhook.removed", Environment.PRODUCTION)
    note(User.objects.named("beto@example.com"), "webhook.changed")
    assert told(make_key(user)) == ["webhook.tested", "webhook.created"]
    assert told(make_key(user, Environment.PRODUCTION)) == ["webhook.removed"]


def test_entries_are_filtered_by_action_and_time(user: User) -> None:
    for hours, action in enumerate(("batch.created", "batch.cancelled", "batch.created")):
        note(user, action, hours=hours)
    caller, before = make_key(user), (timezone.now() - timedelta(minutes=90)).isoformat()
    assert told(caller, action="batch.created") == ["batch.created", "batch.created"]
    assert told(caller, since=before) == ["batch.created", "batch.cancelled"]
    assert told(caller, until=before) == ["batch.created"]


@pytest.mark.parametrize("query", [{"action": "batch.eaten"}, {"since": "ayer"}, {"page": "0"}])
def test_a_filter_that_means_nothing_is_refused(user: User, query: dict[str, str]) -> None:
    response = make_key(user).get("/v2/audit/", **query)
    assert response.status_code == 400
    assert response.json()["error"]["param"] in query


def test_an_entry_says_what_it_says(user: User) -> None:
    note(user, "webhook.tested")
    [entry] = make_key(user).get("/v2/audit/").json()["data"]
    assert (entry["description"], entry["actor"], entry["target"]) == ("Probó un webhook", "timbre", "x")
