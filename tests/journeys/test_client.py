"""The published client, unmodified, against real processes."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import tupana
from tupana import AsyncTupana, Tupana
from tupana.webhooks import construct_webhook_event

from customers import COMPANY, Customer, invoice, new_rut
from evidence import check_pdf, check_xml
from timbre.cli.installation import Installation

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_a_batch_ends_as_xml_and_pdf_the_sii_would_accept(customer: Customer) -> None:
    customer.enrol()
    documents = json.loads((EXAMPLES / "facturas.json").read_text())["documents"]
    accepted = customer.tupana.documents.create_batch(documents, use_defaults=True)
    batch = customer.tupana.documents.wait_for_batch(accepted["batch_id"], interval=0.2)
    assert batch["status"] == "completed"
    assert [entry["status"] for entry in batch["documents"]] == ["success"] * len(documents)
    for told in customer.wait_for("document.issued", len(documents)):
        xml, pdf = (httpx.get(told[f"{kind}_file"]).content for kind in ("xml", "pdf"))
        read = check_xml(xml)
        check_pdf(pdf, xml)
        assert (read.emisor_rut.canonical, str(read.folio)) == (COMPANY, told["folio"])
        assert read.monto_total == told["document_total"]["total_amount"]


def test_a_document_tells_its_files_and_its_history(customer: Customer) -> None:
    customer.enrol()
    accepted = customer.tupana.documents.create_batch([invoice()], use_defaults=True)
    customer.tupana.documents.wait_for_batch(accepted["batch_id"], interval=0.2)
    document = customer.tupana.documents.retrieve(accepted["documents"][0]["document"]["id"])
    xml = document["xml"].encode("iso-8859-1")
    assert str(check_xml(xml).folio) == document["folio"]
    check_pdf(httpx.get(document["pdf"]).content, xml)
    states = customer.tupana.documents.list_states(document["id"])["states"]
    assert len(states) >= 2


def test_a_delivery_is_what_the_client_verifies(customer: Customer) -> None:
    customer.enrol()
    customer.tupana.documents.create_batch([invoice()], use_defaults=True)
    customer.wait_for("document.issued", 1)
    for body, headers in customer.inbox.deliveries:
        event = construct_webhook_event(body, headers, customer.inbox.secret)
        assert event["event"] == headers["X-Pana-Event-Type"]
    with pytest.raises(tupana.WebhookVerificationError):
        construct_webhook_event(body + b" ", headers, customer.inbox.secret)


def test_the_same_key_and_body_issue_once(customer: Customer) -> None:
    customer.enrol()
    again = [
        customer.tupana.documents.create_batch([invoice()], use_defaults=True, idempotency_key="pedido-1")
        for _ in range(3)
    ]
    assert len({answer["batch_id"] for answer in again}) == 1
    with pytest.raises(tupana.ConflictError):
        customer.tupana.documents.create_batch([invoice(2)], use_defaults=True, idempotency_key="pedido-1")


def test_all_pages_are_listed_in_turn(customer: Customer) -> None:
    entity = customer.enrol()
    accepted = customer.tupana.documents.create_batch([invoice(n) for n in range(12)], use_defaults=True)
    customer.tupana.documents.wait_for_batch(accepted["batch_id"], interval=0.2)
    listed = [document["id"] for document in customer.tupana.documents.list_auto_paging(entity, page_size=5)]
    assert sorted(listed) == sorted(entry["document"]["id"] for entry in accepted["documents"])
    folio = customer.tupana.documents.retrieve(listed[0])["folio"]
    (found,) = customer.tupana.documents.list(entity, folio=folio)["data"]
    assert found["id"] == listed[0]


def test_paid_and_unpaid_are_registered_and_told(customer: Customer) -> None:
    customer.enrol()
    accepted = customer.tupana.documents.create_batch([invoice()], use_defaults=True)
    customer.tupana.documents.wait_for_batch(accepted["batch_id"], interval=0.2)
    document = accepted["documents"][0]["document"]["id"]
    for code, is_paid in (("PAID", True), ("UNPAID", False)):
        customer.tupana.documents.create_state(document, {"event_code": code})
        assert customer.tupana.documents.retrieve(document)["is_paid"] is is_paid
    assert customer.wait_for("document.paid", 1)[0]["id"] == document
    assert customer.wait_for("document.unpaid", 1)[0]["id"] == document


def test_errors_are_the_clients_own_types(customer: Customer, installation: Installation) -> None:
    customer.enrol()
    with pytest.raises(tupana.NotFoundError):
        customer.tupana.documents.retrieve("docu_0000000000000000")
    with pytest.raises(tupana.UnprocessableEntityError) as faulty:
        customer.tupana.documents.create_batch([invoice(details=[])], use_defaults=True)
    assert faulty.value.body
    with pytest.raises(tupana.BadRequestError) as absent:
        customer.tupana.payment_requests.list()
    assert absent.value.code == "not_available"
    nobody = Tupana(api_key="tk_sandbox_nobody", base_url=f"{installation.url}/v2")
    with nobody, pytest.raises(tupana.AuthenticationError):
        nobody.connections.list()


def test_nobody_sees_what_is_somebody_elses(
    customer: Customer, arrive: Callable[[Installation], Customer], installation: Installation
) -> None:
    entity = customer.enrol()
    accepted = customer.tupana.documents.create_batch([invoice()], use_defaults=True)
    stranger = arrive(installation).tupana
    for look in (
        lambda: stranger.documents.retrieve_batch(accepted["batch_id"]),
        lambda: stranger.documents.retrieve(accepted["documents"][0]["document"]["id"]),
        lambda: stranger.webhooks.retrieve(customer.tupana.webhooks.list()["data"][0]["id"]),
    ):
        with pytest.raises(tupana.NotFoundError):
            look()
    with pytest.raises((tupana.NotFoundError, tupana.PermissionDeniedError)):
        stranger.documents.list(entity)
    assert stranger.connections.list()["data"] == []


def test_a_connection_is_listed_and_cut(customer: Customer) -> None:
    entity = customer.enrol()
    (connection,) = customer.tupana.connections.list()["data"]
    assert (connection["company_id"], connection["status"]) == (entity, "active")
    customer.tupana.connections.deactivate(connection["connection_id"])
    with pytest.raises(tupana.APIError) as refused:
        customer.tupana.documents.create_batch([invoice()], use_defaults=True)
    assert refused.value.code == "no_active_credentials"


def test_a_webhook_is_kept_changed_and_deleted(customer: Customer) -> None:
    entity = customer.enrol()
    (webhook,) = customer.tupana.webhooks.list(master_entity_id=entity)["data"]
    changed = customer.tupana.webhooks.update(webhook["id"], {"events": ["document.paid"]})
    assert changed["events"] == ["document.paid"]
    customer.tupana.webhooks.delete(webhook["id"])
    with pytest.raises(tupana.NotFoundError):
        customer.tupana.webhooks.retrieve(webhook["id"])


def test_a_company_is_looked_up_with_its_addresses_once_somebody_can_ask(customer: Customer) -> None:
    customer.enrol()
    rut = new_rut()
    found = customer.tupana.master_entities.lookup(rut)
    assert found["addresses"]
    assert found["activities"]


def test_the_asynchronous_client_works_as_well(customer: Customer, installation: Installation) -> None:
    entity = customer.enrol()

    async def journey() -> list[str]:
        async with AsyncTupana(api_key=customer.key, base_url=f"{installation.url}/v2") as client:
            accepted = await client.documents.create_batch([invoice(n) for n in range(3)], use_defaults=True)
            batch = await client.documents.wait_for_batch(accepted["batch_id"], interval=0.2)
            assert batch["status"] == "completed"
            return [found["id"] async for found in client.documents.list_auto_paging(entity, page_size=2)]

    assert len(asyncio.run(journey())) == 3
