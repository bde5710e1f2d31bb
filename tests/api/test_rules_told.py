"""Rules over HTTP: read as a list, warnings told, refusals told all at once, what the operator enforces."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured

from calling import RECEPTOR, Caller, error_of, factura, line, make_key
from timbre.accounts.models import User
from timbre.config.settings import _enforced_rules, _uf
from timbre.dte.rules import CATALOGUE, FEATURES
from timbre.issuing.models import Batch, Document, State
from timbre.taxpayers.models import Company
from timbre.work.environments import Environment

pytestmark = pytest.mark.usefixtures("enrolled")


def guia(**transport: Any) -> dict[str, Any]:
    return factura(dte_type={"code": "52"}, header={}, transport_data={"transport_type": "1", **transport})


def nota(folio: str, amount: int = 1000) -> dict[str, Any]:
    reference = {
        "dte_type_code": "33",
        "reference_folio": folio,
        "reference_date": factura()["date_issued"],
        "reference_reason": "ANULA DOCUMENTO DE LA REFERENCIA",
    }
    return factura(dte_type={"code": "61"}, details=[line(unit_price=amount)], references=[reference])


def codes(told: list[dict[str, Any]]) -> set[str]:
    return {each["code"] for each in told}


def test_the_rules_are_a_list_in_spanish_with_where_each_is_from(caller: Caller) -> None:
    answer = caller.get("/v2/rules/").json()
    assert answer["meta"]["total"] == len(answer["data"]) == len({each["id"] for each in answer["data"]})
    assert codes(answer["data"]) >= {each.code for each in CATALOGUE} | set(FEATURES)
    told = {each["id"]: each for each in answer["data"]}
    assert told["transport.carriage_data"] == {
        "id": "transport.carriage_data",
        "code": "transport_data_missing",
        "description": "Una guía dice la patente, el transportista y el chofer.",
        "level": "warn",
        "since": "2026-05-01",
        "source": told["transport.carriage_data"]["source"],
        "dte_types": ["52"],
    }
    assert "Res. Ex. SII N° 154" in told["transport.carriage_data"]["source"]
    assert told["notes.code_missing"]["source"] == "SII REF-3-758"


def test_the_rules_of_one_type_are_asked_for_by_its_code(caller: Caller) -> None:
    of_guides = codes(caller.get("/v2/rules/", dte_type_code="52").json()["data"])
    assert "transfer_type_required" in of_guides
    assert "reference_code_missing" not in of_guides
    refused = caller.get("/v2/rules/", dte_type_code="99")
    assert refused.status_code in {400, 422}
    assert error_of(refused)["param"] == "dte_type_code"


def test_what_a_note_is_held_to_beside_its_original_is_in_the_list(caller: Caller) -> None:
    told = caller.get("/v2/rules/", dte_type_code="61").json()["data"]
    level = {each["code"]: each["level"] for each in told}
    assert level["note_receiver_differs"] == level["annulment_amount_differs"] == "refuse"
    assert level["credit_exceeds_original"] == "warn"


def test_what_the_portal_cannot_carry_is_in_the_list_with_its_measures(user: User, caller: Caller) -> None:
    told = {each["id"]: each for each in caller.get("/v2/rules/").json()["data"]}
    assert told["portal.dte_type_not_available"]["dte_types"] == ["39", "41", "111", "112"]
    assert told["portal.detail_line_limit"]["description"] == "Por el portal gratuito caben 10 líneas."
    production = make_key(user, Environment.PRODUCTION).get("/v2/rules/").json()["data"]
    (refused,) = [each for each in production if each["id"] == "portal.dte_type_not_available"]
    assert refused["dte_types"] == ["39", "41", "110", "111", "112"]


def test_the_list_has_pages_and_sparse_fields_like_any_other(caller: Caller) -> None:
    answer = caller.get("/v2/rules/", page_size="2", page="2", fields="code").json()
    assert [set(each) for each in answer["data"]] == [{"id", "code"}] * 2
    assert "page=1&" in answer["links"]["prev"]


def test_what_only_warns_is_told_and_the_document_accepted(caller: Caller) -> None:
    response = caller.issue(factura(), guia(transport_plate="ABCD12"))
    assert response.status_code == 202
    (told,) = response.json()["warnings"]
    assert (told["document_index"], told["code"]) == (1, "transport_data_missing")
    assert told["field"] == "transport_data"


@pytest.mark.usefixtures("nothing_is_saved")
def test_an_enforced_warning_refuses(caller: Caller, settings: LazySettings) -> None:
    settings.ENFORCED_RULES = frozenset({"transport_data_missing"})
    response = caller.issue(guia())
    assert response.status_code == 422
    assert error_of(response)["code"] == "transport_data_missing"
    level = {each["code"]: each["level"] for each in caller.get("/v2/rules/").json()["data"]}
    assert (level["transport_data_missing"], level["destination_missing"]) == ("enforced", "warn")


@pytest.mark.usefixtures("nothing_is_saved")
def test_all_the_faults_of_a_batch_are_told_at_once_and_nothing_is_saved(caller: Caller) -> None:
    response = caller.issue(
        factura(),
        guia(dispatch_type="1"),
        factura(dte_type={"code": "61"}),
        factura(details=[line(unit_price=1)] * 11),
    )
    assert response.status_code == 422
    assert {(each["code"], each["param"]) for each in error_of(response)["errors"]} >= {
        ("dispatch_type_not_available", "documents.1.transport_data.dispatch_type"),
        ("references_required", "documents.2.references"),
        ("detail_line_limit", "documents.3.details"),
    }


def issued(company: Company, caller: Caller, folio: int) -> Document:
    """An invoice of $1,190 that has been issued."""
    assert caller.issue(factura(details=[line()])).status_code == 202
    document = Document.objects.get(company=company, tipo=33)
    Document.objects.filter(pk=document.pk).update(folio=folio, state=State.ISSUED)
    return document


def test_an_annulment_of_another_amount_than_the_originals_is_refused(
    caller: Caller, enrolled: Company
) -> None:
    issued(enrolled, caller, folio=7)
    refused = caller.issue(nota("7"), nota("7", amount=999))
    assert refused.status_code == 422
    (fault,) = error_of(refused)["errors"]
    assert (fault["code"], fault["param"]) == ("annulment_amount_differs", "documents.1.details")
    assert Batch.objects.count() == 1
    assert caller.issue(nota("7")).status_code == 202


def test_a_note_for_another_than_who_got_the_original_is_refused(caller: Caller, enrolled: Company) -> None:
    document = issued(enrolled, caller, folio=7)
    Document.objects.filter(pk=document.pk).update(receiver_rut="99999999-9")
    refused = caller.issue(nota("7"))
    assert refused.status_code == 422
    (fault,) = error_of(refused)["errors"]
    assert (fault["code"], fault["param"]) == (
        "note_receiver_differs",
        "documents.0.document_receiver.rut",
    )
    Document.objects.filter(pk=document.pk).update(receiver_rut="66666666-6")
    assert caller.issue(nota("7")).status_code == 202


def test_of_an_original_that_is_not_known_nothing_is_said(caller: Caller) -> None:
    assert caller.issue(nota("999999999999999999")).status_code == 202
    assert caller.issue(nota("8", amount=5)).status_code == 202


@pytest.mark.usefixtures("nothing_is_saved")
def test_a_boleta_is_refused_by_the_portal_by_its_type(caller: Caller) -> None:
    boleta = factura(dte_type={"code": "39"}, header={}, document_receiver={"rut": RECEPTOR})
    response = caller.issue(boleta)
    assert response.status_code == 422
    assert "dte_type_not_available" in codes(error_of(response)["errors"])
    assert error_of(response)["errors"][0]["param"] == "documents.0.dte_type.code"


@pytest.mark.parametrize("text", ["39.485,65", "UF", "-1", "0", "NaN", "1e9"])
def test_a_uf_that_is_no_uf_keeps_timbre_from_starting(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="TIMBRE_UF"):
        _uf(text)


def test_a_rule_that_is_none_keeps_timbre_from_starting_and_is_named() -> None:
    assert _enforced_rules(" transport_data_missing, uf_unknown ,") == {
        "transport_data_missing",
        "uf_unknown",
    }
    with pytest.raises(ImproperlyConfigured, match=r"no_such is no rule that warns.*transport_data_missing"):
        _enforced_rules("uf_unknown,no_such")
    with pytest.raises(ImproperlyConfigured):
        _enforced_rules("references_required")


@pytest.mark.usefixtures("nothing_is_saved")
def test_a_block_that_is_out_of_place_is_told_once(caller: Caller) -> None:
    response = caller.issue(factura(export_data={"currency_code": 13, "exchange_rate": 950}))
    assert [each["param"] for each in error_of(response)["errors"]] == ["documents.0.export_data"]
