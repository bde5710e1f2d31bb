"""Each kind of field, each wrong kind of value: told by its path and code. Then what fields say together."""

import json
from decimal import Decimal
from typing import Any

import pytest

from calling import Caller, error_of, example, factura, line
from timbre.api.shape import BATCH

pytestmark = pytest.mark.usefixtures("nothing_is_saved")

LEAVES = {
    "text": ([5, True, {}, ["x"]], "parameter_invalid"),
    "latin": (["🍞", "面包", "مرحبا"], "text_not_latin1"),
    "number": (["mil", "1.000,5", True, {}, "NaN", "1e99", "", "1_000", "١٢", "."], "invalid_number"),
    "money": (["mil", "1.000,5", True, {}, "NaN", "1.000", "-12.500", " +9.000"], "invalid_number"),
    "count": (["dos", 1.5, -1, True, 10**19], "invalid_number"),
    "code": (["nada", 98765, {}, True, ""], "invalid_code"),
    "day": (["14-03-2026", 20260314, "2026-02-30", True], "parameter_invalid"),
    "flag": (["no", 1, {}], "parameter_invalid"),
    "rut": (["39007007-2", "abc", 5], "invalid_rut"),
    "moment": (["2026-03-14T20:30:00Z", "ayer", 5], "parameter_invalid"),
    "refused": (["x", 1, True], "not_available"),
    "timber": (["x", 1, True], "timber_not_available"),
}
TICKET = {
    "ticket_folio": 1,
    "generated_at": "2026-03-14T20:30:00",
    "event_name": "Concierto",
    "ticket_type": "GENERAL",
    "event_code": "C1",
    "event_datetime": "2026-04-14T20:30:00",
    "event_place": "Teatro Municipal",
    "event_location": "PLATEA",
}
FIELDS = {
    "text": "document_issuer.business_name document_issuer.email document_receiver.contact "
    "header.payment_terms details.0.item_description details.0.unit references.0.reference_reason "
    "global_adjustments.0.description "
    "transport_data.destination_address additional_info "
    "export_data.packages.0.marks header.payments.0.description transport_data.driver_name",
    "latin": "document_receiver.business_name details.0.item_name references.0.reference_reason "
    "global_adjustments.0.description details.0.ticket.event_place transport_data.transport_plate",
    "number": "details.0.quantity details.0.discount_percent details.0.surcharge_percent "
    "global_adjustments.0.percent export_data.gross_weight "
    "transport_data.net_weight",
    "money": "details.0.unit_price details.0.gross_unit_price details.0.discount_amount "
    "details.0.surcharge_amount details.0.item_total global_adjustments.0.amount header.payments.0.amount "
    "export_data.exchange_rate export_data.freight_amount export_data.insurance_amount "
    "export_data.sale_clause_amount",
    "count": "export_data.total_packages export_data.packages.0.quantity details.0.ticket.ticket_folio "
    "transport_data.authorization_resolution_number",
    "code": "export_data.currency_code export_data.destination_country_code "
    "export_data.receiver_country_code export_data.receiver_nationality_code "
    "export_data.sale_mode_code export_data.sale_clause_code "
    "export_data.export_payment_method_code export_data.export_type export_data.departure_port_code "
    "transport_data.arrival_port_code export_data.transport_way_code export_data.gross_weight_unit_code "
    "export_data.package_type_code export_data.packages.0.type_code document_receiver.nationality_code "
    "transport_data.transport_type transport_data.dispatch_type transport_data.transfer_issuer_code "
    "header.service_indicator header.payment_means header.purchase_type header.purchase_transaction_type "
    "header.sale_transaction_type references.0.correction_code details.0.exempt_indicator "
    "details.0.other_tax details.0.show_item_type",
    "day": "header.due_date header.cancellation_date header.period_from header.period_to "
    "header.payments.0.date references.0.reference_date transport_data.authorization_resolution_date",
    "flag": "details.0.is_exempt details.0.withholding_agent header.net_amounts header.vat_withheld "
    "references.0.global",
    "rut": "document_issuer.rut document_receiver.rut transport_data.driver_rut references.0.other_rut",
    "moment": "details.0.ticket.generated_at details.0.ticket.event_datetime",
    "refused": "folio header.retention_type header.authorized_user_rut header.currency "
    "document_receiver.country export_data.currency_day",
    "timber": "transport_data.timber_enabled transport_data.comuna_rol transport_data.latitude "
    "transport_data.conaf_plan_code",
}


