"""Annulling what a blank note has no fields for: an exempt invoice and a purchase, from asking to issued."""

from typing import Any

import pytest

from offices import Office, documents_of, factura
from timbre.issuing import notes
from timbre.issuing.models import Document, State
from timbre.issuing.presenting import list_items

LINES = [{"item_name": "Curso", "quantity": "3", "unit_price": "1333.5", "discount_percent": "7.5"}]
ORIGINALS: dict[str, dict[str, Any]] = {
    "34": {"global_adjustments": [{"kind": "discount", "percent": "5", "applies_to": "exempt"}]},
    "46": {"header": {"vat_withheld": True, "payment_method": "2"}},
}


def issued(office: Office, tipo: str) -> Document:
    asked = factura(dte_type={"code": tipo}, details=LINES) | ORIGINALS[tipo]
    (document,) = documents_of(office.ask(asked))
    office.work()
    document.refresh_from_db()
    assert document.state == State.DONE, document.error_message
    return document


def annul(office: Office, document: Document, reason: str = "", **options: str) -> Document:
    note = notes.annulment(document, day=notes.day_of(None, office.clock()), reason=reason)
    asking = notes.Asking(actor="api", now=office.clock(), **options)
    accepted = notes.issue(office.scope, document, note, asking)
    office.answer = accepted.answer
    return Document.objects.get(batch=accepted.answer["batch_id"])


@pytest.mark.parametrize("tipo", ORIGINALS)
def test_it_is_annulled_to_the_peso(enrolled: Office, tipo: str) -> None:
    original = issued(enrolled, tipo)
    note = annul(enrolled, original, "El cliente se arrepintió")
    assert [each["code"] for each in enrolled.answer["warnings"]] == ["reason_by_sii"]
    enrolled.work()
    note.refresh_from_db()
    assert (note.tipo, note.state, note.error_message) == (61, State.DONE, "")
    assert (note.neto, note.exento, note.total) == (original.neto, original.exento, original.total)
    assert list_items([original])[0]["has_credit_note"] is True
    kept = enrolled.store.issued()[0]
    assert (kept.tipo, kept.folio, kept.objected_at) == (61, note.folio, None)


@pytest.mark.parametrize("tipo", ORIGINALS)
def test_a_lost_answer_issues_one_note(enrolled: Office, tipo: str) -> None:
    original = issued(enrolled, tipo)
    note = annul(enrolled, original, scenario="lost_answer")
    for _ in range(3):
        enrolled.work()
        enrolled.pass_time(minutes=5)
    note.refresh_from_db()
    assert note.state == State.DONE
    assert [each.tipo for each in enrolled.store.issued()].count(61) == 1
