"""Every type the portal issues, and drafts of those it does not, by the published client, unmodified."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pypdfium2
import pytest
import tupana
from lxml import etree
from tupana.webhooks import construct_webhook_event

from customers import Customer
from evidence import SII, check_pdf, check_signed

TIPOS = Path(__file__).parents[2] / "examples" / "tipos"
OF_THE_PORTAL = ["33", "34", "46", "52", "56", "61", "110"]
NOT_OF_THE_PORTAL = ["39", "41", "111", "112"]
AMOUNTS = {
    "net_amount": "MntNeto",
    "exempt_amount": "MntExe",
    "iva_rate": "TasaIVA",
    "iva_amount": "IVA",
    "total_amount": "MntTotal",
}


def example(tipo: str, **changes: Any) -> dict[str, Any]:
    """The document of the type's example."""
    (document,) = json.loads((TIPOS / f"{tipo}.json").read_text())["documents"]
    return {**document, **changes}


def guide(**changes: Any) -> dict[str, Any]:
    """The example's guide with prices, less what the portal has no field for."""
    return example(
        "52",
        details=[{"item_name": "Horno giratorio", "quantity": 2, "unit_price": 450_000}],
        transport_data={"transport_type": "1", "transport_plate": "ABCD12"},
        **changes,
    )


def naming(told: dict[str, Any], reason: str, **more: Any) -> dict[str, Any]:
    """A reference to a document that was told as issued."""
    return {
        "dte_type_code": told["dte_type_code"],
        "reference_folio": told["folio"],
        "reference_date": told["date_issued"],
        "reference_reason": reason,
        **more,
    }


def issue(customer: Customer, *documents: dict[str, Any]) -> list[dict[str, Any]]:
    """The documents as they stand once their batch has ended, all of them issued."""
    client = customer.tupana.documents
    accepted = client.create_batch(documents, use_defaults=True)
    batch = client.wait_for_batch(accepted["batch_id"], interval=0.2)
    assert [entry["status"] for entry in batch["documents"]] == ["success"] * len(documents), batch
    return [dict(client.retrieve(entry["document"]["id"])) for entry in batch["documents"]]


def test_every_type_of_the_portal_ends_as_signed_xml_with_its_stamp_on_paper(customer: Customer) -> None:
    customer.enrol()
    direct = [example("33", external_id="33"), *(example(each) for each in ("34", "46", "110")), guide()]
    factura, *_, guia = first = issue(customer, *direct)
    notes = issue(
        customer,
        example("33", details=guide()["details"], references=[naming(guia, "Guía facturada")]),
        example("56", references=[naming(factura, "Corrige montos: flete", correction_code="3")]),
        example(
            "61",
            details=direct[0]["details"],
            references=[naming(factura, "ANULA DOCUMENTO DE LA REFERENCIA")],
        ),
    )
    issued = first + notes
    assert {each["dte_type_code"] for each in issued} == set(OF_THE_PORTAL)
    customer.wait_for("document.issued", len(issued))
    arrived = [
        construct_webhook_event(body, headers, customer.inbox.secret)
        for body, headers in customer.inbox.deliveries
    ]
    told = {each["data"]["id"]: each["data"] for each in arrived if each["event"] == "document.issued"}
    for document in issued:
        event = told[document["id"]]
        xml, pdf = (httpx.get(event[f"{kind}_file"]).content for kind in ("xml", "pdf"))
        check_pdf(pdf, xml)
        read = check_signed(xml)
        assert xml.decode("iso-8859-1") == document["xml"]
        assert event["document_total"] == document["document_total"]
        assert text_of(read, "Folio") == event["folio"] == document["folio"]
        assert_told_as_written(document["document_total"], read)
    named = {each["id"]: customer.tupana.documents.retrieve(each["id"]) for each in (factura, guia)}
    assert [each["dte_type_code"] for each in named[guia["id"]]["referenced_by"]] == ["33"]
    assert {each["dte_type_code"] for each in named[factura["id"]]["referenced_by"]} == {"56", "61"}
    assert named[factura["id"]]["has_credit_note"] is True


def assert_told_as_written(told: dict[str, Any], xml: etree._Element) -> None:
    """The totals that are told are those of the signed XML."""
    totales = xml.find(f".//{SII}Totales")
    assert totales is not None
    for name, tag in AMOUNTS.items():
        written = totales.findtext(f"{SII}{tag}")
        assert Decimal(str(told[name] or 0)) == Decimal(written or 0), (name, written)
    taxes = [
        (each.findtext(f"{SII}TipoImp"), Decimal(each.findtext(f"{SII}MontoImp") or 0))
        for each in totales.iter(f"{SII}ImptoReten")
    ]
    assert [(each["code"], Decimal(str(each["amount"]))) for each in told["other_taxes"]] == taxes
    assert Decimal(str(told["total_amount"])) > 0


