"""Notes at the SII: what annuls a document is issued once, is told of it, and may come again if it failed."""

import threading
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from offices import Office, documents_of, factura
from timbre.accounts.errors import Rejection
from timbre.issuing import batches, drafts, notes
from timbre.issuing.models import Batch, Document, DocumentState, Reference, State
from timbre.issuing.presenting import list_items
from timbre.webhooks.models import Event

LINES = [
    {"item_name": "Silla", "quantity": "3", "unit_price": "1333.5", "discount_percent": "7.5"},
    {"item_name": "Mesa", "quantity": "1", "unit_price": "89990"},
]


def issued(office: Office, **changes: Any) -> Document:
    (document,) = documents_of(office.ask(factura(details=LINES) | changes))
    office.work()
    document.refresh_from_db()
    assert document.state == State.DONE, document.error_message
    return document


def asking(office: Office, **more: Any) -> notes.Asking:
    return notes.Asking(actor="api", now=office.clock(), **more)


def annul(office: Office, document: Document, **more: Any) -> Document:
    original = notes.original(office.scope, document.pk)
    note = notes.annulment(original, day=notes.day_of(None, office.clock()))
    accepted = notes.issue(office.scope, original, note, asking(office, **more))
    return Document.objects.get(batch=accepted.answer["batch_id"])


def work(office: Office, *documents: Document) -> None:
    office.work()
    for each in documents:
        each.refresh_from_db()


