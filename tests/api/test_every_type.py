"""A document of each type, as the examples ask for it: accepted, worked out and told in full."""

from typing import Any

import pytest

from calling import Caller, error_of, example, factura, line
from timbre.dte.codes import TipoDte

TYPES = [str(tipo.value) for tipo in TipoDte]
pytestmark = pytest.mark.usefixtures("enrolled")


def drafted(caller: Caller, document: dict[str, Any]) -> dict[str, Any]:
    """What is told of a document that was taken as a draft: no gateway is asked for its opinion."""
    body = {"use_default": True, "state": "draft", "documents": [document]}
    response = caller.post("/v2/documents/batch/", body)
    assert response.status_code == 202, response.content.decode()
    pk = response.json()["documents"][0]["document"]["id"]
    told: dict[str, Any] = caller.get(f"/v2/documents/{pk}/").json()
    return told | {"warnings": response.json().get("warnings", [])}


def filled(told: dict[str, Any]) -> dict[str, str]:
    """What Timbre itself filled in, by field."""
    return {each["field"]: each["value"] for each in told["filled"] if each["source"] == "timbre"}


@pytest.mark.parametrize("tipo", TYPES)
def test_the_example_of_each_type_is_accepted_and_told_as_it_was_asked(tipo: str, caller: Caller) -> None:
    asked = example(tipo)
    told = drafted(caller, asked)
    assert told["dte_type_code"] == tipo
    for block in ("header", "export_data", "transport_data"):
        for field, value in (asked.get(block) or {}).items():
            assert told[block][field] == value, (block, field)
    assert [each["item_name"] for each in told["details"]] == [each["item_name"] for each in asked["details"]]


TOTALS = {
    # 4 x 18,990 less 5 % = 72,162; 24 x 650 = 15,600; 19 % of 87,762 and 10 % of 15,600
    "33": {"net_amount": 87_762, "iva_amount": 16_675, "total_amount": 105_997},
    "34": {"exempt_amount": 120_000, "iva_rate": 0, "total_amount": 120_000},
    # 2.5 x 1,990 + 1,500 = 6,475 with IVA
    "39": {"net_amount": 5_441, "iva_amount": 1_034, "total_amount": 6_475},
    "41": {"exempt_amount": 6_000, "total_amount": 6_000},
    # The whole IVA is withheld: 300 x 1,200
    "46": {"net_amount": 360_000, "iva_amount": 68_400, "total_amount": 360_000},
    "52": {"net_amount": 0, "total_amount": 0},
    "56": {"net_amount": 15_000, "iva_amount": 2_850, "total_amount": 17_850},
    "61": {"net_amount": 150_000, "iva_amount": 28_500, "total_amount": 178_500},
    # 1,000 x 16.25 with freight and insurance, in dollars
    "110": {"exempt_amount": 17_400, "iva_amount": 0, "total_amount": 17_400},
    "111": {"exempt_amount": 500, "total_amount": 500},
    "112": {"exempt_amount": 325, "total_amount": 325},
}


@pytest.mark.parametrize("tipo", TYPES)
def test_the_totals_of_each_example_are_those_worked_out_by_hand(tipo: str, caller: Caller) -> None:
    told = drafted(caller, example(tipo))["document_total"]
    assert {field: told[field] for field in TOTALS[tipo]} == TOTALS[tipo]


def test_an_additional_tax_and_a_withholding_are_told_by_code_rate_and_amount(caller: Caller) -> None:
    (added,) = drafted(caller, example("33"))["document_total"]["other_taxes"]
    (withheld,) = drafted(caller, example("46"))["document_total"]["other_taxes"]
    assert added == {"code": "27", "rate": 10.0, "amount": 1_560.0}
    assert withheld == {"code": "15", "rate": 19.0, "amount": 68_400.0}


def test_an_export_tells_its_currency_its_rate_and_its_own_total_and_its_pesos(caller: Caller) -> None:
    told = drafted(caller, example("110"))
    assert (told["currency"], told["exchange_rate"], told["original_amount"]) == (
        "USD",
        "945.3",
        "17400.00",
    )
    assert told["amount_with_iva"] == 17_400 * 945.3
    pesos = drafted(caller, example("34"))
    assert (pesos["currency"], pesos["exchange_rate"], pesos["original_amount"]) == ("CLP", None, None)


FILLED = {
    "33": {},
    "34": {},
    "39": {"document_receiver.rut": "66666666-6", "header.service_indicator": "3"},
    "41": {"header.service_indicator": "3"},
    "46": {"header.payment_method": "2"},
    "52": {},
    "56": {},
    "61": {},
    "110": {"document_receiver.rut": "55555555-5"},
    "111": {"document_receiver.rut": "55555555-5"},
    "112": {"document_receiver.rut": "55555555-5"},
}


@pytest.mark.parametrize("tipo", TYPES)
def test_defaults_fill_what_is_ordinary_in_a_type_and_say_so(tipo: str, caller: Caller) -> None:
    told = drafted(caller, example(tipo))
    ours = filled(told)
    assert ours.pop("date_issued")
    assert ours == FILLED[tipo]


