"""Drafts over HTTP: kept, looked at, issued once, discarded; and what is said when that cannot be."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from calling import Caller, error_of, factura
from timbre.accounts.models import AuditEntry
from timbre.issuing.models import Batch, Document, State
from timbre.taxpayers.models import Company, Credential
from timbre.webhooks.models import Event
from timbre.work.models import Lane

pytestmark = pytest.mark.django_db
ELEVEN = [{"item_name": "Silla", "quantity": 1, "unit_price": 1000}] * 11


def keep(caller: Caller, *documents: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The answer to a batch of drafts."""
    asked = {"documents": list(documents) or [factura()], "use_default": True, "state": "draft"}
    response = caller.post("/v2/documents/batch/", asked | more)
    assert response.status_code == 202, response.content
    answer: dict[str, Any] = response.json()
    return answer


def id_of(answer: dict[str, Any], index: int = 0) -> str:
    return str(answer["documents"][index]["document"]["id"])


def test_drafts_are_kept_without_a_folio_a_lane_or_an_event(enrolled: Company, caller: Caller) -> None:
    answer = keep(caller, factura(), factura(details=ELEVEN))
    assert answer["status"] == "created"
    first, second = answer["documents"]
    assert first["status"] == second["status"] == "created"
    assert first["document"]["is_draft"] is second["document"]["is_draft"] is True
    assert [each["document"]["can_be_issued"] for each in (first, second)] == [True, False]
    assert first["document"]["folio"] is first["document"]["pdf_url"] is None
    (warning,) = [each for each in answer["warnings"] if each["code"] == "detail_line_limit"]
    assert (warning["document_index"], warning["field"]) == (1, "details")
    assert not Lane.objects.exclude(due_at=None).exists()
    assert not Event.objects.exists()
    assert AuditEntry.objects.get(action="batch.drafted").target == answer["batch_id"]