def at_once(acts: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def test_an_invoice_is_annulled_at_the_sii_by_a_note_of_the_same_total(enrolled: Office) -> None:
    adjusted = {"global_adjustments": [{"kind": "discount", "percent": "5"}]}
    invoice = issued(enrolled, **adjusted)
    note = annul(enrolled, invoice)
    work(enrolled, note)
    assert (note.tipo, note.state, note.error_message) == (61, State.DONE, "")
    assert (note.neto, note.iva, note.total) == (invoice.neto, invoice.iva, invoice.total)
    reference = Reference.objects.get(document=note)
    assert (reference.tipo, reference.folio, reference.codigo) == ("33", str(invoice.folio), 1)
    assert list_items([invoice])[0]["has_credit_note"] is True


@pytest.mark.parametrize(
    "changes",
    [
        {"dte_type": {"code": "34"}},
        {"dte_type": {"code": "46"}, "header": {"vat_withheld": True}},
    ],
    ids=["exempt", "withheld"],
)
def test_what_is_exempt_or_withheld_is_annulled_at_the_sii_to_the_peso(
    changes: dict[str, Any], enrolled: Office
) -> None:
    document = issued(enrolled, **changes)
    note = annul(enrolled, document)
    work(enrolled, note)
    assert (note.tipo, note.state, note.error_message) == (61, State.DONE, "")
    assert (note.neto, note.exento, note.total) == (document.neto, document.exento, document.total)


def test_notes_of_before_get_their_codes_from_what_was_asked(enrolled: Office) -> None:
    invoice = issued(enrolled)
    note = annul(enrolled, invoice)
    Reference.objects.update(codigo=None, folio=f"00{invoice.folio}")
    migration = import_module("timbre.issuing.migrations.0008_note_codes")
    for _ in range(2):
        migration.write_codes(apps, None)
    reference = Reference.objects.get(document=note)
    assert (reference.folio, reference.codigo) == (str(invoice.folio), 1)


def test_the_invoice_is_told_to_be_cancelled_and_by_which_note(enrolled: Office) -> None:
    invoice = issued(enrolled)
    note = annul(enrolled, invoice)
    work(enrolled, note)
    event = Event.objects.get(type="document.cancelled")
    assert (event.document_id, event.data["has_credit_note"]) == (invoice.pk, True)
    assert event.data["references"][-1]["reference_folio"] == str(note.folio)
    happened = DocumentState.objects.get(document=invoice, code="annulled")
    assert (happened.description, happened.evidence) == (
        f"Anulado por la Nota de Crédito Electrónica N° {note.folio}.",
        {"note": note.pk},
    )


def test_a_credit_note_is_annulled_by_a_debit_note_and_then_the_invoice_may_be_again(
    enrolled: Office,
) -> None:
    invoice = issued(enrolled)
    credit = annul(enrolled, invoice)
    work(enrolled, credit)
    debit = annul(enrolled, credit)
    work(enrolled, debit)
    assert (debit.tipo, debit.state, debit.total) == (56, State.DONE, invoice.total)
    second = annul(enrolled, invoice)
    work(enrolled, second)
    assert (second.tipo, second.state) == (61, State.DONE)


def test_text_and_amounts_are_corrected_at_the_sii(enrolled: Office) -> None:
    invoice = issued(enrolled)
    day = notes.day_of(None, enrolled.clock())
    lines = [{"item_name": "Rebaja", "quantity": "1", "unit_price": "1000"}]
    made = [
        notes.correction_of_text(invoice, day=day, says="Silla", should_say="Sillón"),
        notes.correction_of_amounts(invoice, day=day, kind="discount", details=lines),
        notes.correction_of_amounts(invoice, day=day, kind="increase", details=lines),
    ]
    for each in made:
        notes.issue(enrolled.scope, invoice, each, asking(enrolled))
    enrolled.work()
    found = Document.objects.exclude(pk=invoice.pk).order_by("accepted_at")
    assert [(each.tipo, each.state, each.total) for each in found] == [
        (61, State.DONE, 0),
        (61, State.DONE, 1190),
        (56, State.DONE, 1190),
    ]
    assert not Event.objects.filter(type="document.cancelled").exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_who_annul_it_at_once_one_does(enrolled: Office) -> None:
    invoice = issued(enrolled)
    codes: list[str] = []

    def ask() -> None:
        try:
            annul(enrolled, invoice)
            codes.append("annulled")
        except Rejection as refused:
            codes.append(refused.code)
        finally:
            connection.close()

    at_once([ask] * 6)
    assert sorted(codes) == ["already_annulled"] * 5 + ["annulled"]
    assert Document.objects.filter(tipo=61).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_with_one_key_all_get_the_answer_of_the_one(enrolled: Office) -> None:
    invoice = issued(enrolled)
    told: list[str] = []

    def ask() -> None:
        try:
            told.append(annul(enrolled, invoice, idempotency_key="una", fingerprint="a").pk)
        finally:
            connection.close()

    at_once([ask] * 4)
    assert len(told) == 4
    assert len(set(told)) == Document.objects.filter(tipo=61).count() == 1


def test_a_note_that_failed_makes_room_for_another_and_cannot_come_back_beside_it(enrolled: Office) -> None:
    invoice = issued(enrolled)
    failed = annul(enrolled, invoice)
    batches.cancel(enrolled.scope, failed.batch_id, now=enrolled.clock(), actor="api")
    second = annul(enrolled, invoice)
    with pytest.raises(Rejection) as refused:
        batches.retry(enrolled.scope, failed.batch_id, now=enrolled.clock(), actor="api")
    assert (refused.value.code, refused.value.resource) == ("already_annulled", second.pk)
    failed.refresh_from_db()
    assert failed.state == State.CANCELLED
    batches.cancel(enrolled.scope, second.batch_id, now=enrolled.clock(), actor="api")
    batches.retry(enrolled.scope, failed.batch_id, now=enrolled.clock(), actor="api")
    work(enrolled, failed)
    assert failed.state == State.DONE


def test_of_two_drafts_that_annul_it_one_is_issued(enrolled: Office) -> None:
    invoice = issued(enrolled)
    first, second = (annul(enrolled, invoice, as_draft=True) for _ in range(2))
    drafts.issue(enrolled.scope, first.pk, actor="api", now=enrolled.clock())
    with pytest.raises(Rejection, match="already_annulled"):
        drafts.issue(enrolled.scope, second.pk, actor="api", now=enrolled.clock())
    work(enrolled, first, second)
    assert (first.state, second.state) == (State.DONE, State.DRAFT)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("key", ["una", ""])
def test_a_draft_that_annuls_it_and_is_issued_by_many_at_once_is_no_other_note_than_itself(
    enrolled: Office, key: str
) -> None:
    note = annul(enrolled, issued(enrolled), as_draft=True)
    told: list[str] = []

    def ask() -> None:
        try:
            now = enrolled.clock()
            told.append(
                drafts.issue(enrolled.scope, note.pk, actor="api", now=now, idempotency_key=key).answer["id"]
            )
        except Rejection as refused:
            told.append(refused.code)
        finally:
            connection.close()

    at_once([ask] * 4)
    others = note.pk if key else "draft_already_issued"
    assert sorted(told) == sorted([note.pk, *[others] * 3])


def test_nothing_is_saved_when_it_cannot_be(enrolled: Office) -> None:
    invoice = issued(enrolled)
    annul(enrolled, invoice)
    kept = Batch.objects.count(), Document.objects.count(), Reference.objects.count()
    with pytest.raises(Rejection, match="already_annulled"):
        annul(enrolled, invoice)
    assert kept == (Batch.objects.count(), Document.objects.count(), Reference.objects.count())
