"""Every operation of the API, asked with the ids of somebody else and of the other environment.

The operations are those of the routes, each of which the OpenAPI tells: a new one is tried by being there,
and one whose ids or body are not known here fails.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoDbBlocker

from calling import Caller, factura, make_credential, make_key
from enrolled import enrol
from furnished import furnish
from furnishing import Furnished
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.api import v2
from timbre.issuing.models import Document
from timbre.taxpayers.models import Company, Credential
from timbre.webhooks.models import Webhook
from timbre.work.environments import Environment

pytestmark = pytest.mark.django_db
SANDBOX, PRODUCTION = Environment.SANDBOX, Environment.PRODUCTION
METHODS = ("get", "post", "patch", "put", "delete")
CALLED = {"connection_id": "credential_id", "master_entity_id": "entity_id"}
"""Arguments of the API that the screens call something else."""
OPEN = {("post", "/v2/credentials/")}
"""A taxpayer is nobody's: whoever has a login of their own may enrol it, and gets a company of their own."""


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody with everything in every state: their ids, and what of it nobody else may read."""

    furnished: Furnished
    scope: Scope

    def id(self, name: str) -> str:
        """The first id of an argument. Raises KeyError for one that was never furnished."""
        found: list[str] = self.furnished.examples[CALLED.get(name, name)]
        if not found:
            raise KeyError(f"no example of {name}: show one in tests/furnished.py")
        return found[0]

    @property
    def issuer(self) -> str:
        rut: str = Company.within(self.scope).get(pk=self.id("company_id")).entity.rut
        return rut

    def private(self) -> set[str]:
        """Ids, names, RUTs, addresses of webhooks and texts of their own."""
        companies = Company.within(self.scope).select_related("entity")
        documents = Document.within(self.scope)
        told = {str(value) for values in self.furnished.examples.values() for value in values}
        told |= {text for each in companies for text in (each.entity.rut, each.entity.name, each.email)}
        told |= {
            text for each in documents for text in (each.external_id, each.receiver_name, each.receiver_rut)
        }
        told |= set(Credential.within(self.scope).values_list("person_rut", flat=True))
        told |= set(Webhook.within(self.scope).values_list("url", flat=True)) | {str(self.furnished.user)}
        return {text for text in told if len(text) > 5}

    def body(self, operation: dict[str, Any]) -> Any:
        """What this operation reads, naming what is theirs. Raises KeyError for a body nobody wrote here."""
        if "requestBody" not in operation:
            return {}
        shape = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        entity = self.id("master_entity_id")
        login = {"user_rut": "12345678-5", "password": "clave", "digital_certificate_password": "clave"}
        hook = {"url": "http://127.0.0.1:9/hook", "events": ["document.issued"]}
        issued = factura(document_issuer={"rut": self.issuer}, external_id="n0y2-0-venta")
        bodies = {
            "AnnulAsked": {"reason": "Se vendió a otro"},
            "BatchAsked": {"documents": [issued], "use_default": True},
            "CompanyChange": {"email": "nadie@example.com"},
            "CorrectAsked": {"text": {"says": "Pan", "should_say": "Hallulla"}},
            "CredentialAsked": {"master_entity_id": entity, **login},
            "CredentialChange": {"default": True},
            "OutcomeAsked": {"outcome": "issued"},
            "ReplayAsked": {"since": "2020-01-01T00:00:00Z", "everything": True},
            "Rotation": {},
            "StateAsked": {"event_code": "PAID"},
            "WebhookAsked": {"master_entity_id": entity, **hook},
            "WebhookChange": {"is_active": False},
        }
        return bodies[shape]


@pytest.fixture(scope="module")
def other(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Other]:
    """Written once for all tests of this file, and taken back after the last of them."""
    with django_db_blocker.unblock(), transaction.atomic():
        user = User.objects.named("olga@example.com")
        yield Other(furnish(user), Scope(user.pk, SANDBOX))
        transaction.set_rollback(True)


@pytest.fixture
def stranger(db: None) -> Caller:
    """Somebody else, with a company, a login and a webhook of their own."""
    user = User.objects.named("extrana@example.com")
    company = enrol(Scope(user.pk, SANDBOX), "39009009-4", "Ajena SpA")
    make_credential(company, "11111111-1")
    return make_key(user)


@pytest.fixture
def own_other_key(other: Other) -> Caller:
    """The same person's key, of the other environment."""
    return make_key(other.furnished.user, PRODUCTION)


OPERATIONS = [
    (verb, path, operation)
    for path, operations in v2.schema()["paths"].items()
    for verb, operation in operations.items()
]


@pytest.mark.parametrize("who", ["stranger", "own_other_key"])
def test_what_is_anothers_is_not_there_nothing_of_it_is_told_and_nothing_happens_to_it(
    other: Other, who: str, request: pytest.FixtureRequest
) -> None:
    caller: Caller = request.getfixturevalue(who)
    private, before = other.private(), rows()
    wrong = []
    # What is open comes last: after it the stranger has a company of that taxpayer, too.
    for asked in sorted(every_request(other), key=lambda asked: (asked.verb, asked.template) in OPEN):
        answer = send(caller, asked)
        if not refused(answer) and (asked.verb, asked.template) not in OPEN:
            wrong.append(f"{asked}: {answer.status_code} {answer.content[:200]!r}")
        text = answer.content.decode() + str(answer.headers)
        leaked = {each for each in private if each in text and each not in asked.said}
        wrong += [f"{asked} tells {leaked}"] * bool(leaked)
    assert wrong == []
    after = rows()
    assert {key for key, row in before.items() if after.get(key) != row} == set()