def whole() -> dict[str, Any]:
    """A document with something in every list, to be spoilt in one place."""
    return {
        **json.loads(json.dumps(factura())),
        "details": [line(ticket=dict(TICKET))],
        "header": {"payments": [{"date": "2026-03-14", "amount": 1}]},
        "references": [{"dte_type_code": 33, "reference_folio": 7, "reference_date": "2026-03-01"}],
        "global_adjustments": [{"kind": "discount", "percent": 1}],
        "transport_data": {},
        "export_data": {"packages": [{"type_code": 80, "quantity": 1}]},
    }


def spoilt(path: str, value: Any) -> dict[str, Any]:
    document = whole()
    *steps, last = path.split(".")
    owner: Any = document
    for step in steps:
        owner = owner[int(step)] if step.isdigit() else owner[step]
    owner[last] = value
    return document


def test_what_is_spoilt_below_is_sound_before(caller: Caller) -> None:
    assert BATCH.validate_python({"documents": [whole()]}, strict=True)


@pytest.mark.parametrize(
    ("kind", "path"), [(kind, path) for kind, paths in FIELDS.items() for path in paths.split()]
)
def test_each_field_tells_each_wrong_kind_of_value(kind: str, path: str, caller: Caller) -> None:
    values, code = LEAVES[kind]
    wrong = [spoilt(path, value) for value in values]
    response = caller.issue(*wrong)
    told = {(each["param"], each["code"]) for each in error_of(response)["errors"]}
    assert response.status_code == 422
    assert told == {(f"documents.{index}.{path}", code) for index in range(len(values))}


@pytest.mark.parametrize("price", ["1000", "1990.50", ".125", "1000.125", " 1e3 ", 1000, Decimal("12.500")])
def test_what_can_be_read_in_one_way_is_an_amount(price: Any) -> None:
    read = BATCH.validate_python({"documents": [spoilt("details.0.unit_price", price)]}, strict=True)
    assert Decimal(read["documents"][0]["details"][0]["unit_price"]) == Decimal(str(price).strip())


def test_an_amount_with_a_chilean_point_is_told_both_its_readings(caller: Caller) -> None:
    error = error_of(caller.issue(spoilt("details.0.unit_price", "12.500")))
    assert "como 12500 o como 12,500" in error["message"]


@pytest.mark.parametrize("type_", ["43", 80, "90"])
def test_types_of_other_products_are_refused_by_name(type_: Any, caller: Caller) -> None:
    error = error_of(caller.issue(factura(dte_type={"code": type_})))
    assert (error["code"], error["param"]) == ("dte_type_not_available", "documents.0.dte_type.code")
    assert str(type_) in error["message"]


NEAR = {
    ("departure_port_code", "VALPARAIZO"): "«VALPARAISO» (905)",
    ("arrival_port_code", "San Francisco"): "173 y 964",
    ("currency_code", "DOLAR US"): "«DOLAR USA» (13)",
    ("sale_mode_code", "al contado"): "1 a firme",
    ("destination_country_code", "Alemannia"): "«ALEMANIA» (563)",
}


@pytest.mark.parametrize(("field", "said"), NEAR)
def test_a_name_that_is_none_is_told_what_is_near(field: str, said: str, caller: Caller) -> None:
    export = example("110")["export_data"] | {field: said}
    error = error_of(caller.issue(example("110", export_data=export)))
    assert (error["code"], error["param"]) == ("invalid_code", f"documents.0.export_data.{field}")
    assert NEAR[field, said] in error["message"]


OBSOLETE = {
    "transport_mode": "transport_way_code",
    "destination_country": "destination_country_code",
    "destination_port": "arrival_port_code",
    "origin_port": "departure_port_code",
    "export_clause": "sale_clause_code",
}


@pytest.mark.parametrize("name", OBSOLETE)
def test_an_obsolete_name_of_an_exports_is_told_its_new_one(name: str, caller: Caller) -> None:
    export = example("110")["export_data"] | {name: "1"}
    error = error_of(caller.issue(example("110", export_data=export)))
    assert error["code"] == "unknown_field"
    assert f"«export_data.{OBSOLETE[name]}»" in error["message"]


