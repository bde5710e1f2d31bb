"""Batches over HTTP: accepted whole, answered alike when repeated, read, cancelled and tried again."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calling import RECEPTOR, Caller, error_of, factura, line, make_key
from timbre.accounts.models import User
from timbre.issuing.models import Batch, Document, State
from timbre.taxpayers.models import Company
from timbre.work.environments import Environment

pytestmark = pytest.mark.usefixtures("enrolled")


def test_a_batch_is_accepted_with_the_whole_answer_of_the_contract(caller: Caller, enrolled: Company) -> None:
    response = caller.issue(factura(external_id="pedido-1", json_param={"orden": "A-1", "n": 1.5}))
    answer = response.json()
    assert response.status_code == 202
    assert set(answer) == {"batch_id", "status", "created_at", "total_documents", "message", "documents"}
    assert (answer["status"], answer["total_documents"]) == ("processing", 1)
    (result,) = answer["documents"]
    assert (result["index"], result["status"], result["errors"]) == (0, "created", None)
    told = result["document"]
    assert told["id"].startswith("docu_")
    assert (told["folio"], told["pdf_url"]) == (None, None)
    assert told["dte_type"] == {"code": "33", "description": "Factura Electrónica"}
    assert told["sender"] == {"id": enrolled.entity_id, "name": "Panadería Ñandú SpA", "tax_id": "76543210-3"}
    assert told["receiver"]["tax_id"] == RECEPTOR
    assert told["items"][0]["quantity"] == 2.0
    assert told["document_total"] == {
        "net_amount": 3981.0,
        "exempt_amount": 0.0,
        "iva_rate": 19.0,
        "iva_amount": 756.0,
        "other_taxes": [],
        "not_billable_amount": 0.0,
        "total_amount": 4737.0,
    }
    assert Document.objects.get().request["json_param"] == {"orden": "A-1", "n": 1.5}


def test_ruts_texts_and_numbers_are_kept_as_the_sii_writes_them(caller: Caller) -> None:
    asked = factura(
        document_receiver=factura()["document_receiver"]
        | {"rut": "39.007.007-1", "contact": "  “Ana”\nPeña — jefa "},
        details=[line(unit_price=1e3, quantity="2.50", item_description=None)],
    )
    assert caller.issue(asked).status_code == 202
    kept = Document.objects.get().request
    assert kept["document_receiver"]["rut"] == RECEPTOR
    assert kept["document_receiver"]["contact"] == '"Ana" Peña - jefa'
    assert kept["details"] == [{"item_name": "Hallulla", "quantity": "2.5", "unit_price": "1000"}]


@pytest.mark.parametrize("how", ["header", "body"])
def test_defaults_are_asked_for_in_the_header_or_in_the_body(how: str, caller: Caller) -> None:
    bare = {
        "document_issuer": {"rut": "76543210-3"},
        "document_receiver": {"rut": RECEPTOR},
        "details": [line()],
    }
    body: dict[str, Any] = {"documents": [bare]} | ({"use_default": True} if how == "body" else {})
    headers = {"X-Use-Defaults": "true"} if how == "header" else {}
    assert caller.post("/v2/documents/batch/", body, **headers).status_code == 202
    kept = Document.objects.get().request
    assert kept["dte_type"] == {"code": "33"}
    assert kept["document_issuer"]["activity_code"] == "107100"


def test_the_same_request_is_answered_alike_and_accepted_once(caller: Caller) -> None:
    first = caller.issue(factura(), **{"Idempotency-Key": "orden-7"})
    again = caller.issue(dict(reversed(factura().items())), **{"Idempotency-Key": "orden-7"})
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert Batch.objects.count() == 1


def test_the_same_key_with_another_body_is_a_conflict(caller: Caller) -> None:
    batch = caller.issue(factura(), **{"Idempotency-Key": "orden-7"}).json()["batch_id"]
    response = caller.issue(factura(details=[line()]), **{"Idempotency-Key": "orden-7"})
    error = error_of(response)
    assert (response.status_code, error["code"]) == (409, "idempotency_key_reused")
    assert (error["type"], error["resource"]) == ("idempotency_error", batch)
    without = caller.post(
        "/v2/documents/batch/", {"documents": [factura()]}, **{"Idempotency-Key": "orden-7"}
    )
    assert without.status_code == 409


def test_an_external_id_lives_once_in_a_company(caller: Caller) -> None:
    first = caller.issue(factura(external_id="p-1")).json()["documents"][0]["document"]["id"]
    response = caller.issue(factura(), factura(external_id="p-1"))
    error = error_of(response)
    assert (response.status_code, error["code"], error["resource"]) == (409, "external_id_used", first)
    assert error["param"] == "documents.1.external_id"
    assert Document.objects.count() == 1


def test_a_twin_within_a_day_is_accepted_with_a_warning(caller: Caller) -> None:
    caller.issue(factura())
    (warning,) = caller.issue(factura()).json()["warnings"]
    assert (warning["code"], warning["document_index"]) == ("possible_duplicate", 0)


def test_a_lenient_key_is_warned_of_what_was_not_used(lenient: Caller) -> None:
    asked = factura(details=[line(unitprice=1)], payment_method="1", header={"transfer_indicator": "1"})
    response = lenient.post("/v2/documents/batch/", {"documents": [asked], "docs": 1})
    warnings = {each["field"]: each for each in response.json()["warnings"]}
    assert response.status_code == 202
    assert set(warnings) == {"details.0.unitprice", "payment_method", "header.transfer_indicator", "docs"}
    assert warnings["header.transfer_indicator"]["suggestion"] == "transport_data.transport_type"
    assert warnings["docs"]["document_index"] is None
    assert {warning["code"] for warning in warnings.values()} == {"unknown_field"}
    kept = Document.objects.get().request
    assert "payment_method" not in kept
    assert "unitprice" not in kept["details"][0]


def test_of_hundreds_of_unknown_fields_a_lenient_key_is_warned_of_some_and_told_how_many(
    lenient: Caller, enrolled: Company
) -> None:
    warnings = lenient.issue(factura(**{f"campo{n}": n for n in range(130)})).json()["warnings"]
    assert len(warnings) == 101
    assert warnings[-1]["message"] == "Hay 30 campos más que no existen. No se usaron."


def test_a_lenient_key_is_still_told_of_real_faults(lenient: Caller) -> None:
    error = error_of(lenient.issue(factura(details=[line(unitprice=1, quantity="x")])))
    assert [each["param"] for each in error["errors"]] == ["documents.0.details.0.quantity"]


def test_five_hundred_documents_cost_a_handful_of_queries(caller: Caller) -> None:
    documents = [factura(details=[line(unit_price=1000 + n)]) for n in range(500)]
    with CaptureQueriesContext(connection) as few:
        caller.issue(factura(details=[line(unit_price=7)]))
    with CaptureQueriesContext(connection) as many:
        response = caller.issue(*documents)
    assert len(response.json()["documents"]) == 500
    # Two statements more at most: SQLite takes a bounded number of values in one.
    assert len(many) - len(few) < 40
    batch = response.json()["batch_id"]
    with CaptureQueriesContext(connection) as read:
        assert len(caller.get(f"/v2/documents/batch/{batch}/").json()["documents"]) == 500
    assert len(read) <= 8


def test_a_batch_is_read_and_listed(caller: Caller) -> None:
    key = {"Idempotency-Key": "k1"}
    batch = caller.issue(factura(external_id="a"), factura(external_id="b"), **key).json()["batch_id"]
    told = caller.get(f"/v2/documents/batch/{batch}/").json()
    assert (told["id"], told["status"], told["idempotency_key"]) == (batch, "processing", "k1")
    assert [each["external_id"] for each in told["documents"]] == ["a", "b"]
    assert [
        each["id"] for each in caller.get("/v2/documents/batch/", status="processing").json()["data"]
    ] == [batch]
    assert caller.get("/v2/documents/batch/", status="failed").json()["data"] == []


def test_a_batch_that_has_not_started_is_cancelled_and_tried_again(caller: Caller) -> None:
    batch = caller.issue(factura(), factura(details=[line()])).json()["batch_id"]
    cancelled = caller.post(f"/v2/documents/batch/{batch}/cancel/").json()
    assert cancelled["status"] == "failed"
    assert {each["status"] for each in cancelled["documents"]} == {"permanent_error"}
    assert {each["errors"][0]["code"] for each in cancelled["documents"]} == {"cancelled"}
    again = caller.post(f"/v2/documents/batch/{batch}/retry/").json()
    assert again["status"] == "processing"
    assert {each["status"] for each in again["documents"]} == {"created"}
    actors = {state.actor for state in Document.objects.first().states.all()}  # type: ignore[union-attr]
    assert any(actor.startswith("api:tk_sandbox_") for actor in actors)


def test_what_has_started_is_not_cancelled(caller: Caller) -> None:
    batch = caller.issue(factura()).json()["batch_id"]
    Document.objects.update(state=State.SENDING)
    told = caller.post(f"/v2/documents/batch/{batch}/cancel/").json()
    assert told["documents"][0]["status"] == "processing"


@pytest.mark.parametrize("what", ["", "cancel/", "retry/"])
def test_a_batch_is_nobody_elses(what: str, caller: Caller, stranger: Caller, user: User) -> None:
    batch = caller.issue(factura()).json()["batch_id"]
    for other in (stranger, make_key(user, Environment.PRODUCTION)):
        path = f"/v2/documents/batch/{batch}/{what}"
        response = other.post(path) if what else other.get(path)
        assert (response.status_code, error_of(response)["code"]) == (404, "resource_missing")
    assert Document.objects.get().state == State.RECEIVED