def test_codes_may_be_said_by_name_and_are_told_as_codes(caller: Caller) -> None:
    export = example("110")["export_data"] | {
        "currency_code": "Dólar USA",
        "departure_port_code": "valparaíso",
        "destination_country_code": "U.S.A.",
        "sale_clause_code": "FOB",
        "gross_weight_unit_code": "KN",
        "export_payment_method_code": "COB1",
    }
    told = drafted(caller, example("110", export_data=export))["export_data"]
    codes = example("110")["export_data"]
    assert {field: told[field] for field in export} == codes


def test_a_gross_price_is_told_as_the_unit_price_too(caller: Caller) -> None:
    first, _ = drafted(caller, example("39"))["details"]
    assert (first["unit_price"], first["gross_unit_price"]) == (1990.0, 1990.0)


def test_the_quantity_of_a_credit_note_is_read_without_its_minus_and_that_is_told(caller: Caller) -> None:
    lines = [{"item_name": "Asesoría contable", "quantity": -1, "unit_price": 150000, "item_total": 150000}]
    told = drafted(caller, example("61", details=lines))
    assert told["details"][0]["quantity"] == 1.0
    warned = {(each["code"], each["field"]) for each in told["warnings"]}
    assert ("negative_quantity", "details.0.quantity") in warned


def test_a_note_that_corrects_text_needs_neither_price_nor_quantity(caller: Caller) -> None:
    named = example("61")["references"][0] | {"correction_code": 2, "reference_reason": "Corrige giro"}
    lines = [{"item_name": "DONDE DICE Panadería DEBE DECIR Pastelería"}]
    told = drafted(caller, example("61", details=lines, references=[named]))
    assert told["document_total"]["total_amount"] == 0
    assert (told["details"][0]["quantity"], told["details"][0]["unit_price"]) == (None, None)


def test_all_that_a_line_says_counts_in_its_total(caller: Caller) -> None:
    lines = [
        line(quantity=3, unit_price=333.335, discount_percent="10", surcharge_amount=50, item_total=950),
        line(quantity=1, unit_price=1000, discount_amount=1, item_total=999),
    ]
    assert drafted(caller, factura(details=lines))["document_total"]["net_amount"] == 1949


def test_eighteen_digits_six_decimals_and_a_thousand_characters_come_out_as_they_went_in(
    caller: Caller,
) -> None:
    lines = [
        line(
            item_name='«Pan» & "agua" <d\'or>',
            item_description="ñ" * 1000,
            unit_price="0.123456",
            quantity=100,
        ),
        line(quantity=1000, unit_price="100000000000.123", is_exempt=True),
        line(quantity=1, unit_price="999", is_exempt=True),
    ]
    told = drafted(caller, factura(details=lines))
    first = told["details"][0]
    assert (first["item_name"], len(first["item_description"])) == ('«Pan» & "agua" <d\'or>', 1000)
    assert first["unit_price"] == 0.123456
    wide = drafted(
        caller,
        factura(
            dte_type={"code": "34"},
            details=[line(quantity=99_999, unit_price="999999999999.1"), line(unit_price=7)],
        ),
    )
    assert wide["document_total"]["total_amount"] == 99_998_999_999_910_008
    assert wide["amount_with_iva"] == 99_998_999_999_910_008


def test_sixty_lines_are_taken(caller: Caller) -> None:
    assert len(drafted(caller, factura(details=[line()] * 60))["details"]) == 60


def test_a_boleta_takes_a_rut_of_one_digit_and_nothing_else_of_who_receives(caller: Caller) -> None:
    told = drafted(caller, example("39", document_receiver={"rut": "1-9"}))
    assert told["document_receiver"] == {"rut": "1-9"}


def test_invisible_marks_of_direction_vanish(caller: Caller) -> None:
    told = drafted(caller, factura(details=[line(item_name="Pan \u202e1990\u202c \u200fintegral")]))
    assert told["details"][0]["item_name"] == "Pan 1990 integral"


def test_a_lenient_key_is_warned_of_an_obsolete_name_with_its_new_one(lenient: Caller) -> None:
    export = example("110")["export_data"] | {"origin_port": "905"}
    told = drafted(lenient, example("110", export_data=export))
    (warned,) = [each for each in told["warnings"] if each["code"] == "unknown_field"]
    assert (warned["field"], warned["suggestion"]) == (
        "export_data.origin_port",
        "export_data.departure_port_code",
    )
    assert "origin_port" not in told["export_data"]


def test_a_sale_of_a_kind_that_exports_do_not_have_is_kept_and_warned_of(caller: Caller) -> None:
    told = drafted(caller, example("110", header={"sale_transaction_type": 1}))
    assert told["header"]["sale_transaction_type"] == "1"
    assert "header.sale_transaction_type" in {each["field"] for each in told["warnings"]}


@pytest.mark.parametrize(("lines", "status"), [(1000, 202), (1001, 422)])
def test_a_boleta_has_up_to_a_thousand_lines(lines: int, status: int, caller: Caller) -> None:
    boleta = example("39", details=[line(gross_unit_price=1190, unit_price=None)] * lines)
    response = caller.post(
        "/v2/documents/batch/", {"use_default": True, "state": "draft", "documents": [boleta]}
    )
    assert response.status_code == status, response.content.decode()
    if status == 422:
        assert error_of(response)["code"] == "detail_line_limit"
