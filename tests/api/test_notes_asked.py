"""Annulling and correcting over HTTP: a note for each type, told both ways, and what is refused by name."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calling import Caller, error_of, example, factura, line
from timbre.accounts.models import AuditEntry
from timbre.issuing.models import Batch, Document, State

pytestmark = pytest.mark.usefixtures("enrolled")
NOTES = {
    "33": "61", "34": "61", "39": "61", "41": "61", "46": "61", "56": "61",
    "61": "56", "110": "112", "111": "112", "112": "111",
}  # fmt: skip
"""What annuls what."""
WRONG = {"says": "Marraqueta", "should_say": "Hallulla"}


def hold(caller: Caller, asked: dict[str, Any] | None = None, folio: int = 7) -> Document:
    """A document as it stands once the SII has issued it."""
    body = {"use_default": True, "state": "draft", "documents": [asked or factura()]}
    response = caller.post("/v2/documents/batch/", body)
    assert response.status_code == 202, response.content.decode()
    return settle(response.json(), folio)


def settle(answer: dict[str, Any], folio: int) -> Document:
    pk = answer["documents"][0]["document"]["id"]
    Document.objects.filter(pk=pk).update(state=State.DONE, folio=folio)
    return Document.objects.get(pk=pk)


def ask(caller: Caller, document: Document, what: str = "annul", **body: Any) -> dict[str, Any]:
    response = caller.post(f"/v2/documents/{document.pk}/{what}/", body)
    assert response.status_code == 202, response.content.decode()
    answer: dict[str, Any] = response.json()
    return answer


def note_of(caller: Caller, answer: dict[str, Any]) -> dict[str, Any]:
    """All that is told of the one document of the answer."""
    (each,) = answer["documents"]
    told: dict[str, Any] = caller.get(f"/v2/documents/{each['document']['id']}/").json()
    return told


@pytest.mark.parametrize("tipo", NOTES)
def test_what_annuls_a_document_of_each_type_repeats_it_to_the_peso(tipo: str, caller: Caller) -> None:
    receiver = {"document_receiver": factura()["document_receiver"]} if tipo in {"39", "41"} else {}
    document = hold(caller, example(tipo, **receiver))
    note = note_of(caller, ask(caller, document, state="draft", preview=True))
    told = caller.get(f"/v2/documents/{document.pk}/").json()
    assert note["dte_type_code"] == NOTES[tipo]
    assert note["document_total"]["total_amount"] == told["document_total"]["total_amount"]
    assert note["document_total"]["other_taxes"] == told["document_total"]["other_taxes"]
    assert (note["currency"], note["exchange_rate"]) == (told["currency"], told["exchange_rate"])
    assert [each["item_name"] for each in note["details"]] == [each["item_name"] for each in told["details"]]
    assert note["references"] == [
        {
            "dte_type_code": tipo,
            "reference_folio": "7",
            "reference_date": told["date_issued"],
            "reference_reason": "ANULA DOCUMENTO DE LA REFERENCIA",
            "correction_code": "1",
        }
    ]


def test_a_guide_is_told_to_be_no_business_of_a_note(caller: Caller) -> None:
    guide = hold(caller, example("52"))
    for what, body in (("annul", {}), ("correct", {"text": WRONG})):
        response = caller.post(f"/v2/documents/{guide.pk}/{what}/", body)
        assert (response.status_code, error_of(response)["code"]) == (422, "guide_not_annulled_by_note")


def test_only_what_is_issued_is_annulled(caller: Caller) -> None:
    pk = caller.issue(factura()).json()["documents"][0]["document"]["id"]
    response = caller.post(f"/v2/documents/{pk}/annul/", {})
    assert (response.status_code, error_of(response)["code"]) == (400, "document_not_issued")


def test_a_note_is_accepted_as_a_batch_of_one_and_a_second_is_told_the_first(caller: Caller) -> None:
    document = hold(caller)
    answer = ask(caller, document, reason="Se vendió a otro")
    assert (answer["status"], answer["total_documents"]) == ("processing", 1)
    note = answer["documents"][0]["document"]["id"]
    assert AuditEntry.objects.get(action="document.annul_asked").target == document.pk
    response = caller.post(f"/v2/documents/{document.pk}/annul/", {})
    error = error_of(response)
    assert (response.status_code, error["code"], error["resource"]) == (409, "already_annulled", note)
    assert Batch.objects.count() == 2


def test_the_reason_follows_the_phrase_of_the_sii_when_both_fit(caller: Caller) -> None:
    reasons = []
    for folio, reason in ((7, "Se vendió a otro"), (8, "x" * 57)):
        note = note_of(caller, ask(caller, hold(caller, folio=folio), reason=reason))
        reasons.append(note["references"][0]["reference_reason"])
    phrase = "ANULA DOCUMENTO DE LA REFERENCIA"
    assert reasons == [f"{phrase}: Se vendió a otro", phrase]
    response = caller.post(f"/v2/documents/{hold(caller, folio=9).pk}/annul/", {"reason": "x" * 91})
    assert error_of(response)["code"] == "field_too_long"


def test_the_same_key_gets_the_same_answer_and_another_document_with_it_a_conflict(caller: Caller) -> None:
    document, other = hold(caller), hold(caller, folio=8)
    key = {"Idempotency-Key": "anula-7"}
    first = caller.post(f"/v2/documents/{document.pk}/annul/", {}, **key)
    again = caller.post(f"/v2/documents/{document.pk}/annul/", {}, **key)
    assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")
    conflict = caller.post(f"/v2/documents/{other.pk}/annul/", {}, **key)
    assert error_of(conflict)["code"] == "idempotency_key_reused"


def test_an_invoice_says_that_it_has_a_credit_note_only_once_that_is_issued(caller: Caller) -> None:
    document = hold(caller)
    answer = ask(caller, document)
    on_its_way = caller.get(f"/v2/documents/{document.pk}/").json()
    note = settle(answer, 3)
    told = caller.get(f"/v2/documents/{document.pk}/").json()
    assert (on_its_way["has_credit_note"], told["has_credit_note"]) == (False, True)
    assert [each["folio"] for each in on_its_way["referenced_by"]] == [None]
    assert told["referenced_by"] == [
        {
            "id": note.pk,
            "dte_type_code": "61",
            "folio": "3",
            "date_issued": note.date_issued.isoformat(),
            "correction_code": "1",
            "status": "success",
        }
    ]
    listed = {each["id"]: each["has_credit_note"] for each in caller.get("/v2/documents/").json()["data"]}
    assert listed == {document.pk: True, note.pk: False}


def test_the_credit_notes_of_a_page_cost_one_query(caller: Caller) -> None:
    asked = []
    for folio in (7, 8, 9):
        settle(ask(caller, hold(caller, folio=folio)), folio)
        with CaptureQueriesContext(connection) as queries:
            caller.get("/v2/documents/")
        asked.append(len(queries))
    assert len(set(asked)) == 1


def test_a_debit_note_that_annuls_the_credit_note_leaves_the_invoice_as_it_was(caller: Caller) -> None:
    invoice = hold(caller)
    credit = settle(ask(caller, invoice), 3)
    settle(ask(caller, credit), 4)
    assert caller.get(f"/v2/documents/{invoice.pk}/").json()["has_credit_note"] is False
    assert note_of(caller, ask(caller, invoice))["dte_type_code"] == "61"


def test_a_text_is_corrected_by_a_note_of_nothing(caller: Caller) -> None:
    document = hold(caller)
    note = note_of(caller, ask(caller, document, "correct", text=WRONG))
    assert (note["dte_type_code"], note["amount_with_iva"]) == ("61", 0)
    assert note["details"][0]["item_name"] == "DONDE DICE Marraqueta DEBE DECIR Hallulla"
    assert note["references"][0]["correction_code"] == "2"
    settle({"documents": [{"document": note}]}, 3)
    assert caller.get(f"/v2/documents/{document.pk}/").json()["has_credit_note"] is False


def test_a_note_that_corrects_text_is_annulled_by_another_of_nothing(caller: Caller) -> None:
    correction = ask(caller, hold(caller), "correct", text=WRONG, state="draft")
    note = note_of(caller, ask(caller, settle(correction, 8), "annul"))
    assert (note["dte_type_code"], note["amount_with_iva"]) == ("56", 0)
    assert note["references"][0]["correction_code"] == "1"


def test_a_text_of_an_export_with_freight_is_corrected_by_a_note_of_nothing(caller: Caller) -> None:
    document = hold(caller, example("110"))
    assert document.request["export_data"]["freight_amount"]
    note = note_of(caller, ask(caller, document, "correct", text=WRONG, state="draft"))
    assert (note["dte_type_code"], note["document_total"]["total_amount"]) == ("112", 0)
    error = error_of(caller.post(f"/v2/documents/{document.pk}/correct/", {"text": WRONG}))
    assert [each["code"] for each in error["errors"]] == ["dte_type_not_available"]


@pytest.mark.parametrize("text", [{"says": ""}, {"should_say": " "}])
def test_a_text_that_says_nothing_is_no_correction(text: dict[str, str], caller: Caller) -> None:
    response = caller.post(f"/v2/documents/{hold(caller).pk}/correct/", {"text": WRONG | text})
    (name,) = text
    assert (response.status_code, error_of(response)["param"]) == (400, f"text.{name}")
    assert error_of(response)["message"] == f"«text.{name}»: No puede ir vacío."


def test_a_long_text_goes_on_in_the_description(caller: Caller) -> None:
    text = {"says": "ñ" * 300, "should_say": "o" * 300}
    (only,) = note_of(caller, ask(caller, hold(caller), "correct", text=text))["details"]
    assert only["item_name"] + only["item_description"] == f"DONDE DICE {'ñ' * 300} DEBE DECIR {'o' * 300}"
    assert len(only["item_name"]) == 80


@pytest.mark.parametrize(("kind", "tipo"), [("discount", "61"), ("increase", "56")])
def test_amounts_are_corrected_by_lines(kind: str, tipo: str, caller: Caller) -> None:
    amounts = {"kind": kind, "details": [line(unit_price=100)]}
    note = note_of(caller, ask(caller, hold(caller), "correct", amounts=amounts))
    assert (note["dte_type_code"], note["amount_with_iva"]) == (tipo, 119)
    assert note["references"][0]["correction_code"] == "3"


def test_more_credit_than_the_document_has_left_is_a_warning(caller: Caller) -> None:
    document = hold(caller, factura(details=[line(unit_price=1000)]))
    warned = []
    for price in (600, 300, 200):
        amounts = {"kind": "discount", "details": [line(unit_price=price)]}
        answer = ask(caller, document, "correct", amounts=amounts)
        warned.append("credit_exceeds_original" in {each["code"] for each in answer.get("warnings", [])})
    assert warned == [False, False, True]


@pytest.mark.parametrize("body", [{}, {"text": WRONG, "amounts": {"kind": "discount", "details": [line()]}}])
def test_one_thing_is_corrected_at_a_time(body: dict[str, Any], caller: Caller) -> None:
    response = caller.post(f"/v2/documents/{hold(caller).pk}/correct/", body)
    assert (response.status_code, error_of(response)["code"]) == (400, "parameter_invalid")


@pytest.mark.parametrize(
    ("amounts", "param"),
    [
        ({"kind": "gift", "details": [line()]}, "amounts.kind"),
        ({"kind": "discount", "details": []}, "amounts.details"),
        ({"kind": "discount", "details": [line(quantity="dos")]}, "amounts.details.0.quantity"),
        ({"kind": "discount", "details": [line(item_total=7)]}, "amounts.details.0.item_total"),
        ({"kind": "discount", "details": [line(), line(unit_price=-1)]}, "amounts.details.1.unit_price"),
        ({"kind": "increase", "details": [{"item_name": "Alza"}]}, "amounts.details.0.quantity"),
        ({"kind": "discount", "details": [line()] * 11}, "amounts.details"),
    ],
)
def test_what_is_wrong_is_told_by_its_path(amounts: dict[str, Any], param: str, caller: Caller) -> None:
    document = hold(caller)
    response = caller.post(f"/v2/documents/{document.pk}/correct/", {"amounts": amounts})
    assert response.status_code in (400, 422)
    assert error_of(response)["param"] == param
    assert Batch.objects.count() == 1


def test_a_fault_is_told_where_the_caller_wrote_it_and_the_documents_own_at_the_note(caller: Caller) -> None:
    document = hold(caller, example("46"))
    amounts = {"kind": "discount", "details": [line(unit_price=-1)]}
    body = {"date_issued": "2050-01-01", "amounts": amounts}
    response = caller.post(f"/v2/documents/{document.pk}/correct/", body)
    told = [each["param"] for each in error_of(response)["errors"]]
    assert told == ["date_issued", "amounts.details.0.unit_price", "documents.0.header.vat_withheld"]
    assert set(response.json()["documents"]["0"]) == {"header"}


def test_what_the_caller_wrote_and_the_portal_has_not_is_told_with_what_to_write_instead(
    caller: Caller,
) -> None:
    amounts = {"kind": "discount", "details": [{"item_name": "A", "quantity": 1, "gross_unit_price": 500}]}
    response = caller.post(f"/v2/documents/{hold(caller).pk}/correct/", {"amounts": amounts})
    error = error_of(response)
    assert (error["code"], error["param"]) == (
        "gross_prices_not_available",
        "amounts.details.0.gross_unit_price",
    )
    assert "usa unit_price" in error["message"]
    assert "draft" in error["message"]
    assert "documents" not in response.json()


def test_a_text_that_swells_beyond_a_line_is_told_at_the_text(caller: Caller) -> None:
    text = {"says": "&" * 500, "should_say": "<" * 500}
    response = caller.post(f"/v2/documents/{hold(caller).pk}/correct/", {"text": text})
    error = error_of(response)
    assert (error["code"], error["param"]) == ("field_too_long", "text")
    assert error["message"].startswith("Los textos no caben en la línea de la nota.")


def test_a_boleta_that_says_nobodys_name_is_told_how_else(caller: Caller) -> None:
    error = error_of(
        caller.post(f"/v2/documents/{hold(caller, example('39')).pk}/annul/", {"state": "draft"})
    )
    assert (error["code"], error["param"]) == (
        "receiver_data_incomplete",
        "documents.0.document_receiver.business_name",
    )
    assert "POST /v2/documents/batch/" in error["message"]


LOWERED = {"amounts": {"kind": "discount", "details": [line(unit_price=10)]}}


@pytest.mark.parametrize(
    ("tipo", "what", "body", "code"),
    [
        ("34", "correct", LOWERED, "mixed_exemption_not_available"),
        ("39", "annul", {}, "gross_prices_not_available"),
        ("46", "correct", LOWERED, "withholding_not_available"),
        ("110", "annul", {}, "dte_type_not_available"),
    ],
)
def test_what_the_portal_cannot_carry_is_told_with_what_to_do(
    tipo: str, what: str, body: dict[str, Any], code: str, caller: Caller
) -> None:
    response = caller.post(f"/v2/documents/{hold(caller, example(tipo)).pk}/{what}/", body)
    told = {each["code"]: each["message"] for each in response.json()["error"]["errors"]}
    assert response.status_code == 422
    assert "state «draft»" in told[code]


def test_credits_of_one_batch_count_together_against_what_they_annul_or_lower(caller: Caller) -> None:
    document = hold(caller, factura(details=[line(unit_price=1000)]))
    reference = {
        "dte_type_code": "33",
        "reference_folio": str(document.folio),
        "reference_date": document.date_issued.isoformat(),
        "correction_code": "3",
    }
    notes = [
        factura(dte_type={"code": "61"}, details=[line(unit_price=price)], references=[reference])
        for price in (600, 500)
    ]
    response = caller.post("/v2/documents/batch/", {"use_default": True, "documents": notes})
    assert response.status_code == 202, response.content.decode()
    told = [(each["document_index"], each["code"]) for each in response.json()["warnings"]]
    assert (1, "credit_exceeds_original") in told
    assert (0, "credit_exceeds_original") not in told
