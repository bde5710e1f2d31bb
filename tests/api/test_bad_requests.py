"""Whatever is wrong with a request: a plain Spanish message, a stable code, where it is; nothing is saved."""

import time

import pytest
from django.test import Client
from django.utils import timezone

from calling import Caller, error_of, factura, make_key
from timbre.accounts.models import ApiKey, User
from timbre.taxpayers.models import Company, Credential
from timbre.work.environments import Environment

pytestmark = pytest.mark.usefixtures("nothing_is_saved")


def test_without_a_key_nothing_opens() -> None:
    for headers in (
        {},
        {"Authorization": "Bearer x"},
        {"Authorization": "Api-Key "},
        {"Authorization": "x" * 9000},
    ):
        response = Client().get("/v2/documents/", headers=headers)
        error = error_of(response)
        assert (response.status_code, error["code"]) == (401, "unauthenticated")
        assert error["type"] == "authentication_error"


def test_a_revoked_key_opens_nothing(user: User) -> None:
    caller = make_key(user)
    for key in ApiKey.objects.all():
        key.revoke(timezone.now())
    assert error_of(caller.issue(factura()))["code"] == "unauthenticated"


def test_a_key_of_the_other_environment_does_not_see_the_company(user: User) -> None:
    production = make_key(user, Environment.PRODUCTION)
    response = production.issue(factura())
    assert (response.status_code, error_of(response)["code"]) == (404, "issuer_not_found")
    assert error_of(response)["param"] == "document_issuer.rut"


BODIES = {
    "not JSON": ("{documents:", 400, "json_invalid", ""),
    "empty": ("", 400, "json_invalid", ""),
    "not UTF-8": (b'{"documents": "\xff"}', 400, "json_invalid", ""),
    "a bare list": ("[]", 400, "json_invalid", ""),
    "NaN": ('{"documents": NaN}', 400, "json_invalid", ""),
    "a key twice": ('{"documents": [], "documents": []}', 400, "json_invalid", ""),
    "half a character": ('{"documents": ["\\ud800"]}', 400, "json_invalid", ""),
    "a null character": ('{"documents": ["\\u0000"]}', 400, "json_invalid", ""),
    "an endless integer": ('{"documents": ' + "9" * 5000 + "}", 400, "json_invalid", ""),
    "deep": ('{"documents": ' + "[" * 30 + "]" * 30 + "}", 400, "json_too_deep", ""),
    "abysmal": ("[" * 200_000, 400, "json_too_deep", ""),
    "no documents": ('{"documents": []}', 400, "no_documents", "documents"),
    "nothing at all": ("{}", 400, "no_documents", "documents"),
    "documents that are a text": ('{"documents": "x"}', 400, "parameter_invalid", "documents"),
    "documents that are texts": ('{"documents": ["x"]}', 422, "parameter_invalid", "documents.0"),
    "an unknown field on top": ('{"documents": [{}], "docs": 1}', 422, "unknown_field", "docs"),
    "too many values": (
        '{"documents": [{"details": [' + "1," * 250_001 + "1]}]}",
        413,
        "payload_too_large",
        "",
    ),
    "a number of an endless exponent": (
        '{"documents": 1e99999999999999999999}',
        400,
        "json_invalid",
        "",
    ),
    "a flag in words": ('{"documents": [{}], "use_default": "yes"}', 400, "parameter_invalid", "use_default"),
    "a flag of one": ('{"documents": [{}], "use_default": 1}', 400, "parameter_invalid", "use_default"),
}


@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_is(what: str, caller: Caller) -> None:
    body, status, code, param = BODIES[what]
    response = caller.post("/v2/documents/batch/", body)
    error = error_of(response)
    assert response.status_code == status
    assert error["code"] == code or not code
    assert error.get("param", "") == param


def test_the_last_of_twenty_thousand_names_repeats_the_first_and_is_found_soon(caller: Caller) -> None:
    names = ",".join(f'"k{n}":0' for n in range(20_000))
    began = time.monotonic()
    error = error_of(caller.post("/v2/documents/batch/", "{" + names + ',"k19999":0}'))
    assert (error["code"], "k19999" in error["message"]) == ("json_invalid", True)
    assert time.monotonic() - began < 1


def test_five_hundred_and_one_documents_are_too_many(caller: Caller) -> None:
    response = caller.issue(*[factura()] * 501)
    assert (response.status_code, error_of(response)["code"]) == (413, "too_many_documents")


