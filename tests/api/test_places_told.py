"""A fault is told at the field its caller wrote, whatever the rules call it."""

from typing import Any

import pytest

from calling import Caller, error_of, example

pytestmark = pytest.mark.usefixtures("enrolled")


def places(caller: Caller, document: dict[str, Any]) -> set[tuple[str, str]]:
    """Code and path of every fault of the one document."""
    answer = caller.post("/v2/documents/batch/", {"use_default": True, "documents": [document]})
    assert answer.status_code == 422, answer.content.decode()
    told = [(each["code"], each["param"].removeprefix("documents.0.")) for each in error_of(answer)["errors"]]
    assert len(told) == len(set(told))
    return set(told)


def exported(**changes: Any) -> dict[str, Any]:
    document = example("110")
    return {**document, "export_data": {**document["export_data"], **changes}}


def test_a_charge_of_an_export_is_told_at_its_own_field_and_at_no_adjustment(caller: Caller) -> None:
    told = places(caller, exported(freight_amount="999999999999999999", insurance_amount="1.2345"))
    assert {path for _, path in told} == {"export_data.freight_amount", "export_data.insurance_amount"}


def test_customs_data_are_told_in_the_block_in_which_they_were_written(caller: Caller) -> None:
    told = places(caller, example("34", transport_data={"gross_weight": "225"}))
    assert ("field_not_for_type", "transport_data.gross_weight") in told
    misplaced = places(caller, example("56", export_data={"net_weight": -1}))
    assert misplaced == {("field_not_for_type", "export_data")}


def test_what_one_field_of_the_header_says_of_all_is_told_at_that_field(caller: Caller) -> None:
    told = places(caller, example("61", header={"vat_withheld": True, "purchase_transaction_type": "1"}))
    assert {path for _, path in told} == {"header.vat_withheld", "header.purchase_transaction_type"}


def test_a_charge_or_an_amount_of_zero_is_none(caller: Caller) -> None:
    amounts = dict.fromkeys(("freight_amount", "insurance_amount", "sale_clause_amount"), 0)
    body = {"use_default": True, "documents": [exported(**amounts)]}
    assert caller.post("/v2/documents/batch/", body).status_code == 202
    told = places(caller, exported(net_weight=0))
    assert told == {("weight_unit_missing", "export_data.net_weight")}