def test_the_same_requests_find_everything_when_they_are_ones_own(other: Other) -> None:
    """Else a 404 above could be one of a path that leads nowhere."""
    caller = make_key(other.furnished.user)
    lost = [
        f"{asked}: {answer.status_code}"
        for asked in every_request(other)
        if asked.verb == "get" and asked.query != {"rut": other.issuer}
        if (answer := send(caller, asked)).status_code != 200
    ]
    assert lost == []


def test_ones_own_webhook_opens_no_delivery_of_anothers(other: Other, stranger: Caller) -> None:
    company = Company.objects.get(user__email="extrana@example.com")
    asked = {"master_entity_id": company.entity_id, "url": "http://127.0.0.1:9/", "events": ["webhook.test"]}
    own = stranger.post("/v2/webhooks/", asked).json()["id"]
    path = f"/v2/webhooks/{own}/deliveries/{other.id('delivery_id')}/"
    assert stranger.get(path).status_code == stranger.post(f"{path}resend/").status_code == 404


def test_every_route_is_among_the_operations() -> None:
    told = {re.sub(r"{(\w+)}", r"<\1>", path).removeprefix("/v2") for _, path, _ in OPERATIONS}
    routed = {f"{prefix}{path}" for prefix, router in v2.api._routers for path in router.path_operations}
    assert {re.sub(r"{(\w+)}", r"<\1>", path) for path in routed} == told


def test_an_operation_nobody_furnished_fails(other: Other) -> None:
    with pytest.raises(KeyError):
        other.id("cession_id")
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/CessionAsked"}}}}
    with pytest.raises(KeyError):
        other.body({"requestBody": body})


def test_a_session_of_the_platform_opens_no_operation(other: Other) -> None:
    guest = Client()
    guest.force_login(other.furnished.user, backend="django.contrib.auth.backends.ModelBackend")
    for verb, path, _ in OPERATIONS:
        answer = getattr(guest, verb)(re.sub(r"{(\w+)}", "x", path))
        assert answer.status_code == 401, f"{verb} {path}"


def test_the_id_of_a_file_is_no_link_to_it(other: Other, stranger: Caller) -> None:
    assert stranger.get(f"/files/{other.id('file_id')}/").status_code == 404


def test_a_method_nobody_wrote_says_so_and_does_nothing(other: Other, stranger: Caller) -> None:
    before = rows()
    for path, operations in v2.schema()["paths"].items():
        filled = re.sub(r"{(\w+)}", lambda found: other.id(found[1]), path)
        for verb in set(METHODS) - set(operations):
            assert send(stranger, Asked(verb, path, filled, {}, {})).status_code == 405, f"{verb} {path}"
    assert rows() == before


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that names what is the other's."""

    verb: str
    template: str
    path: str
    query: dict[str, str]
    body: Any

    @property
    def said(self) -> str:
        """All that the request itself says: repeating it tells nothing."""
        return json.dumps([self.path, self.query, self.body], ensure_ascii=False)

    def __str__(self) -> str:
        return f"{self.verb} {self.template} {self.query or ''}"


def every_request(other: Other) -> Iterator[Asked]:
    """Each operation with their ids in its path and body, and with each id its query can have."""
    for verb, path, operation in OPERATIONS:
        filled = re.sub(r"{(\w+)}", lambda found: other.id(found[1]), path)
        body = other.body(operation)
        named = [p["name"] for p in operation["parameters"] if p["in"] == "query" and is_id(p["name"])]
        if "{" in path or body:
            yield Asked(verb, path, filled, {}, body)
        for name in named:
            value = other.issuer if name == "rut" else other.id(name)
            yield Asked(verb, path, filled, {name: value}, body)


def is_id(name: str) -> bool:
    return name.endswith("_id") and name != "external_id"


def refused(answer: HttpResponse) -> bool:
    """404 (403 for what a sandbox key may never ask), or a list in which there is nothing."""
    if answer.status_code == 200:
        return bool(json.loads(answer.content).get("data") == [])
    return answer.status_code in {403, 404}


def send(caller: Caller, asked: Asked) -> HttpResponse:
    body = {} if asked.verb == "get" else {"data": json.dumps(asked.body), "content_type": "application/json"}
    answer: HttpResponse = getattr(Client(), asked.verb)(
        asked.path,
        headers={"Authorization": f"Api-Key {caller.key}"},
        query_params=asked.query,
        **body,
    )
    return answer


def rows() -> dict[tuple[str, Any], dict[str, Any]]:
    """All there is in the database, but for when a key was last seen."""
    return {
        (model.__name__, row[model._meta.pk.attname]): {k: v for k, v in row.items() if k != "last_used_at"}
        for model in apps.get_models()
        for row in model._default_manager.values()
    }
