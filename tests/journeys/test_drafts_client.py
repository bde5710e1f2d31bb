"""Drafts by the published client, unmodified, against real processes: looked at first, issued afterwards."""

import httpx
import pytest
import tupana

from customers import Customer, invoice


def test_a_draft_is_previewed_then_issued_once_and_told_like_any_document(customer: Customer) -> None:
    customer.enrol()
    client = customer.tupana.documents
    kept = client.create_batch([invoice(), invoice()], use_defaults=True, state="draft", preview=True)
    told = [entry["document"] for entry in kept["documents"]]
    for each in told:
        assert (each["is_draft"], each["can_be_issued"], each["folio"]) == (True, True, None)
    page = httpx.get(told[0]["pdf_download_url"])
    assert (page.status_code, page.content[:5]) == (200, b"%PDF-")
    first, second = (each["id"] for each in told)
    assert customer.tupana.request("POST", f"/documents/{first}/issue/")["state"] == "received"
    with pytest.raises(tupana.ConflictError, match="no se emite dos"):
        customer.tupana.request("POST", f"/documents/{first}/issue/")
    batch = client.wait_for_batch(kept["batch_id"], interval=0.2)
    assert [entry["status"] for entry in batch["documents"]] == ["success", "created"]
    (event,) = customer.wait_for("document.issued", 1)
    assert event["id"] == first
    customer.tupana.request("DELETE", f"/documents/{second}/")
    assert len(client.retrieve_batch(kept["batch_id"])["documents"]) == 1
