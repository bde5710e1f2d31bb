"""Webhooks and events over HTTP."""

from django.utils import timezone

from calling import Caller, error_of, make_key
from enrolled import enrol
from timbre.accounts.scope import Scope
from timbre.taxpayers.models import Company
from timbre.webhooks.emit import Telling, emit
from timbre.webhooks.models import Delivery, Webhook
from timbre.work.environments import Environment


def _asked(company: Company, **changes: object) -> dict[str, object]:
    return {
        "master_entity_id": company.entity_id,
        "url": "http://127.0.0.1:9/x",
        "events": ["document.issued"],
        "secret": "un secreto bien largo",
    } | changes


def test_a_webhook_is_created_read_changed_tried_and_deleted(caller: Caller, company: Company) -> None:
    response = caller.post("/v2/webhooks/", _asked(company))
    created = response.json()
    assert response.status_code == 201
    assert created["id"].startswith("dowe_")
    assert (created["secret"], created["environment"], created["api_version"]) == (
        "un secreto bien largo",
        "sandbox",
        2,
    )
    assert created["events_display"] == ["Emitido"]
    path = f"/v2/webhooks/{created['id']}/"
    assert caller.get(path).json() == created | {"secret": None}
    changed = caller.patch(path, {"events": ["document.paid"], "is_active": True}).json()
    assert changed["events"] == ["document.paid"]
    assert caller.post(f"{path}test/").status_code == 202
    assert Delivery.objects.get().event.type == "webhook.test"
    assert caller.delete(path).status_code == 204
    assert error_of(caller.get(path))["code"] == "resource_missing"


def test_a_secret_is_made_when_none_is_given(caller: Caller, company: Company) -> None:
    told = caller.post("/v2/webhooks/", _asked(company, secret=None)).json()
    assert len(told["secret"]) >= 32


def test_webhooks_are_listed_by_company(caller: Caller, company: Company) -> None:
    caller.post("/v2/webhooks/", _asked(company))
    told = caller.get("/v2/webhooks/", master_entity_id=company.entity_id).json()
    assert (len(told["data"]), told["meta"]["total"], told["links"]) == (1, 1, {"next": None, "prev": None})
    assert caller.get("/v2/webhooks/", master_entity_id="ment_x").json()["data"] == []


def test_all_webhooks_come_at_once_to_a_client_that_cannot_ask_for_the_next_page(
    caller: Caller, company: Company
) -> None:
    other = enrol(company.scope, "39003003-7", "Otra")
    for number in range(25):
        of = company if number < 20 else other
        caller.post("/v2/webhooks/", _asked(of, url=f"http://127.0.0.1:9/{number}"))
    told = caller.get("/v2/webhooks/").json()
    assert len(told["data"]) == 25
    assert told["meta"] == {"page": 1, "page_size": 200, "total": 25, "total_pages": 1}
    assert len(caller.get("/v2/webhooks/", page_size="20", page="2").json()["data"]) == 5


def test_the_same_url_twice_in_a_company_is_refused(caller: Caller, company: Company) -> None:
    first = caller.post("/v2/webhooks/", _asked(company)).json()["id"]
    error = error_of(caller.post("/v2/webhooks/", _asked(company)))
    assert (error["code"], error["resource"]) == ("webhook_url_taken", first)


def test_a_webhook_is_nobody_elses(caller: Caller, stranger: Caller, company: Company) -> None:
    path = f"/v2/webhooks/{caller.post('/v2/webhooks/', _asked(company)).json()['id']}/"
    assert stranger.get(path).status_code == 404
    assert stranger.patch(path, {"is_active": False}).status_code == 404
    assert stranger.delete(path).status_code == 404
    assert stranger.post(f"{path}test/").status_code == 404
    assert error_of(stranger.post("/v2/webhooks/", _asked(company)))["param"] == "master_entity_id"
    assert Webhook.objects.get().is_active