def test_a_body_of_twenty_megabytes_is_refused_unread(caller: Caller) -> None:
    response = caller.post("/v2/documents/batch/", b" " * (20 * 1024 * 1024))
    assert (response.status_code, error_of(response)["code"]) == (413, "payload_too_large")


def test_a_body_of_unknown_length_is_refused(caller: Caller) -> None:
    response = caller.post("/v2/documents/batch/", {}, **{"Transfer-Encoding": "chunked"})
    assert (response.status_code, error_of(response)["code"]) == (411, "length_required")


def test_a_company_without_active_credential_does_not_issue(caller: Caller) -> None:
    Credential.objects.update(status=Credential.Status.INVALID)
    response = caller.issue(factura())
    error = error_of(response)
    assert (response.status_code, error["code"]) == (400, "no_active_credentials")
    assert error["type"] == "credential_error"


def test_a_stranger_cannot_issue_for_the_company(stranger: Caller) -> None:
    assert error_of(stranger.issue(factura()))["code"] == "issuer_not_found"


def test_contradicting_flags_are_refused(caller: Caller) -> None:
    body = {"documents": [factura()], "use_default": False}
    response = caller.post("/v2/documents/batch/", body, **{"X-Use-Defaults": "true"})
    assert error_of(response)["param"] == "use_default"
    response = caller.post("/v2/documents/batch/", body, **{"X-Use-Defaults": "quizás"})
    assert error_of(response)["param"] == "X-Use-Defaults"


def test_an_endless_idempotency_key_is_refused(caller: Caller) -> None:
    assert error_of(caller.issue(factura(), **{"Idempotency-Key": "k" * 257}))["param"] == "Idempotency-Key"


@pytest.mark.parametrize(
    "path",
    [
        "documents/batch/doba_x/",
        "documents/docu_x/",
        "documents/docu_x/states/",
        "credentials/cred_x/",
        "credentials/enrollments/cenr_x/",
        "webhooks/dowe_x/",
        "nothing/",
    ],
)
def test_what_is_not_there_is_missing(path: str, caller: Caller) -> None:
    response = caller.get(f"/v2/{path}")
    assert (response.status_code, error_of(response)["code"]) == (404, "resource_missing")


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("documents", {"folios": "1"}, "parameter_unknown"),
        ("documents", {"folio": "x"}, "parameter_invalid"),
        ("documents", {"page": "0"}, "parameter_invalid"),
        ("documents", {"page": "9" * 30}, "parameter_invalid"),
        ("documents", {"issue_date_gte": "ayer"}, "parameter_invalid"),
        ("documents", {"dte_type__code__in": "33,x"}, "parameter_invalid"),
        ("documents", {"status": "lost"}, "parameter_invalid"),
        ("documents", {"json_param__a b": "1"}, "parameter_invalid"),
        ("documents", {"json_param__ñ": "1"}, "parameter_invalid"),
        ("documents", {"json_param__" + "k" * 65: "1"}, "parameter_invalid"),
        ("documents", {f"json_param__k{n}": "1" for n in range(11)}, "parameter_invalid"),
        ("documents", {f"p{n}": "1" for n in range(1001)}, "parameter_invalid"),
        ("documents", {"search": "x" * 60_000}, "parameter_invalid"),
        ("documents", {"status": "created," * 3000 + "lost"}, "parameter_invalid"),
        ("connections", {"search": "x" * 60_000}, "parameter_invalid"),
        ("documents", {"master_entity_id": "ment_x"}, "resource_missing"),
        ("documents", {"document_type": "received"}, "not_available"),
        ("documents", {"issuer_tax_id": "76543210-3"}, "not_available"),
        ("documents", {"include_book_metadata": "true"}, "not_available"),
        ("documents", {"search": "a\x00b"}, "parameter_invalid"),
        ("master-entities", {}, "parameter_missing"),
        ("master-entities", {"rut": "76543210-4"}, "invalid_rut"),
        ("connections", {"search": "a"}, "parameter_invalid"),
        ("events", {"limit": "0"}, "parameter_invalid"),
        ("events", {"starting_after": "-1"}, "parameter_invalid"),
        ("events", {"starting_after": "9" * 25}, "parameter_invalid"),
        ("folios", {}, "not_available"),
        ("cessions", {}, "not_available"),
        ("payment-requests", {}, "not_available"),
        ("scheduled-documents/1", {}, "not_available"),
        ("book-summaries", {}, "not_available"),
        ("credentials/batch/1", {}, "not_available"),
        ("master-entities/ment_x/settlements", {}, "not_available"),
    ],
)
def test_a_query_that_cannot_be_answered(path: str, query: dict[str, str], code: str, caller: Caller) -> None:
    error = error_of(caller.get(f"/v2/{path}/", **query))
    assert error["code"] == code


