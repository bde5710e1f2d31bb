"""A draft on screen: how it will look, how its totals come about, and a button for either end of it."""

import pytest
from django.urls import reverse

from offices import Office, documents_of, enrolled, factura, folios, office
from timbre.accounts.models import AuditEntry, User
from timbre.issuing.models import Document, State
from timbre.work.environments import Environment
from visiting import Visitor, text_of

__all__ = ["enrolled", "folios", "office"]
ELEVEN = [{"item_name": "Silla", "quantity": "1", "unit_price": "1000"}] * 11
LIST = reverse("documents", kwargs={"environment": Environment.SANDBOX})
FORM = reverse("account", kwargs={"environment": Environment.SANDBOX})
"""A page with a form, to post from."""


def press(visitor: Visitor, button: str) -> str:
    """The page that the button leads to."""
    answer = visitor.post(button, page=FORM)
    assert answer.status_code == 302
    return text_of(visitor.get(answer["Location"]))


@pytest.fixture
def visitor(enrolled: Office) -> Visitor:
    return Visitor(User.objects.get(pk=enrolled.scope.user_id))


def draft(office: Office, **changes: object) -> Document:
    (document,) = documents_of(office.ask(factura(**changes), as_drafts=True))
    return document


def at(document: Document, screen: str) -> str:
    kwargs = {"environment": Environment.SANDBOX, "document_id": document.pk}
    return reverse(f"documents-{screen}", kwargs=kwargs)


def test_a_draft_shows_its_page_its_steps_and_both_buttons_and_asks_for_nothing_by_itself(
    enrolled: Office, visitor: Visitor
) -> None:
    document = draft(enrolled)
    page = text_of(visitor.get(at(document, "one")))
    assert "Borrador" in page
    assert "Cómo se calculan los totales" in page
    assert at(document, "preview") in page
    assert at(document, "issue") in page
    assert at(document, "discard") in page
    assert "data-live" not in page
    pdf = visitor.get(at(document, "preview"))
    assert (pdf["Content-Type"], pdf["X-Frame-Options"]) == ("application/pdf", "SAMEORIGIN")
    assert pdf.content.startswith(b"%PDF-")


def test_the_screen_of_a_boleta_offers_its_roll_and_that_of_an_invoice_its_assignable_copy(
    enrolled: Office, visitor: Visitor
) -> None:
    line = {"item_name": "Pan", "quantity": "3", "gross_unit_price": "1190"}
    boleta, invoice = draft(enrolled, dte_type={"code": "39"}, details=[line]), draft(enrolled)
    for document, offered, not_offered in ((boleta, "rollo", "cedible"), (invoice, "cedible", "rollo")):
        page = text_of(visitor.get(at(document, "one")))
        assert f'{at(document, "preview")}?copia={offered}"' in page
        assert f"?copia={not_offered}" not in page
        pdf = visitor.get(at(document, "preview"), copia=offered)
        assert pdf["Content-Disposition"] == f'inline; filename="vista-previa-F{document.tipo}-{offered}.pdf"'
        assert pdf["X-Frame-Options"] == "SAMEORIGIN"
        assert pdf.content != visitor.get(at(document, "preview")).content
        for wrong in (not_offered, "A4", ""):
            assert visitor.get(at(document, "preview"), copia=wrong).status_code == 404


def test_the_screen_of_a_boleta_to_nobody_leaves_no_fact_empty_and_its_steps_are_cards_on_a_phone(
    enrolled: Office, visitor: Visitor
) -> None:
    line = {"item_name": "Pan", "quantity": "3", "gross_unit_price": "1190"}
    document = draft(enrolled, dte_type={"code": "39"}, details=[line], document_receiver={}, header={})
    page = text_of(visitor.get(at(document, "one")))
    assert "<dt>Pago</dt>" not in page
    assert "<dt>Receptor</dt><dd>Sin nombre<br>" in page
    assert '<td class="key">3 × $\N{NO-BREAK SPACE}1.190</td>' in page
    assert 'data-label="Queda en">3.570</td>' in page


def test_a_draft_that_cannot_be_issued_says_why_and_has_no_button_for_it(
    enrolled: Office, visitor: Visitor
) -> None:
    document = draft(enrolled, details=ELEVEN)
    page = text_of(visitor.get(at(document, "one")))
    assert "Todavía no se puede emitir" in page
    assert "11 líneas" in page
    assert at(document, "issue") not in page
    assert "11 líneas" in press(visitor, at(document, "issue"))
    assert Document.objects.get().state == State.DRAFT


def test_issuing_asks_first_and_goes_once(enrolled: Office, visitor: Visitor) -> None:
    document = draft(enrolled)
    asked = text_of(visitor.get(at(document, "issue")))
    assert "SII simulado" in asked
    assert Document.objects.get().state == State.DRAFT
    assert "en cuanto llegue su turno" in press(visitor, at(document, "issue"))
    assert "no se emite dos" in press(visitor, at(document, "issue"))
    assert AuditEntry.objects.filter(action="document.issue_asked").count() == 1
    enrolled.work()
    assert Document.objects.get().state == State.DONE
    assert visitor.get(at(document, "preview"))["Location"] == at(document, "pdf")


def test_discarding_asks_first_and_leaves_nothing(enrolled: Office, visitor: Visitor) -> None:
    document = draft(enrolled)
    assert "para siempre" in text_of(visitor.get(at(document, "discard")))
    assert "se descartó" in press(visitor, at(document, "discard"))
    assert not Document.objects.exists()
    assert visitor.post(at(document, "discard"), page=FORM).status_code == 404


def test_lists_find_drafts_and_tell_their_pesos_apart(enrolled: Office, visitor: Visitor) -> None:
    drafted = draft(enrolled)
    enrolled.ask(factura("39003003-7", external_id="emitida"))
    page = text_of(visitor.get(LIST, estado="borrador"))
    assert at(drafted, "one") in page
    assert "emitida" not in page
    assert "borradores por" in text_of(visitor.get(LIST))
    kwargs = {"environment": Environment.SANDBOX, "batch_id": drafted.batch_id}
    assert "en borradores" in text_of(visitor.get(reverse("batches-one", kwargs=kwargs)))


def test_a_stranger_finds_no_draft(enrolled: Office, db: None) -> None:
    document, stranger = draft(enrolled), Visitor(User.objects.named("extrana@example.com"))
    for screen in ("preview", "issue", "discard"):
        assert stranger.get(at(document, screen)).status_code == 404
    for screen in ("issue", "discard"):
        assert stranger.post(at(document, screen), page=FORM).status_code == 404
    assert Document.objects.get().state == State.DRAFT
