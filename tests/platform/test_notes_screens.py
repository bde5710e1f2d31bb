"""Annulling and correcting on screen: asked first, with what was typed kept, and told on both pages."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from offices import Office, documents_of, enrolled, factura, folios, office
from timbre.accounts.models import User
from timbre.issuing.models import Document, State
from timbre.platform.documents.note_forms import Number
from timbre.work.environments import Environment
from visiting import Visitor, text_of

__all__ = ["enrolled", "folios", "office"]
TYPED = {"kind": "discount", "item_name": "Rebaja", "quantity": "1", "unit_price": "1.500,5"}


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
    wrong = visitor.post(form, TYPED | {"kind": kind, "unit_price": "mucho"}, page=form)
    assert (wrong.status_code, "mucho" in text_of(wrong)) == (422, True)
    assert visitor.post(form, TYPED | {"kind": kind}, page=form).status_code == 302
    enrolled.work()
    # 1,500.5 is 1,501 pesos, and 19 % of them 285
    assert (note().tipo, note().total, note().state) == (tipo, 1786, State.DONE)


def test_a_note_can_be_kept_as_a_draft(visitor: Visitor, invoice: Document) -> None:
    form = at(invoice, "correct-amounts")
    visitor.post(form, TYPED | {"guardar": "borrador"}, page=form)
    assert note().state == State.DRAFT
    assert at(invoice, "annul") in text_of(visitor.get(at(invoice, "one")))


def test_what_the_rules_refuse_stands_beside_its_field(visitor: Visitor, invoice: Document) -> None:
    form = at(invoice, "correct-amounts")
    wrong = visitor.post(form, TYPED | {"unit_price": "0,12345678"}, page=form)
    assert wrong.status_code == 422
    assert 'id="id_unit_price_error"' in text_of(wrong)


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
