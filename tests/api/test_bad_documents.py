"""Whatever is wrong with a document: its place, a stable code, plain Spanish; nothing is saved."""

import json
import time
from typing import Any

import pytest

from calling import Caller, error_of, factura, line

pytestmark = pytest.mark.usefixtures("nothing_is_saved")


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
    "a net price and a gross one": (
        {"details": [line(gross_unit_price=1190)]},
        "mixed_prices",
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
    "an export's data in an invoice": (
        {"export_data": {"currency_code": "13"}},
        "field_not_for_type",
        "export_data",
    ),
    "a global adjustment that is neither discount nor surcharge": (
        {"global_adjustments": [{"percent": 1}]},
        "dte_field_required",
        "global_adjustments.0.kind",
    ),
    "a folio of one's own": ({"folio": "77"}, "not_available", "folio"),
    "an object for a text": ({"additional_info": {"a": 1}}, "parameter_invalid", "additional_info"),
    "endless words beside a document": (
        {"additional_info": "ñ" * 1001},
        "field_too_long",
        "additional_info",
    ),
    "an endless external_id": ({"external_id": "x" * 129}, "field_too_long", "external_id"),
    "a json_param beyond floating point": (
        {"json_param": {"a": [10**400]}},
        "parameter_invalid",
        "json_param",
    ),
    "an exemption in words": (
        {"details": [line(is_exempt="no")]},
        "parameter_invalid",
        "details.0.is_exempt",
    ),
    "sixty-one lines": ({"details": [line()] * 61}, "detail_line_limit", "details"),
    "forty-one references": ({"references": [{}] * 41}, "reference_limit", "references"),
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


def test_a_misspelt_required_field_is_told_before_what_is_missing_for_it(caller: Caller) -> None:
    wrong = {"item_name": "Hallulla", "quantity": 1, "unitprice": 5}
    first, *_ = error_of(response := caller.issue(factura(details=[wrong])))["errors"]
    assert (first["code"], first["param"]) == ("unknown_field", "documents.0.details.0.unitprice")
    assert error_of(response)["param"] == first["param"]
    assert "«details.0.unit_price»" in error_of(response)["message"]


def test_a_document_that_is_no_object_is_told_by_its_place(caller: Caller) -> None:
    assert error_of(caller.issue(factura(), "x"))["message"] == "«documents.1» debe ser un objeto JSON."  # type: ignore[arg-type]


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1e999999999"])
def test_a_number_that_is_none_for_others_is_refused_in_json_param(number: str, caller: Caller) -> None:
    body = json.dumps({"documents": [factura(json_param={"a": {"b": "NUMBER"}})]}).replace('"NUMBER"', number)
    response = caller.post("/v2/documents/batch/", body)
    error = error_of(response)
    assert (response.status_code, error["code"]) == (422, "parameter_invalid")
    assert error["param"] == "documents.0.json_param"


def test_of_thousands_of_faults_a_hundred_are_told_and_the_rest_counted(caller: Caller) -> None:
    wrong = factura(details=[line(**{f"campo{n}": 1 for n in range(50)})] * 10)
    error = error_of(response := caller.issue(*[wrong] * 100))
    assert (len(error["errors"]), error["more_errors"]) == (100, 49_900)
    assert "50000 errores" in error["message"]
    assert list(json.loads(response.content)["documents"]) == ["0"]


def test_a_hundred_documents_of_a_thousand_bad_lines_are_refused_in_no_time(caller: Caller) -> None:
    began = time.monotonic()
    response = caller.issue(*[factura(details=[{"unitprice": "x"}] * 1000)] * 100)
    assert (response.status_code, error_of(response)["code"]) == (422, "detail_line_limit")
    assert time.monotonic() - began < 1


def test_a_name_of_megabytes_is_not_told_whole(caller: Caller) -> None:
    began = time.monotonic()
    response = caller.issue(factura(**{"x." * 2_000_000: 1}))
    assert error_of(response)["code"] == "unknown_field"
    assert len(response.content) < 5_000
    assert time.monotonic() - began < 1


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