@pytest.mark.parametrize(
    "family", ["credentials/batch", "cessions/batch", "payment-requests", "folio-requests"]
)
def test_posting_to_what_is_not_offered_says_so(family: str, caller: Caller) -> None:
    response = caller.post(f"/v2/{family}/", {})
    assert (response.status_code, error_of(response)["code"]) == (400, "not_available")


def test_a_wrong_method_is_told_with_the_right_ones(caller: Caller) -> None:
    response = caller.delete("/v2/documents/")
    assert (response.status_code, error_of(response)["code"]) == (405, "method_not_allowed")
    assert "GET" in response["Allow"]


CREDENTIALS = {
    "a misspelt clave alone": ({"passwrd": "x", "password": ...}, "unknown_field", "passwrd"),
    "a RUT that is a number": ({"user_rut": 111111111}, "invalid_rut", "user_rut"),
    "a clave that is a number": ({"password": 1234}, "parameter_invalid", "password"),
    "a company that is not there": ({"master_entity_id": "ment_x"}, "resource_missing", "master_entity_id"),
    "no clave": ({"password": None}, "parameter_invalid", "password"),
    "an empty clave": ({"password": ""}, "parameter_invalid", "password"),
    "a bad RUT": ({"user_rut": "1-1"}, "invalid_rut", "user_rut"),
    "a bank": ({"credential_type": "bank_chile"}, "not_available", "credential_type"),
    "a fees credential": ({"credential_type_id": 73}, "not_available", "credential_type_id"),
    "a type that is not": ({"credential_type": "x"}, "parameter_invalid", "credential_type"),
    "a certificate file": (
        {"digital_certificate_base64": "AAAA"},
        "not_available",
        "digital_certificate_base64",
    ),
    "an unknown field": ({"passwrd": "x"}, "unknown_field", "passwrd"),
}


def test_what_is_empty_is_told_so_not_to_lack_1_of_something(caller: Caller, enrolled: Company) -> None:
    asked = {"master_entity_id": enrolled.entity_id, "user_rut": "11111111-1", "password": ""}
    clave = caller.post("/v2/credentials/", asked)
    lines = {"amounts": {"kind": "discount", "details": []}}
    correction = caller.post("/v2/documents/docu_0/correct/", lines)
    told = [error_of(each)["message"] for each in (clave, correction)]
    assert told == ["«password» no puede ir vacío.", "«amounts.details» no puede ir vacía."]


@pytest.mark.parametrize("what", CREDENTIALS)
def test_a_credential_with(what: str, caller: Caller, enrolled: Company) -> None:
    changes, code, param = CREDENTIALS[what]
    asked = {
        "master_entity_id": enrolled.entity_id,
        "user_rut": "11111111-1",
        "password": "s3creta-de-nadie",
        "digital_certificate_password": "otra",
    }
    asked = {name: value for name, value in (asked | changes).items() if value is not ...}
    response = caller.post("/v2/credentials/", asked)
    error = error_of(response)
    assert (error["code"], error["param"]) == (code, param)
    assert "s3creta" not in response.content.decode()
    assert Credential.objects.count() == 1


def test_a_credential_without_its_passwords_says_which(caller: Caller, enrolled: Company) -> None:
    asked = {"master_entity_id": enrolled.entity_id, "user_rut": "11111111-1"}
    assert error_of(caller.post("/v2/credentials/", asked))["code"] == "credential_password_required"
    response = caller.post("/v2/credentials/", asked | {"password": "x"})
    assert error_of(response)["code"] == "certificate_password_required"


def test_a_webhook_the_guard_refuses_is_not_kept(caller: Caller, enrolled: Company) -> None:
    asked = {"master_entity_id": enrolled.entity_id, "url": "ftp://x", "events": ["document.issued"]}
    assert error_of(caller.post("/v2/webhooks/", asked))["code"] == "webhook_url_invalid"
    asked |= {"url": "https://example.com/x", "events": ["document.eaten"]}
    assert error_of(caller.post("/v2/webhooks/", asked))["code"] == "event_type_invalid"
    asked |= {"events": ["document.issued"]}
    for field, value in {"is_active": "no", "api_version": "2", "url": 5, "events": [1]}.items():
        error = error_of(caller.post("/v2/webhooks/", asked | {field: value}))
        assert (error["code"], error["param"].split(".")[0]) == ("parameter_invalid", field)
    assert caller.get("/v2/webhooks/").json()["data"] == []