def test_a_sandbox_key_cannot_have_what_is_production_s(caller: Caller, company: Company) -> None:
    for environment in ("both", "production"):
        response = caller.post("/v2/webhooks/", _asked(company, environment=environment))
        error = error_of(response)
        assert (response.status_code, error["code"], error["param"]) == (
            403,
            "environment_not_allowed",
            "environment",
        )
    assert not Webhook.objects.exists()
    told = caller.post("/v2/webhooks/", _asked(company, environment="sandbox")).json()
    response = caller.patch(f"/v2/webhooks/{told['id']}/", {"environment": "both"})
    assert response.status_code == 403


def test_a_production_key_may_ask_for_both(company: Company) -> None:
    caller, twin = make_key(company.user, Environment.PRODUCTION), enrol(Scope(company.user_id, "production"))
    asked = _asked(twin, url="https://1.1.1.1/", environment="both")
    told = caller.post("/v2/webhooks/", asked).json()
    assert told["environment"] == "both"
    assert caller.get(f"/v2/webhooks/{told['id']}/").json()["environment"] == "both"


def test_events_are_read_on_from_a_cursor(caller: Caller, company: Company) -> None:
    for number in range(5):
        kind = "document.issued" if number % 2 else "document.issue_failed"
        emit(
            [Telling(type=kind, company=company, data={"n": number}, batch_id=f"doba_{number}")],
            now=timezone.now(),
        )
    first = caller.get("/v2/events/", limit="2").json()
    assert (first["object"], first["url"], first["has_more"]) == ("list", "/v2/events", True)
    assert [each["data"]["object"]["n"] for each in first["data"]] == [0, 1]
    assert first["data"][0]["data"]["object"] == {
        "n": 0,
        "is_sandbox": True,
        "sequence": first["data"][0]["id"],
        "api_version": 2,
        "pdf_file": None,
        "xml_file": None,
    }
    rest = caller.get("/v2/events/", starting_after=str(first["data"][-1]["id"])).json()
    assert [each["data"]["object"]["n"] for each in rest["data"]] == [2, 3, 4]
    assert rest["has_more"] is False


def numbers(caller: Caller, **query: object) -> list[int]:
    return [event["data"]["object"]["n"] for event in caller.get("/v2/events/", **query).json()["data"]]


def test_events_are_narrowed_by_type_batch_document_and_company(caller: Caller, company: Company) -> None:
    other = enrol(company.scope, "76111111-6")
    for number, told in enumerate(
        [
            {"type": "document.issued", "company": company, "batch_id": "doba_1", "document_id": "docu_1"},
            {"type": "document.paid", "company": company, "batch_id": "doba_1", "document_id": "docu_1"},
            {"type": "document.issued", "company": other, "batch_id": "doba_2", "document_id": "docu_2"},
            {"type": "batch.completed", "company": other, "batch_id": "doba_2"},
        ]
    ):
        emit([Telling(data={"n": number}, **told)], now=timezone.now())  # type: ignore[arg-type]
    assert numbers(caller, type="document.issued") == [0, 2]
    assert numbers(caller, types="document.paid,batch.completed") == [1, 3]
    assert numbers(caller, type=["document.paid", "document.issued"]) == [0, 1, 2]
    assert numbers(caller, batch_id="doba_1") == [0, 1]
    assert numbers(caller, document_id="docu_2") == [2]
    assert numbers(caller, master_entity_id=other.entity_id) == [2, 3]
    assert numbers(caller, master_entity_id=other.entity_id, type="batch.completed", batch_id="doba_2") == [3]
    assert numbers(caller, type="document.cancelled") == numbers(caller, batch_id="doba_3") == []


def test_an_event_type_there_is_none_of_is_told_rather_than_answered_with_nothing(caller: Caller) -> None:
    response = caller.get("/v2/events/", types="document.issued,document.eaten")
    assert response.status_code == 400
    error = error_of(response)
    assert (error["code"], error["param"]) == ("event_type_invalid", "types")
    assert "document.eaten" in error["message"]


def test_events_are_nobody_elses(caller: Caller, stranger: Caller, company: Company) -> None:
    emit([Telling(type="document.issued", company=company, data={})], now=timezone.now())
    assert stranger.get("/v2/events/").json()["data"] == []
    assert (
        error_of(stranger.get("/v2/events/", master_entity_id=company.entity_id))["code"]
        == "resource_missing"
    )
    assert len(caller.get("/v2/events/").json()["data"]) == 1