def text_of(xml: etree._Element, tag: str) -> str:
    found: str = xml.findtext(f".//{SII}{tag}") or ""
    return found


def test_an_issued_document_is_corrected_then_annulled_and_says_by_which_notes(customer: Customer) -> None:
    customer.enrol()
    (factura,) = issue(customer, example("33"))
    asked = {
        "correct": {"text": {"says": "Harina de trigo 25 kg", "should_say": "Harina de trigo 20 kg"}},
        "annul": {"reason": "pedido repetido"},
    }
    notes = {}
    for verb, body in asked.items():
        accepted = customer.tupana.request("POST", f"/documents/{factura['id']}/{verb}/", body=body)
        batch = customer.tupana.documents.wait_for_batch(accepted["batch_id"], interval=0.2)
        note = customer.tupana.documents.retrieve(batch["documents"][0]["document"]["id"])
        notes[verb] = check_signed(note["xml"].encode("iso-8859-1"))
    totals = {verb: text_of(note, "MntTotal") for verb, note in notes.items()}
    codes = {verb: text_of(note, "CodRef") for verb, note in notes.items()}
    whole = str(int(factura["document_total"]["total_amount"]))
    assert (totals, codes) == ({"correct": "0", "annul": whole}, {"correct": "2", "annul": "1"})
    told = customer.tupana.documents.retrieve(factura["id"])
    assert told["has_credit_note"] is True
    assert {(each["dte_type_code"], each["correction_code"]) for each in told["referenced_by"]} == {
        ("61", "1"),
        ("61", "2"),
    }
    with pytest.raises(tupana.ConflictError) as again:
        customer.tupana.request("POST", f"/documents/{factura['id']}/annul/", body={})
    assert again.value.code == "already_annulled"


def test_what_the_portal_does_not_issue_can_be_drafted_and_looked_at(customer: Customer) -> None:
    customer.enrol()
    asked = [example(tipo) for tipo in NOT_OF_THE_PORTAL]
    kept = customer.tupana.documents.create_batch(asked, use_defaults=True, state="draft", preview=True)
    for index, entry in enumerate(kept["documents"]):
        draft = entry["document"]
        assert (draft["is_draft"], draft["can_be_issued"], draft["folio"]) == (True, False, None)
        warned = {each["code"] for each in kept["warnings"] if each["document_index"] == index}
        assert "dte_type_not_available" in warned
        printed = text_on(httpx.get(draft["pdf_url"]).content)
        assert "VISTA PREVIA" in printed
        assert "SIN VALIDEZ" in printed
        with pytest.raises(tupana.UnprocessableEntityError) as refused:
            customer.tupana.request("POST", f"/documents/{draft['id']}/issue/")
        assert refused.value.code == "dte_type_not_available"
        assert customer.tupana.documents.retrieve(draft["id"])["state"] == "draft"
    assert customer.told("document.issued") == []


def test_what_the_portal_does_not_issue_is_refused_by_name_each_at_its_place(customer: Customer) -> None:
    entity = customer.enrol()
    asked = [example("33"), *(example(tipo) for tipo in NOT_OF_THE_PORTAL)]
    with pytest.raises(tupana.UnprocessableEntityError) as refused:
        customer.tupana.documents.create_batch(asked, use_defaults=True)
    told = {(each["code"], each["param"]) for each in refused.value.body["error"]["errors"]}
    for index in range(1, len(asked)):
        assert ("dte_type_not_available", f"documents.{index}.dte_type.code") in told
    assert not [param for _, param in told if param.startswith("documents.0.")]
    assert customer.tupana.documents.list(entity)["data"] == []


def text_on(pdf: bytes) -> str:
    """All the text of all its pages."""
    document = pypdfium2.PdfDocument(pdf)
    printed = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return printed


def test_each_batch_of_the_examples_and_of_the_page_of_types_is_accepted_as_it_stands(
    customer: Customer,
) -> None:
    customer.enrol()
    page = (TIPOS.parents[1] / "docs" / "tipos.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    files = [(TIPOS / f"{tipo}.json").read_text() for tipo in OF_THE_PORTAL + NOT_OF_THE_PORTAL]
    seen = set()
    for batch in map(json.loads, [*shown, *files]):
        kept = customer.tupana.request("POST", "/documents/batch/", body=batch | {"state": "draft"})
        for draft in (entry["document"] for entry in kept["documents"]):
            seen.add(draft["dte_type"]["code"])
            assert draft["can_be_issued"] is (draft["dte_type"]["code"] in OF_THE_PORTAL)
    assert (len(files), seen) == (11, {*OF_THE_PORTAL, *NOT_OF_THE_PORTAL})
    assert len(shown) >= len(seen)