def test_a_preview_is_a_page_behind_a_link_that_runs_out(
    enrolled: Company, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = keep(caller, preview=True)["documents"][0]["document"]
    assert told["pdf_url"] == told["pdf_download_url"]
    path = "/files/" + told["pdf_url"].partition("/files/")[2]
    page = Client().get(path)
    assert (page.status_code, page["Content-Type"]) == (200, "application/pdf")
    assert page.content.startswith(b"%PDF-")
    assert page["Cache-Control"] == "private, no-store"
    later = timezone.now() + timedelta(hours=2)
    with monkeypatch.context() as patched:
        patched.setattr("django.utils.timezone.now", lambda: later)
        assert Client().get(path).status_code == 404
    Document.objects.update(state=State.SENDING)
    assert Client().get(path).status_code == 404


def test_a_preview_of_what_is_no_draft_is_refused(
    enrolled: Company, caller: Caller, nothing_is_saved: None
) -> None:
    for state in ({}, {"state": "issued"}):
        response = caller.post("/v2/documents/batch/", {"documents": [factura()], "preview": True} | state)
        assert (response.status_code, error_of(response)["code"]) == (400, "preview_without_draft")
        assert error_of(response)["param"] == "preview"


def test_the_preview_tells_each_step_to_the_totals(enrolled: Company, caller: Caller) -> None:
    line = {"item_name": "Pan", "quantity": 3, "unit_price": "33.5"}
    pk = id_of(keep(caller, factura(details=[line])))
    told = caller.get(f"/v2/documents/{pk}/preview/").json()
    assert told["is_draft"] is told["can_be_issued"] is True
    assert told["document_total"]["total_amount"] == told["steps"][-1]["amount"] == 120
    # 3 x 33.5 = 100.5, which rounds away from zero; its IVA is 19.19.
    assert ("100.5", 101) in {(step["exact"], step["amount"]) for step in told["steps"]}
    assert ("19.19", 19) in {(step["exact"], step["amount"]) for step in told["steps"]}
    Document.objects.update(state=State.SENDING)
    told = caller.get(f"/v2/documents/{pk}/preview/").json()
    assert told["pdf_url"] is None
    assert told["can_be_issued"] is False


def test_a_draft_is_issued_once(enrolled: Company, caller: Caller) -> None:
    answer = keep(caller)
    path = f"/v2/documents/{id_of(answer)}/issue/"
    first = caller.post(path, **{"Idempotency-Key": "una"})
    assert (first.status_code, first.json()["state"]) == (202, "received")
    again = caller.post(path, **{"Idempotency-Key": "una"})
    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    refused = caller.post(path)
    assert (refused.status_code, error_of(refused)["code"]) == (409, "draft_already_issued")
    assert Lane.objects.exclude(due_at=None).count() == 1
    assert Batch.objects.get().status == "processing"
    told = caller.get(f"/v2/documents/batch/{answer['batch_id']}/").json()["documents"][0]["document"]
    assert (told["is_draft"], told["can_be_issued"], told["pdf_url"]) == (False, True, None)
    assert AuditEntry.objects.filter(action="document.issue_asked").count() == 1


def test_what_cannot_be_issued_says_where_and_stays_a_draft(enrolled: Company, caller: Caller) -> None:
    pk = id_of(keep(caller, factura(details=ELEVEN)))
    refused = caller.post(f"/v2/documents/{pk}/issue/")
    assert refused.status_code == 422
    assert error_of(refused)["param"] == "documents.0.details"
    assert Document.objects.get().state == State.DRAFT
    Credential.objects.update(status=Credential.Status.INVALID)
    refused = caller.post(f"/v2/documents/{pk}/issue/")
    assert (refused.status_code, error_of(refused)["code"]) == (400, "no_active_credentials")


def test_a_draft_is_discarded_and_nothing_else_is(enrolled: Company, caller: Caller) -> None:
    answer = keep(caller, factura(external_id="uno"), factura(external_id="dos"))
    first, second = id_of(answer), id_of(answer, 1)
    assert caller.delete(f"/v2/documents/{first}/").status_code == 204
    assert caller.delete(f"/v2/documents/{first}/").status_code == 404
    assert caller.post(f"/v2/documents/{first}/issue/").status_code == 404
    caller.post(f"/v2/documents/{second}/issue/")
    refused = caller.delete(f"/v2/documents/{second}/")
    assert (refused.status_code, error_of(refused)["code"]) == (409, "document_not_draft")
    assert AuditEntry.objects.get(action="document.discarded").target == first
    assert caller.patch(f"/v2/documents/{second}/", {}).status_code == 405


def test_a_key_keeps_drafts_once_and_an_external_id_names_one(enrolled: Company, caller: Caller) -> None:
    asked = {"documents": [factura(external_id="uno")], "use_default": True, "state": "draft"}
    first = caller.post("/v2/documents/batch/", asked, **{"Idempotency-Key": "k"})
    again = caller.post("/v2/documents/batch/", asked, **{"Idempotency-Key": "k"})
    assert first.json() == again.json()
    other = caller.post("/v2/documents/batch/", asked | {"state": "issued"}, **{"Idempotency-Key": "k"})
    assert error_of(other)["code"] == "idempotency_key_reused"
    for state in ("draft", "issued"):
        refused = caller.post("/v2/documents/batch/", asked | {"state": state})
        assert (refused.status_code, error_of(refused)["code"]) == (409, "external_id_used")
    assert Document.objects.count() == 1


def test_drafts_are_among_what_is_created_in_lists(enrolled: Company, caller: Caller) -> None:
    answer = keep(caller)
    caller.issue(factura(external_id="otra"))
    found = caller.get("/v2/documents/", status="created").json()["data"]
    assert {each["state"] for each in found} == {"draft", "received"}
    told = caller.get(f"/v2/documents/{id_of(answer)}/").json()
    assert (told["state"], told["status"], told["folio"], told["xml"]) == ("draft", "created", None, None)
    assert "/files/" in told["pdf_url"]
    (line,) = caller.get("/v2/documents/batch/", status="created").json()["data"]
    assert line["id"] == answer["batch_id"]


def test_what_is_wrong_with_a_draft_itself_is_told_by_document_and_nothing_is_saved(
    enrolled: Company, caller: Caller, nothing_is_saved: None
) -> None:
    wrong = factura(details=[{"item_name": "Pan", "quantity": 1, "unit_price": -1}])
    asked = {"documents": [factura(), wrong], "use_default": True, "state": "draft"}
    response = caller.post("/v2/documents/batch/", asked)
    assert response.status_code == 422
    assert set(response.json()["documents"]) == {"1"}
