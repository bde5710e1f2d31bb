"""Documents over HTTP: listed by what one looks for, read with their files and history, settled by people."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calling import Caller, error_of, factura, line, make_key
from offices import EMISOR as OFFICE_EMISOR
from offices import Office
from timbre.accounts.models import User
from timbre.api import v2
from timbre.issuing.models import Document, State
from timbre.taxpayers.models import Company
from timbre.webhooks.links import file_url


@pytest.fixture
def issued(caller: Caller, enrolled: Company) -> list[str]:
    """Three documents, the newest first in a list; the second one is as if issued, with folio 41."""
    ids = [
        caller.issue(factura(details=[line(unit_price=1000 * n)], **more)).json()["documents"][0]["document"][
            "id"
        ]
        for n, more in enumerate(
            [{"external_id": "p-1"}, {"json_param": {"tienda": "norte"}}, {"dte_type": {"code": "34"}}],
            start=1,
        )
    ]
    Document.objects.filter(pk=ids[1]).update(state=State.DONE, folio=41, date_issued=date(2026, 2, 1))
    return ids


def listed(caller: Caller, **query: Any) -> list[str]:
    return [each["id"] for each in caller.get("/v2/documents/", **query).json()["data"]]


def test_documents_are_listed_newest_first_in_the_envelope(caller: Caller, issued: list[str]) -> None:
    told = caller.get("/v2/documents/", page_size="2").json()
    assert [each["id"] for each in told["data"]] == [issued[2], issued[1]]
    assert told["meta"] == {"page": 1, "page_size": 2, "total": 3, "total_pages": 2}
    assert told["links"]["prev"] is None
    following = told["links"]["next"]
    assert caller.get(following.removeprefix("http://127.0.0.1:8000")).json()["data"][0]["id"] == issued[0]
    assert caller.get("/v2/documents/", page="9").json()["data"] == []
    assert caller.get("/v2/documents/", page_size="5000").json()["meta"]["page_size"] == 200


def test_each_filter_finds_what_it_names(caller: Caller, issued: list[str], enrolled: Company) -> None:
    one, two, three = issued
    batch = Document.objects.get(pk=one).batch_id
    assert listed(caller, folio="41") == [two]
    assert listed(caller, folio="41", status="created") == [two]
    assert listed(caller, external_id="p-1") == [one]
    assert listed(caller, batch_id=batch) == [one]
    assert listed(caller, status="success") == [two]
    assert listed(caller, status="created,success") == [three, two, one]
    assert listed(caller, dte_type__code__in="34") == [three]
    assert listed(caller, dte_type__code__in="33,34") == [three, two, one]
    assert listed(caller, issue_date_lte="2026-02-01") == [two]
    assert listed(caller, issue_date_gte="2026-02-02") == [three, one]
    assert listed(caller, search="PEHUÉN") == [three, two, one]
    assert listed(caller, search="39.007.007") == [three, two, one]
    assert listed(caller, search="nadie") == []
    assert listed(caller, json_param__tienda="norte") == [two]
    assert listed(caller, json_param__tienda="sur") == []
    assert listed(caller, master_entity_id=enrolled.entity_id, document_type="issued") == [three, two, one]
    assert listed(caller, is_paid="true") == []


def test_the_list_is_narrowed_by_amount_and_by_what_is_paid(caller: Caller, issued: list[str]) -> None:
    one, two, three = issued  # 1190, 2380 and, exempt, 3000 pesos
    assert listed(caller, amount_gte="2380") == [three, two]
    assert listed(caller, amount_gte="1191", amount_lte="2380") == [two]
    assert listed(caller, amount_lte="0") == []
    Document.objects.filter(pk=two).update(is_paid=True)
    assert listed(caller, is_paid="true") == listed(caller, is_paid="true", amount_gte="2380") == [two]
    assert listed(caller, is_paid="false", amount_lte="1190") == [one]


@pytest.mark.parametrize("name", ["amount_gte", "amount_lte"])
@pytest.mark.parametrize("bad", ["1190.5", "-1", "mil", "", "1" * 30, "NaN"])
@pytest.mark.usefixtures("issued")
def test_an_amount_that_is_no_whole_pesos_is_refused_by_name(caller: Caller, name: str, bad: str) -> None:
    response = caller.get("/v2/documents/", **{name: bad})
    error = error_of(response)
    assert (response.status_code, error["code"], error["param"]) == (400, "parameter_invalid", name)
    assert name in error["message"]


def test_the_search_finds_folios_own_ids_batches_and_documents(caller: Caller, issued: list[str]) -> None:
    one, two, three = issued
    assert listed(caller, search="41") == [two]
    assert listed(caller, search="p-1") == [one]
    assert listed(caller, search=three) == [three]
    assert listed(caller, search=Document.objects.get(pk=one).batch_id) == [one]
    assert error_of(caller.get("/v2/documents/", search="x" * 101))["param"] == "search"


def test_the_openapi_tells_every_filter_of_the_list() -> None:
    operation = v2.schema()["paths"]["/v2/documents/"]["get"]
    told = {each["name"]: each["schema"] for each in operation["parameters"]}
    assert told["amount_gte"]["type"] == told["amount_lte"]["type"] == "integer"
    assert told["is_paid"]["type"] == "boolean"
    assert "amount_gte" in operation["description"]


def test_a_list_of_thousands_of_filters_is_one_of_seven(caller: Caller, issued: list[str]) -> None:
    assert listed(caller, status="created," * 3000) == [issued[2], issued[0]]
    assert listed(caller, dte_type__code__in="34," * 3000) == [issued[2]]
    assert caller.get("/v2/events/", types="document.issued," * 3000).status_code == 200


def test_any_key_of_ones_own_fields_is_searched_as_it_is_written(caller: Caller, enrolled: Company) -> None:
    keys = ("regex", "in", "0", "a__b", "gt", "007", "isnull", "_")
    told = caller.issue(*(factura(json_param={key: f"valor de {key}"}) for key in keys)).json()
    ids = [each["document"]["id"] for each in told["documents"]]
    for key, found in zip(keys, ids, strict=True):
        assert listed(caller, **{f"json_param__{key}": f"valor de {key}"}) == [found]
        assert listed(caller, **{f"json_param__{key}": "(a+)+$"}) == []


def test_only_texts_of_ones_own_fields_are_found(caller: Caller, enrolled: Company) -> None:
    own = {"n": 1, "b": True, "l": ["x"], "o": {"d": "x"}, "t": "Ñandú «1»"}
    caller.issue(factura(json_param=own))
    for key, value in {"n": "1", "b": "true", "l": '["x"]', "o__d": "x", "o": '{"d":"x"}'}.items():
        assert listed(caller, **{f"json_param__{key}": value}) == []
    assert len(listed(caller, json_param__t="Ñandú «1»")) == 1


def test_a_list_tells_only_the_fields_asked_for_and_the_id(caller: Caller, issued: list[str]) -> None:
    (first, *_) = caller.get("/v2/documents/", fields="folio,status").json()["data"]
    assert first == {"id": issued[2], "folio": None, "status": "created"}
    assert error_of(caller.get("/v2/documents/", fields="folios"))["param"] == "fields"


@pytest.mark.usefixtures("issued")
def test_a_longer_list_costs_no_more_queries(caller: Caller) -> None:
    with CaptureQueriesContext(connection) as few:
        caller.get("/v2/documents/", page_size="2")
    with CaptureQueriesContext(connection) as many:
        caller.get("/v2/documents/", page_size="200")
    assert len(few) == len(many) <= 5


def test_a_detail_costs_a_handful_of_queries(caller: Caller, issued: list[str]) -> None:
    with CaptureQueriesContext(connection) as queries:
        caller.get(f"/v2/documents/{issued[0]}/")
    assert len(queries) <= 6


def test_each_state_is_told_in_the_words_of_the_contract(caller: Caller, issued: list[str]) -> None:
    document = Document.objects.filter(pk=issued[0])
    words = {
        (State.RECEIVED, "", ""): "created",
        (State.RECEIVED, "sii_unavailable", ""): "temporary_error",
        (State.SENDING, "", ""): "processing",
        (State.IN_DOUBT, "", ""): "processing",
        (State.ISSUED, "", ""): "processing",
        (State.DONE, "", ""): "success",
        (State.REFUSED, "receiver_not_found", "document_receiver.rut"): "invalid",
        (State.REFUSED, "sii_page_mismatch", ""): "permanent_error",
        (State.EXPIRED, "expired", ""): "permanent_error",
        (State.CANCELLED, "cancelled", ""): "permanent_error",
        (State.INCOMPLETE, "doubt_unresolved", ""): "incomplete",
    }
    for (state, code, param), status in words.items():
        document.update(state=state, error_code=code, error_param=param, folio=7)
        told = caller.get(f"/v2/documents/{issued[0]}/").json()
        assert told["status"] == status
        assert told["in_doubt"] is (state == State.IN_DOUBT)
        assert (told["folio"] is None) is (state not in (State.ISSUED, State.DONE))
        assert issued[0] in listed(caller, status=status)
        assert [s for s in set(words.values()) if issued[0] in listed(caller, status=s)] == [status]


def test_paid_and_unpaid_are_registered_for_what_is_issued(caller: Caller, issued: list[str]) -> None:
    path = f"/v2/documents/{issued[1]}/states/"
    told = caller.post(path, {"event_code": "PAID"}).json()
    assert (told["success"], told["document"]["document_status"]) == (True, {"paid_status": "PAID"})
    assert listed(caller, is_paid="true") == [issued[1]]
    assert caller.post(path, {"event_code": "UNPAID"}).json()["document"]["is_paid"] is False
    codes = [state["event_code"] for state in caller.get(path).json()["states"]]
    assert codes == ["UNPAID", "PAID", "received"]


def test_other_states_are_refused_by_name(caller: Caller, issued: list[str]) -> None:
    path = f"/v2/documents/{issued[1]}/states/"
    assert error_of(caller.post(path, {"event_code": "ERM"}))["code"] == "not_available"
    assert error_of(caller.post(path, {"event_code": "GONE"}))["code"] == "parameter_invalid"
    assert error_of(caller.post(path, {}))["code"] == "parameter_missing"
    unissued = caller.post(f"/v2/documents/{issued[0]}/states/", {"event_code": "PAID"})
    assert error_of(unissued)["code"] == "document_not_issued"


def test_a_doubt_is_resolved_by_a_person(caller: Caller, issued: list[str]) -> None:
    path = f"/v2/documents/{issued[0]}/resolve/"
    assert error_of(caller.post(path, {"outcome": "not_issued"}))["code"] == "document_not_in_doubt"
    assert error_of(caller.post(path, {"outcome": "maybe"}))["param"] == "outcome"
    Document.objects.filter(pk=issued[0]).update(state=State.INCOMPLETE)
    told = caller.post(path, {"outcome": "not_issued"}).json()
    assert (told["status"], told["error"]["code"]) == ("permanent_error", "resolved_not_issued")


def test_a_document_is_nobody_elses(stranger: Caller, issued: list[str], enrolled: Company) -> None:
    for path in (f"{issued[0]}/", f"{issued[0]}/states/"):
        assert error_of(stranger.get(f"/v2/documents/{path}"))["code"] == "resource_missing"
    assert stranger.post(f"/v2/documents/{issued[0]}/states/", {"event_code": "PAID"}).status_code == 404
    assert stranger.post(f"/v2/documents/{issued[0]}/resolve/", {"outcome": "issued"}).status_code == 404
    assert listed(stranger) == []
    assert (
        error_of(stranger.get("/v2/documents/", master_entity_id=enrolled.entity_id))["code"]
        == "resource_missing"
    )


def test_an_issued_document_comes_with_the_siis_xml_and_pdf(office: Office) -> None:
    office.enroll()
    owner = make_key(_user(office))
    asked = {
        "document_issuer": {"rut": OFFICE_EMISOR},
        "document_receiver": {"rut": "39002002-3"},
        "details": [line()],
    }
    told = owner.issue(asked).json()
    office.work()
    office.pass_time(minutes=2)
    office.work()
    (result,) = owner.get(f"/v2/documents/batch/{told['batch_id']}/").json()["documents"]
    assert result["status"] == "success"
    document = owner.get(f"/v2/documents/{result['document']['id']}/").json()
    assert f"<Folio>{document['folio']}</Folio>" in document["xml"]
    assert document["document_receiver"]["business_name"]
    link = document["pdf"].removeprefix("http://127.0.0.1:8000")
    pdf = Client().get(link)
    assert pdf.content.startswith(b"%PDF-")
    assert pdf["Content-Type"] == "application/pdf"
    assert f'filename="F33-{document["folio"]}.pdf"' in pdf["Content-Disposition"]
    assert re.fullmatch(r'"[0-9a-f]{64}"', pdf["ETag"])
    assert Client().get(link, headers={"If-None-Match": pdf["ETag"]}).status_code == 304
    assert Client().get(link.replace("/files/", "/files/x")).status_code == 404
    (event,) = owner.get("/v2/events/", type="document.issued").json()["data"]
    told = event["data"]["object"]
    assert (told["folio"], told["sender"]["tax_id"]) == (document["folio"], "39.001.001-K")
    assert (
        Client()
        .get(told["xml_file"].removeprefix("http://127.0.0.1:8000"))["Content-Type"]
        .startswith("application/xml")
    )


def test_a_link_runs_out_within_the_hour(office: Office) -> None:
    office.enroll()
    document = office.ask({**_asked(), "details": [line(quantity="1", unit_price="1000")]})
    office.work()
    office.pass_time(minutes=2)
    office.work()
    stored = Document.objects.get(batch=document).files.filter(kind="pdf").get()
    old = file_url(stored.pk, now=timezone.now() - timedelta(minutes=61))
    assert Client().get(old.removeprefix("http://127.0.0.1:8000")).status_code == 404


def _asked() -> dict[str, Any]:
    return {"document_issuer": {"rut": OFFICE_EMISOR}, "document_receiver": {"rut": "39002002-3"}}


def _user(office: Office) -> User:
    return User.objects.get(pk=office.scope.user_id)
