"""Whatever is wrong with a request: a plain Spanish message, a stable code, where it is; nothing is saved."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from calling import Caller, error_of, factura, line, make_key
from timbre.accounts.models import ApiKey, User
from timbre.issuing.models import Batch, Document, IdempotencyKey
from timbre.taxpayers.models import Company, Credential
from timbre.webhooks.models import Event
from timbre.work.environments import Environment
from timbre.work.models import Lane


@pytest.fixture(autouse=True)
def nothing_is_saved(enrolled: Company) -> Iterator[None]:  # noqa: ARG001 - what could issue is there
    yield
    for kept in (Batch, Document, IdempotencyKey, Event):
        assert not kept.objects.exists()
    assert not Lane.objects.exclude(due_at=None).exists()


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


def _party(field: str, **changes: Any) -> dict[str, Any]:
    return {field: factura()[field] | changes}


WRONG = {
    "a RUT with a wrong check digit": (
        _party("document_receiver", rut="39007007-2"),
        "invalid_rut",
        "document_receiver.rut",
    ),
    "a RUT that is a number": (_party("document_issuer", rut=76543210), "invalid_rut", "document_issuer.rut"),
    "no RUT": ({"document_issuer": {"business_name": "X"}}, "issuer_rut_missing", "document_issuer.rut"),
    "no receiver": ({"document_receiver": None}, "parameter_invalid", "document_receiver"),
    "an unknown type": ({"dte_type": {"code": "999"}}, "parameter_invalid", "dte_type.code"),
    "a type not offered": ({"dte_type": {"code": "39"}}, "dte_type_not_available", "dte_type.code"),
    "a type of another product": ({"dte_type": {"code": "80"}}, "dte_type_not_available", "dte_type.code"),
    "no lines": ({"details": []}, "dte_field_required", "details"),
    "lines that are no list": ({"details": {"0": line()}}, "parameter_invalid", "details"),
    "eleven lines for the portal": ({"details": [line()] * 11}, "detail_line_limit", "details"),
    "a negative price": ({"details": [line(unit_price=-1)]}, "negative_amount", "details.0.unit_price"),
    "a price in words": ({"details": [line(unit_price="mil")]}, "invalid_number", "details.0.unit_price"),
    "a price that is true": ({"details": [line(unit_price=True)]}, "invalid_number", "details.0.unit_price"),
    "a price of a billion digits": (
        {"details": [line(unit_price="1e999999999")]},
        "invalid_number",
        "details.0.unit_price",
    ),
    "no price": (
        {"details": [{"item_name": "X", "quantity": 1}]},
        "dte_field_required",
        "details.0.unit_price",
    ),
    "a gross price": (
        {"details": [line(gross_unit_price=1190)]},
        "not_available",
        "details.0.gross_unit_price",
    ),
    "quantity zero": ({"details": [line(quantity=0)]}, "invalid_quantity", "details.0.quantity"),
    "a line in the wrong place": (
        {"details": [line(line_number=2)]},
        "line_number_mismatch",
        "details.0.line_number",
    ),
    "a wrong line total": (
        {"details": [line(item_total=999)]},
        "item_total_mismatch",
        "details.0.item_total",
    ),
    "a name that is a number": ({"details": [line(item_name=5)]}, "parameter_invalid", "details.0.item_name"),
    "a misspelt field": ({"details": [line(unitprice=5)]}, "unknown_field", "details.0.unitprice"),
    "a field of another level": ({"payment_method": "1"}, "unknown_field", "payment_method"),
    "Chinese text": ({"details": [line(item_name="面包")]}, "text_not_latin1", "details.0.item_name"),
    "an emoji": (
        _party("document_receiver", contact="Ana 🍞"),
        "text_not_latin1",
        "document_receiver.contact",
    ),
    "a day that is not": ({"date_issued": "2026-02-30"}, "parameter_invalid", "date_issued"),
    "a payment method that is not": (
        {"header": {"payment_method": "9"}},
        "parameter_invalid",
        "header.payment_method",
    ),
    "transport": ({"transport_data": {"transport_type": "1"}}, "not_available", "transport_data"),
    "export": ({"export_data": {"currency_code": "13"}}, "not_available", "export_data"),
    "a global discount": ({"global_adjustments": [{"percent": 1}]}, "not_available", "global_adjustments"),
    "a folio of one's own": ({"folio": "77"}, "not_available", "folio"),
    "an object for a text": ({"additional_info": {"a": 1}}, "parameter_invalid", "additional_info"),
    "an endless external_id": ({"external_id": "x" * 129}, "field_too_long", "external_id"),
    "an endless json_param": ({"json_param": {"a": "x" * 20_000}}, "field_too_long", "json_param"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_document_with(what: str, caller: Caller) -> None:
    changes, code, path = WRONG[what]
    response = caller.issue(factura(), factura(**changes))
    error, body = error_of(response), json.loads(response.content)
    assert response.status_code == 422
    assert error["type"] == "validation_error"
    assert (code, f"documents.1.{path}") in {(each["code"], each["param"]) for each in error["errors"]}
    assert list(body["documents"]) == ["1"]
    messages = body["documents"]["1"]
    for step in path.split("."):
        messages = messages[step]
    assert all(isinstance(message, str) and message for message in messages)


def test_every_fault_of_every_document_is_told_at_once(caller: Caller) -> None:
    wrong = factura(details=[line(unit_price="x", unitt="kg"), line(quantity="y")])
    error = error_of(caller.issue(wrong, factura(), wrong))
    assert len(error["errors"]) == 6


def test_an_unknown_field_is_named_with_what_was_probably_meant(caller: Caller) -> None:
    meant = {
        "unitprice": "details.0.unit_price",
        "reference": "references",
        "transfer_indicator": "transport_data.transport_type",
        "payment_method": "header.payment_method",
    }
    wrong = factura(
        details=[line(unitprice=1)], reference=[], payment_method="1", header={"transfer_indicator": "1"}
    )
    told = {e["param"].rsplit(".", 1)[-1]: e["message"] for e in error_of(caller.issue(wrong))["errors"]}
    assert set(told) == set(meant)
    for field, suggestion in meant.items():
        assert f"«{suggestion}»" in told[field]


def test_the_characters_the_sii_does_not_take_are_named(caller: Caller) -> None:
    error = error_of(caller.issue(factura(details=[line(item_name="Té 茶")])))
    assert "茶" in error["message"]
    assert "CJK" in error["message"]


def test_without_defaults_what_they_would_fill_is_asked_for(caller: Caller) -> None:
    bare = {
        "document_issuer": {"rut": "76543210-3"},
        "document_receiver": {"rut": "39007007-1"},
        "details": [line()],
    }
    response = caller.post("/v2/documents/batch/", {"documents": [bare]})
    params = {each["param"] for each in error_of(response)["errors"]}
    assert {"documents.0.dte_type", "documents.0.date_issued"} <= params


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
    "a draft": ('{"documents": [{}], "state": "draft"}', 400, "not_available", "state"),
    "a preview": ('{"documents": [{}], "preview": true}', 400, "not_available", "preview"),
    "too many values": ('{"documents": [' + "{}," * 500_001 + "{}]}", 413, "", ""),
}


@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_is(what: str, caller: Caller) -> None:
    body, status, code, param = BODIES[what]
    response = caller.post("/v2/documents/batch/", body)
    error = error_of(response)
    assert response.status_code == status
    assert error["code"] == code or not code
    assert error.get("param", "") == param


def test_five_hundred_and_one_documents_are_too_many(caller: Caller) -> None:
    response = caller.issue(*[factura()] * 501)
    assert (response.status_code, error_of(response)["code"]) == (413, "too_many_documents")


def test_a_body_of_twenty_megabytes_is_refused_unread(caller: Caller) -> None:
    response = caller.post("/v2/documents/batch/", b" " * (20 * 1024 * 1024))
    assert (response.status_code, error_of(response)["code"]) == (413, "payload_too_large")


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
        ("documents", {"json_param__a__gt": "1"}, "parameter_invalid"),
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


def test_a_wrong_method_is_told_with_the_right_ones(caller: Caller) -> None:
    response = caller.delete("/v2/documents/")
    assert (response.status_code, error_of(response)["code"]) == (405, "method_not_allowed")
    assert "GET" in response["Allow"]


CREDENTIALS = {
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


@pytest.mark.parametrize("what", CREDENTIALS)
def test_a_credential_with(what: str, caller: Caller, enrolled: Company) -> None:
    changes, code, param = CREDENTIALS[what]
    asked = {
        "master_entity_id": enrolled.entity_id,
        "user_rut": "11111111-1",
        "password": "s3creta-de-nadie",
        "digital_certificate_password": "otra",
    }
    response = caller.post("/v2/credentials/", asked | changes)
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
    assert caller.get("/v2/webhooks/").json()["data"] == []
