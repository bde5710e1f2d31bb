"""People do again, after a restore, what they did since its backup: cancel, issue, retry, enrol, annul."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from losing import forget, item, lose, reconcile, restore, states
from offices import CLAVE, PERSON, Office, documents_of
from timbre.accounts.errors import Rejection
from timbre.dte.clock import today_in_chile
from timbre.enrolling import enroll
from timbre.issuing import batches, drafts, notes
from timbre.issuing.figures import figures_of
from timbre.issuing.models import (
    Batch,
    Document,
    DocumentState,
    Reconciliation,
    Reference,
    State,
    StoredFile,
    Stray,
)
from timbre.issuing.restore.straying import comparisons
from timbre.issuing.words import error_of, status_of
from timbre.taxpayers.models import Company
from timbre.webhooks.models import Event
from timbre.work.models import Lane


@pytest.fixture
def before(enrolled: Office) -> datetime:
    return timezone.now() - timedelta(seconds=1)


def cancel(office: Office, batch: Batch) -> None:
    batches.cancel(office.scope, batch.pk, now=office.clock(), actor="ana")


def retry(office: Office, batch: Batch) -> None:
    batches.retry(office.scope, batch.pk, now=office.clock(), actor="ana")
    office.work()


def fail(document: Document) -> None:
    """The document as a backup shows it that was made after it was cancelled and before it was retried."""
    forget(document)
    Document.objects.filter(pk=document.pk).update(state=State.CANCELLED, error_code="cancelled", due_at=None)


def test_what_is_cancelled_again_after_a_restore_is_not_issued_and_what_was_issued_is_told_so(
    enrolled: Office, before: datetime
) -> None:
    batch = enrolled.ask(item("Emitida después"))
    enrolled.work()
    batch_of_two = enrolled.ask(item("Nunca"), item("Tampoco"))
    (issued,), (never, neither) = documents_of(batch), documents_of(batch_of_two)
    forget(issued)
    restore(enrolled, since=before)
    assert figures_of([batch_of_two])[batch_of_two.pk].cancellable == 2
    for each in (batch, batch_of_two):
        cancel(enrolled, each)
    never.refresh_from_db()
    told = error_of(never)
    assert told is not None
    assert (status_of(never), told["code"], told["retryable"]) == ("processing", "cancel_asked", False)
    assert not Event.objects.filter(type="document.issue_failed").exists(), "nobody knows that yet"
    reconcile(enrolled)
    assert states(issued, never, neither) == [State.DONE, State.CANCELLED, State.CANCELLED]
    assert len(enrolled.store.issued()) == 1
    assert Event.objects.filter(type="document.issue_failed").count() == 2
    asked = DocumentState.objects.get(document=never, code="cancel_asked")
    assert asked.actor == "ana"
    retry(enrolled, batch_of_two)
    assert states(never, neither) == [State.DONE] * 2


def test_what_was_cancelled_after_a_restore_stays_so_through_another_one_and_through_a_day_of_silence(
    enrolled: Office, before: datetime
) -> None:
    batch = enrolled.ask(item())
    restore(enrolled, since=before)
    cancel(enrolled, batch)
    restore(enrolled, since=before)
    reconcile(enrolled)
    assert states(*documents_of(batch)) == [State.CANCELLED]
    silent = enrolled.ask(item())
    restore(enrolled, since=before)
    cancel(enrolled, silent)
    Reconciliation.objects.filter(done_at=None).update(due_at=enrolled.clock() + timedelta(hours=26))
    enrolled.pass_time(hours=25)
    enrolled.work()
    assert states(*documents_of(silent)) == [State.INCOMPLETE]
    enrolled.pass_time(hours=2)
    Lane.objects.update(due_at=enrolled.clock())
    reconcile(enrolled)
    assert states(*documents_of(silent)) == [State.EXPIRED]
    assert enrolled.store.issued() == []


def test_what_the_backup_shows_signed_is_not_cancelled(enrolled: Office, before: datetime) -> None:
    batch = enrolled.ask(item())
    enrolled.work()
    (document,) = documents_of(batch)
    StoredFile.objects.filter(kind="pdf").delete()
    Document.objects.filter(pk=document.pk).update(state=State.SENDING, send_deadline=before)
    Batch.objects.update(status="processing")
    restore(enrolled, since=before)
    assert figures_of([batch])[batch.pk].cancellable == 0
    cancel(enrolled, batch)
    reconcile(enrolled)
    assert states(document) == [State.DONE]


def test_a_draft_of_long_ago_that_was_issued_after_the_backup_is_not_issued_again(
    enrolled: Office, before: datetime
) -> None:
    old = (today_in_chile(enrolled.clock()) - timedelta(days=50)).isoformat()
    (draft,) = documents_of(enrolled.ask(item(date_issued=old), as_drafts=True))
    drafts.issue(enrolled.scope, draft.pk, actor="ana", now=enrolled.clock())
    enrolled.work()
    assert states(draft) == [State.DONE]
    forget(draft)
    Document.objects.filter(pk=draft.pk).update(state=State.DRAFT, due_at=None)
    restore(enrolled, since=before)
    reconcile(enrolled)
    with pytest.raises(Rejection) as refused:
        drafts.issue(enrolled.scope, draft.pk, actor="ana", now=enrolled.clock())
    assert refused.value.code == "draft_already_at_sii"


def test_a_failure_of_long_ago_that_was_retried_after_the_backup_is_for_a_person_when_it_is_retried_again(
    enrolled: Office, before: datetime
) -> None:
    old = (today_in_chile(enrolled.clock()) - timedelta(days=50)).isoformat()
    batch = enrolled.ask(item(date_issued=old))
    enrolled.work()
    (document,) = documents_of(batch)
    fail(document)
    restore(enrolled, since=before)
    reconcile(enrolled)
    retry(enrolled, batch)
    assert states(document) == [State.INCOMPLETE]
    assert len(enrolled.store.issued()) == 1


def test_what_bears_an_old_date_and_was_signed_long_before_the_backup_is_not_told_as_unknown(
    enrolled: Office, before: datetime
) -> None:
    """Others issued it, by hand: the list is read that far back only for what may be ours."""
    old = (today_in_chile(enrolled.clock()) - timedelta(days=50)).isoformat()
    elsewhere = enrolled.ask(item("A mano", date_issued=old))
    failed = enrolled.ask(item(date_issued=old))
    enrolled.work()
    (document,) = documents_of(failed)
    Document.objects.filter(batch=elsewhere).update(state=State.CANCELLED, digest="", folio=None)
    restore(enrolled, since=timezone.now() + timedelta(minutes=30))
    reconcile(enrolled)
    assert states(document) == [State.DONE]
    assert not Stray.objects.exists()


@pytest.mark.parametrize("person", [(PERSON, CLAVE), ("11111111-1", "de-ella")])
def test_a_company_that_was_enrolled_again_after_the_backup_is_compared_when_it_is_enrolled_once_more(
    enrolled: Office, before: datetime, person: tuple[str, str]
) -> None:
    batch = enrolled.ask(item())
    enrolled.work()
    (document,) = documents_of(batch)
    fail(document)
    enroll.unenroll(enrolled.scope, Company.objects.get().entity_id, now=enrolled.clock())
    restore(enrolled, since=before)
    reconcile(enrolled)
    assert not comparisons().exists(), "nobody waits for what was retired"
    enrolled.begin_to_enroll(person=person[0], clave=person[1])
    enrolled.work()
    reconcile(enrolled)
    assert comparisons().get().done_at is not None
    retry(enrolled, batch)
    assert states(document) == [State.INCOMPLETE]
    assert len(enrolled.store.issued()) == 1


def annul(office: Office, document: Document, *, day: str | None = None, as_draft: bool = False) -> Document:
    original, now = notes.original(office.scope, document.pk), office.clock()
    note = notes.annulment(original, day=notes.day_of(day, now))
    accepted = notes.issue(
        office.scope, original, note, notes.Asking(actor="ana", now=now, as_draft=as_draft)
    )
    return Document.objects.get(batch=accepted.answer["batch_id"])


def test_what_was_annulled_after_the_backup_is_not_annulled_again_on_another_day(
    enrolled: Office, before: datetime
) -> None:
    (invoice,), (other,) = documents_of(enrolled.ask(item())), documents_of(enrolled.ask(item("Otra")))
    enrolled.work()
    yesterday = (today_in_chile(enrolled.clock()) - timedelta(days=1)).isoformat()
    kept = annul(enrolled, invoice, day=yesterday, as_draft=True)
    failed = annul(enrolled, invoice, day=yesterday)
    cancel(enrolled, failed.batch)
    note = annul(enrolled, invoice)
    enrolled.work()
    Reference.objects.filter(document=note).delete()
    lose(note)
    restore(enrolled, since=before)
    enrolled.pass_time(days=1)
    with pytest.raises(Rejection) as early:
        annul(enrolled, invoice)
    assert (early.value.code, early.value.status) == ("company_comparing", 409)
    reconcile(enrolled)
    with pytest.raises(Rejection, match="folio 1,") as late:
        annul(enrolled, invoice)
    with pytest.raises(Rejection) as drafted:
        drafts.issue(enrolled.scope, kept.pk, actor="ana", now=enrolled.clock())
    assert (late.value.code, drafted.value.code) == ("annulled_at_sii", "annulled_at_sii")
    with pytest.raises(Rejection) as retried:
        retry(enrolled, failed.batch)
    assert (retried.value.code, states(failed)) == ("annulled_at_sii", [State.CANCELLED])
    annul(enrolled, other)
    enrolled.work()
    assert [each.tipo for each in enrolled.store.issued()].count(61) == 2, "one for each"
