"""Annulling and correcting on screen: asked first, with what was typed kept, and told on both pages."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from lxml import html

from offices import Office, documents_of, enrolled, factura, folios, office
from timbre.accounts.models import User
from timbre.issuing.models import Document, State
from timbre.platform.documents.note_forms import Number
from timbre.work.environments import Environment
from visiting import Visitor, text_of

__all__ = ["enrolled", "folios", "office"]
TYPED = {"kind": "discount", "item_name_1": "Rebaja", "quantity_1": "1", "unit_price_1": "1.500,5"}


@pytest.fixture
def visitor(enrolled: Office) -> Visitor:
    return Visitor(User.objects.get(pk=enrolled.scope.user_id))


@pytest.fixture
def invoice(enrolled: Office) -> Document:
    (document,) = documents_of(enrolled.ask(factura()))
    enrolled.work()
    document.refresh_from_db()
    assert document.state == State.DONE
    return document


def at(document: Document, screen: str) -> str:
    kwargs = {"environment": Environment.SANDBOX, "document_id": document.pk}
    return reverse(f"documents-{screen}", kwargs=kwargs)


def note() -> Document:
    return Document.objects.exclude(tipo=33).get()


def test_an_invoice_is_annulled_from_its_page_which_then_says_so(
    enrolled: Office, visitor: Visitor, invoice: Document
) -> None:
    assert at(invoice, "annul") in text_of(visitor.get(at(invoice, "one")))
    asked = text_of(visitor.get(at(invoice, "annul")))
    assert "SII simulado" in asked
    assert not Document.objects.exclude(pk=invoice.pk).exists()
    answer = visitor.post(at(invoice, "annul"), {"reason": "Se vendió a otro"}, page=at(invoice, "annul"))
    assert answer["Location"] == at(note(), "one")
    page = text_of(visitor.get(at(invoice, "one")))
    assert "Por anularse" in page
    assert at(invoice, "annul") not in page
    enrolled.work()
    page = text_of(visitor.get(at(invoice, "one")))
    assert f"nota de crédito {note().folio}" in page
    assert "lo anula" in page
    assert at(invoice, "one") in text_of(visitor.get(at(note(), "one")))


def test_a_second_annulment_is_told_on_the_form(visitor: Visitor, invoice: Document) -> None:
    for _ in range(2):
        answer = visitor.post(at(invoice, "annul"), {"reason": "Doble"}, page=at(invoice, "annul"))
    assert answer.status_code == 422
    assert "ya está anulado" in text_of(answer)
    assert "Doble" in text_of(answer)
    assert note().tipo == 61


def test_a_text_is_corrected(enrolled: Office, visitor: Visitor, invoice: Document) -> None:
    form = at(invoice, "correct-text")
    wrong = visitor.post(form, {"says": "Asesoría", "should_say": "✈"}, page=form)
    assert wrong.status_code == 422
    assert "Asesoría" in text_of(wrong)
    assert "no admite estos caracteres" in text_of(wrong)
    assert visitor.post(form, {"says": "Asesoría", "should_say": "Auditoría"}, page=form).status_code == 302
    enrolled.work()
    assert (note().tipo, note().total, note().state) == (61, 0, State.DONE)


@pytest.mark.parametrize(("kind", "tipo"), [("discount", 61), ("increase", 56)])
def test_amounts_are_corrected(
    kind: str, tipo: int, enrolled: Office, visitor: Visitor, invoice: Document
) -> None:
    form = at(invoice, "correct-amounts")
    wrong = visitor.post(form, TYPED | {"kind": kind, "unit_price_1": "mucho"}, page=form)
    assert (wrong.status_code, "mucho" in text_of(wrong)) == (422, True)
    assert visitor.post(form, TYPED | {"kind": kind}, page=form).status_code == 302
    enrolled.work()
    # 1,500.5 is 1,501 pesos, and 19 % of them 285
    assert (note().tipo, note().total, note().state) == (tipo, 1786, State.DONE)


def line(number: int, **typed: str) -> dict[str, str]:
    fields = {"item_name": f"Rebaja {number}", "quantity": "2", "unit_price": "1.000"} | typed
    return {f"{field}_{number}": text for field, text in fields.items()}


BLANK = {"item_name": "", "quantity": "", "unit_price": ""}


def values(page: str) -> dict[str, str]:
    return {
        field.name: field.value or ""
        for field in html.fromstring(page).xpath("//main//fieldset//input[@type='text']")
    }


def test_another_line_is_asked_for_without_losing_what_was_typed(visitor: Visitor, invoice: Document) -> None:
    form = at(invoice, "correct-amounts")
    answer = visitor.post(form, TYPED | {"kind": "increase", "unit_price_1": "", "otra": "linea"}, page=form)
    page = text_of(answer)
    assert answer.status_code == 200
    assert values(page) == line(1, item_name="Rebaja", quantity="1", unit_price="") | line(2, **BLANK)
    assert html.fromstring(page).xpath("//input[@name='kind'][@checked]/@value") == ["increase"]
    assert "_error" not in page
    assert not Document.objects.exclude(pk=invoice.pk).exists()


def test_several_lines_are_corrected_by_one_note(
    enrolled: Office, visitor: Visitor, invoice: Document
) -> None:
    form = at(invoice, "correct-amounts")
    typed = {"kind": "discount"} | line(1) | line(2, **BLANK) | line(3, unit_price="500")
    assert visitor.post(form, typed, page=form).status_code == 302
    enrolled.work()
    assert [(each["item_name"], each["unit_price"]) for each in note().request["details"]] == [
        ("Rebaja 1", "1000"),
        ("Rebaja 3", "500"),
    ]
    assert (note().total, note().state) == (3570, State.DONE)


def test_a_fault_stands_beside_its_own_line(visitor: Visitor, invoice: Document) -> None:
    form = at(invoice, "correct-amounts")
    for refused in ("mucho", "0,12345678"):
        typed = {"kind": "discount"} | line(1) | line(2) | line(3, unit_price=refused)
        page = text_of(visitor.post(form, typed, page=form))
        assert values(page) == line(1) | line(2) | line(3, unit_price=refused)
        assert html.fromstring(page).xpath("//p[@class='fault']/@id") == ["id_unit_price_3_error"]
    half = visitor.post(form, {"kind": "discount"} | line(1) | line(2, unit_price=""), page=form)
    assert html.fromstring(text_of(half)).xpath("//p[@class='fault']/@id") == ["id_unit_price_2_error"]


def test_whether_to_lower_or_to_raise_is_never_chosen_for_the_person(
    visitor: Visitor, invoice: Document
) -> None:
    form = at(invoice, "correct-amounts")
    asked = visitor.post(form, line(1), page=form)
    assert html.fromstring(text_of(asked)).xpath("//p[@class='fault']/@id") == ["id_kind_error"]
    assert not Document.objects.exclude(pk=invoice.pk).exists()


def test_a_correction_of_no_lines_is_no_correction(visitor: Visitor, invoice: Document) -> None:
    form = at(invoice, "correct-amounts")
    wrong = visitor.post(form, {"kind": "discount"} | line(1, **BLANK) | line(2, **BLANK), page=form)
    assert (wrong.status_code, len(values(text_of(wrong)))) == (422, 3)


def test_the_portal_has_room_for_ten_lines(enrolled: Office, visitor: Visitor, invoice: Document) -> None:
    form, typed = at(invoice, "correct-amounts"), {"kind": "discount"}
    for number in range(1, 10):
        typed |= line(number, unit_price=str(number))
    assert 'name="otra"' in text_of(visitor.get(form))
    full = text_of(visitor.post(form, typed | {"otra": "linea"}, page=form))
    assert len(values(full)) == 30
    assert 'name="otra"' not in full
    eleven = typed | line(10, unit_price="10") | line(11)
    assert len(values(text_of(visitor.post(form, eleven | {"otra": "linea"}, page=form)))) == 30
    assert visitor.post(form, eleven, page=form).status_code == 302
    enrolled.work()
    assert (len(note().request["details"]), note().neto, note().state) == (10, 110, State.DONE)


def test_a_note_can_be_kept_as_a_draft(visitor: Visitor, invoice: Document) -> None:
    form = at(invoice, "correct-amounts")
    visitor.post(form, TYPED | {"guardar": "borrador"}, page=form)
    assert note().state == State.DRAFT
    assert at(invoice, "annul") in text_of(visitor.get(at(invoice, "one")))


def test_what_the_rules_refuse_stands_beside_its_field(visitor: Visitor, invoice: Document) -> None:
    form = at(invoice, "correct-amounts")
    wrong = visitor.post(form, TYPED | {"unit_price_1": "0,12345678"}, page=form)
    assert wrong.status_code == 422
    assert 'id="id_unit_price_1_error"' in text_of(wrong)


def test_what_is_not_issued_has_no_button_and_no_form(enrolled: Office, visitor: Visitor) -> None:
    (draft,) = documents_of(enrolled.ask(factura(), as_drafts=True))
    page = text_of(visitor.get(at(draft, "one")))
    for screen in ("annul", "correct-text", "correct-amounts"):
        assert at(draft, screen) not in page
        assert visitor.get(at(draft, screen))["Location"] == at(draft, "one")


@pytest.mark.parametrize(
    ("typed", "read"),
    [("1500", "1500"), ("1.500", "1500"), ("$ 1.234.567,5", "1234567.5"), ("0,25", "0.25")],
)
def test_a_number_is_read_as_chile_writes_it(typed: str, read: str) -> None:
    assert Number().clean(typed) == read


@pytest.mark.parametrize("typed", ["1.5", "0", "-1", "uno", "1.50.000", "1,5,0", "²"])
def test_no_number_is_guessed(typed: str) -> None:
    with pytest.raises(ValidationError, match="mayor que 0"):
        Number().clean(typed)
