"""What a key may do. Every operation of the API is held to it by being in the OpenAPI."""

import re
from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from calling import Caller, error_of, factura
from timbre.accounts.models import ApiKey, KeyScope, User
from timbre.api import v2
from timbre.api.auth import needed
from timbre.issuing.models import Document
from timbre.taxpayers.models import Company
from timbre.work.environments import Environment

pytestmark = pytest.mark.django_db
OPERATIONS = [
    (verb, re.sub(r"{\w+}", "x", path))
    for path, operations in v2.schema()["paths"].items()
    for verb in operations
]
ISSUING = {
    "/v2/documents/batch/",
    "/v2/documents/batch/x/cancel/",
    "/v2/documents/batch/x/retry/",
    "/v2/documents/x/states/",
    "/v2/documents/x/resolve/",
    "/v2/documents/x/issue/",
    "/v2/documents/x/annul/",
    "/v2/documents/x/correct/",
}


def key(user: User, *scopes: str, environment: Environment = Environment.SANDBOX) -> str:
    return ApiKey.create(user, environment, scopes=scopes)


def ask(text: str, verb: str, path: str) -> int:
    """The status of an empty request with this key."""
    sent = {"Authorization": f"Api-Key {text}"}
    body = {} if verb == "get" else {"data": "{}", "content_type": "application/json"}
    response = getattr(Client(), verb)(path, headers=sent, **body)
    if response.status_code == 403:
        assert error_of(response)["code"] == "forbidden"
        assert error_of(response)["type"] == "permission_error"
    return int(response.status_code)


def permission(verb: str, path: str) -> KeyScope:
    """The contract, said again."""
    if path == "/v2/audit/":
        return KeyScope.MANAGE
    if verb == "get":
        return KeyScope.READ
    if (verb, path) == ("delete", "/v2/documents/x/"):
        return KeyScope.ISSUE
    return KeyScope.ISSUE if verb == "post" and path in ISSUING else KeyScope.MANAGE


def test_the_operations_that_issue_are_the_posts_under_documents() -> None:
    posts = {path for verb, path in OPERATIONS if verb == "post"}
    assert {path for path in posts if path.startswith("/v2/documents/")} == ISSUING


@pytest.mark.parametrize(("verb", "path"), OPERATIONS)
def test_an_operation_asks_for_its_own_permission_and_for_no_other(user: User, verb: str, path: str) -> None:
    scope = permission(verb, path)
    others = [other for other in KeyScope if other != scope]
    assert ask(key(user, *others), verb, path) == 403
    assert ask(key(user, scope), verb, path) not in {401, 403}


@pytest.mark.parametrize("verb", ["put", "patch", "delete", "post"])
def test_an_endpoint_nobody_thought_of_needs_the_most(verb: str) -> None:
    request = getattr(RequestFactory(), verb)("/v2/something-new/")
    assert needed(request) == KeyScope.MANAGE


def test_the_refusal_names_the_key_and_the_permission_and_saves_nothing(
    user: User, enrolled: Company
) -> None:
    text = key(user, "read")
    response = Caller(text).issue(factura())
    message = error_of(response)["message"]
    assert response.status_code == 403
    assert message.startswith(f"A la API key {text[:15]}… le falta el permiso «Emitir» (issue).")
    assert text not in message
    assert not Document.objects.exists()


def test_the_alias_and_a_forgotten_slash_ask_for_the_same(user: User) -> None:
    text = key(user, "read", "manage")
    for path in ("/api/v2/documents/batch/", "/v2/documents/batch", "/api/v2/documents/batch"):
        assert ask(text, "post", path) == 403


def test_a_key_that_expired_is_told_so(user: User) -> None:
    past = timezone.now() - timedelta(seconds=1)
    expired = ApiKey.create(user, Environment.SANDBOX, expires_at=past)
    response = Caller(expired).get("/v2/documents/")
    assert (response.status_code, error_of(response)["code"]) == (401, "unauthenticated")
    assert error_of(response)["message"].startswith("La API key venció.")
    unknown = Caller(expired[:-1]).get("/v2/documents/")
    assert error_of(unknown)["message"].startswith("La API key no existe o fue revocada.")


def test_a_key_lives_until_it_expires(user: User) -> None:
    future = timezone.now() + timedelta(minutes=1)
    assert Caller(ApiKey.create(user, Environment.SANDBOX, expires_at=future)).get("/v2/documents/").json()