GUIA = example("52")["transport_data"]
EXPORT = example("110")["export_data"]
NOTA = example("61")["references"][0]
TOGETHER: dict[str, tuple[dict[str, Any], str, str]] = {
    "an export's data in an invoice": (
        factura(export_data={"export_type": "3"}),
        "field_not_for_type",
        "export_data",
    ),
    "net amounts in an invoice": (
        factura(header={"net_amounts": True}),
        "field_not_for_type",
        "header.net_amounts",
    ),
    "withheld in an invoice": (
        factura(header={"vat_withheld": True}),
        "field_not_for_type",
        "header.vat_withheld",
    ),
    "net and gross prices": (
        factura(details=[line(), {"item_name": "x", "quantity": 1, "gross_unit_price": 1190}]),
        "mixed_prices",
        "details.1.gross_unit_price",
    ),
    "net amounts that are gross": (
        example("39", header={"net_amounts": True}),
        "fields_contradict",
        "header.net_amounts",
    ),
    "gross amounts that are net": (
        example("39", header={"net_amounts": False}, details=[line()]),
        "fields_contradict",
        "header.net_amounts",
    ),
    "no price": (
        factura(details=[{"item_name": "x", "quantity": 1}]),
        "dte_field_required",
        "details.0.unit_price",
    ),
    "no quantity": (
        factura(details=[{"item_name": "x", "unit_price": 1}]),
        "dte_field_required",
        "details.0.quantity",
    ),
    "exempt and not": (
        factura(details=[line(is_exempt=True, exempt_indicator=2)]),
        "fields_contradict",
        "details.0.is_exempt",
    ),
    "affected where all is exempt": (
        factura(dte_type={"code": "34"}, details=[line(is_exempt=False)]),
        "fields_contradict",
        "details.0.is_exempt",
    ),
    "two kinds of purchase": (
        example("46", header={"purchase_type": 4, "purchase_transaction_type": 1}),
        "fields_contradict",
        "header.purchase_type",
    ),
    "withheld and another tax": (
        example("46", details=[line(other_tax=27)]),
        "fields_contradict",
        "details.0.other_tax",
    ),
    "annulled and corrected": (
        example("61", references=[NOTA | {"correction_code": 3}]),
        "fields_contradict",
        "references.0.correction_code",
    ),
    "a resolution of nobody": (
        example("52", transport_data=GUIA | {"authorization_resolution_number": 5}),
        "dte_field_required",
        "transport_data.transfer_issuer_code",
    ),
    "packages of a kind and none": (
        example("52", transport_data=GUIA | {"package_type_code": 80}),
        "dte_field_required",
        "transport_data.total_packages",
    ),
    "a port with another's name": (
        example("110", export_data=EXPORT | {"departure_port_name": "SAN ANTONIO"}),
        "fields_contradict",
        "export_data.departure_port_name",
    ),
    "two nationalities": (
        example("110", export_data=EXPORT | {"receiver_nationality_code": "563"}),
        "fields_contradict",
        "export_data.receiver_nationality_code",
    ),
    "two weights": (
        example("110", transport_data={"gross_weight": 1}),
        "fields_contradict",
        "export_data.gross_weight",
    ),
    "no currency": (example("111", export_data={}), "dte_field_required", "export_data.currency_code"),
    "pesos that are not worth one": (
        example("111", export_data={"currency_code": "PESO CL", "exchange_rate": 900}),
        "fields_contradict",
        "export_data.exchange_rate",
    ),
    "dollars worth nothing that is said": (
        example("111", export_data={"currency_code": "USD"}),
        "exchange_rate_required",
        "export_data.exchange_rate",
    ),
}


@pytest.mark.parametrize("what", TOGETHER)
def test_what_fields_say_together_is_judged(what: str, caller: Caller) -> None:
    document, code, path = TOGETHER[what]
    body = {"use_default": True, "state": "draft", "documents": [document]}
    response = caller.post("/v2/documents/batch/", body)
    assert response.status_code == 422
    assert (code, f"documents.0.{path}") in {(e["code"], e["param"]) for e in error_of(response)["errors"]}


def test_a_receiver_without_rut_is_asked_for_where_it_must_be_somebody(caller: Caller) -> None:
    for document in (factura(document_receiver={}), example("52", document_receiver={"contact": "Ana"})):
        error = error_of(caller.issue(document))
        assert (error["code"], error["param"]) == ("receiver_required", "documents.0.document_receiver.rut")


def test_a_kind_of_price_of_the_api_is_never_half_told(caller: Caller) -> None:
    error = error_of(caller.issue(factura(details=[line(unit_price=None), line()])))
    assert (error["code"], error["param"]) == ("dte_field_required", "documents.0.details.0.unit_price")
