"""After a restore: what the SII issued since is adopted, what it lacks is issued, the unknown is told."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from losing import forget, item, lose, reconcile, restore, states
from offices import EMISOR, Office, documents_of
from timbre.issuing import batches, turn
from timbre.issuing.models import Document, DocumentState, Reconciliation, State, StoredFile, Stray
from timbre.issuing.resolving import resolve
from timbre.issuing.restore import closing as restoring
from timbre.issuing.words import error_of
from timbre.taxpayers.models import Company, Credential
from timbre.webhooks.models import Event
from timbre.work.models import Lane


@pytest.fixture
def before(enrolled: Office) -> datetime:
    return timezone.now() - timedelta(seconds=1)


def test_what_was_issued_after_the_backup_is_adopted_and_never_issued_again(
    enrolled: Office, before: datetime
) -> None:
    batch = enrolled.ask(item(), item(), item("Otra"))
    enrolled.work()
    documents = documents_of(batch)
    folios = {document.folio for document in documents}
    forget(*documents)
    assert restore(enrolled, since=before) == restoring.Closed(documents=3, companies=1)
    reconcile(enrolled)
    found = documents_of(batch)
    assert [document.state for document in found] == [State.DONE] * 3
    assert {document.folio for document in found} == folios
    assert len(enrolled.store.issued()) == 3
    assert not Stray.objects.exists()
    said = DocumentState.objects.filter(document=found[0], code="issued").get()
    assert "después del respaldo" in said.description
    assert said.evidence["folio"] == found[0].folio
    xml = StoredFile.objects.get(document=found[0], kind="xml", current=True)
    assert xml.confirmed_at
    assert found[0].digest.encode() in bytes(xml.content)


def test_what_the_sii_does_not_have_is_issued_after_two_looks(enrolled: Office, before: datetime) -> None:
    batch = enrolled.ask(item(), item())
    restore(enrolled, since=before)
    enrolled.work()
    assert states(*documents_of(batch)) == [State.IN_DOUBT] * 2
    assert enrolled.store.issued() == []
    enrolled.pass_time(seconds=11)
    enrolled.work()
    assert states(*documents_of(batch)) == [State.IN_DOUBT] * 2, "one look is not enough"
    reconcile(enrolled)
    assert states(*documents_of(batch)) == [State.DONE] * 2
    assert len(enrolled.store.issued()) == 2


def test_of_equal_documents_as_many_are_adopted_as_the_sii_has(enrolled: Office, before: datetime) -> None:
    batch = enrolled.ask(item(), item(), item())
    enrolled.work()
    first, second, third = documents_of(batch)
    forget(first, second, third)
    with enrolled.store.writing() as sii:
        sii.execute("DELETE FROM issued WHERE folio = ?", (third.folio,))
    restore(enrolled, since=before)
    reconcile(enrolled)
    assert states(first, second, third) == [State.DONE] * 3
    assert len(enrolled.store.issued()) == 3
    histories = Counter(DocumentState.objects.filter(code="issued").values_list("description", flat=True))
    assert sum("después del respaldo" in said for said in histories.elements()) == 2


def test_what_nobody_here_knows_is_kept_told_and_warned_of(enrolled: Office, before: datetime) -> None:
    batch = enrolled.ask(item(), item("Otra"))
    enrolled.work()
    lost = documents_of(batch)[1]
    lose(lost)
    restore(enrolled, since=before)
    reconcile(enrolled)
    stray = Stray.objects.get()
    assert (stray.folio, stray.total, stray.digest) == (lost.folio, lost.total, lost.digest)
    told = Event.objects.get(type="document.unknown")
    assert told.data["folio"] == str(lost.folio)
    enrolled.ask(item("Otra"), item("Distinta"))
    warnings = [w for w in enrolled.answer["warnings"] if w["code"] == "already_at_sii"]
    assert [(w["document_index"], str(lost.folio) in w["message"]) for w in warnings] == [(0, True)]
    enrolled.work()
    assert len(enrolled.store.issued()) == 4, "a twin is issued all the same: it was only warned of"


def test_what_was_retried_and_issued_after_the_backup_is_for_a_person_when_it_is_retried_again(
    enrolled: Office, before: datetime
) -> None:
    batch = enrolled.ask(item(), item("Otra"))
    enrolled.work()
    document, other = documents_of(batch)
    forget(document, other)
    over = {"error_code": "cancelled", "due_at": None}
    Document.objects.filter(batch=batch).update(state=State.CANCELLED, **over)
    restore(enrolled, since=before)
    reconcile(enrolled)
    Stray.objects.filter(folio=other.folio).delete()
    batches.retry(enrolled.scope, batch.pk, now=enrolled.clock(), actor="ana")
    enrolled.work()
    assert states(document, other) == [State.INCOMPLETE, State.DONE]
    assert len(enrolled.store.issued()) == 3
    document.refresh_from_db()
    assert f"folio {document.folio}" in document.error_message
    resolve(enrolled.scope, document.pk, outcome="not_issued", actor="ana", now=enrolled.clock())
    batches.retry(enrolled.scope, batch.pk, now=enrolled.clock(), actor="ana")
    enrolled.work()
    assert states(document) == [State.DONE], "a person said that it is a second one"
    assert len(enrolled.store.issued()) == 4


def test_an_equal_one_signed_just_before_the_backup_is_for_a_person(
    enrolled: Office, before: datetime
) -> None:
    batch = enrolled.ask(item())
    enrolled.work()
    (document,) = documents_of(batch)
    forget(document)
    restore(enrolled, since=timezone.now() + timedelta(minutes=2))
    reconcile(enrolled)
    document.refresh_from_db()
    assert document.state == State.INCOMPLETE
    told = error_of(document)
    assert told is not None
    assert f"El SII tiene el folio {document.folio}" in told["cause"]
    assert len(enrolled.store.issued()) == 1


def test_an_equal_one_signed_long_before_the_backup_is_another_one(
    enrolled: Office, before: datetime
) -> None:
    batch = enrolled.ask(item())
    enrolled.work()
    (document,) = documents_of(batch)
    forget(document)
    restore(enrolled, since=timezone.now() + timedelta(minutes=30))
    reconcile(enrolled)
    assert states(document) == [State.DONE]
    assert len(enrolled.store.issued()) == 2
    assert Stray.objects.count() == 1


def test_a_document_sent_before_the_backup_is_found_by_its_digest_or_by_what_it_became(
    enrolled: Office, before: datetime
) -> None:
    batch = enrolled.ask(item(), item("Otra"))
    enrolled.work()
    sent, signed_again = documents_of(batch)
    StoredFile.objects.filter(kind="pdf").delete()
    Document.objects.filter(pk=sent.pk).update(state=State.SENDING, codigo="", send_deadline=before)
    Document.objects.filter(pk=signed_again.pk).update(
        state=State.IN_DOUBT, codigo="", digest="x" * 28, send_deadline=before
    )
    type(batch).objects.update(status="processing")
    restore(enrolled, since=before)
    reconcile(enrolled)
    assert states(sent, signed_again) == [State.DONE] * 2
    assert len(enrolled.store.issued()) == 2


def test_a_company_whose_credential_is_broken_keeps_only_its_own_documents_waiting(
    enrolled: Office, before: datetime
) -> None:
    other = "39002002-3"
    enrolled.enroll(other)
    mine = enrolled.ask(item())
    theirs = enrolled.ask(item(receptor=EMISOR, document_issuer={"rut": other}))
    Credential.objects.filter(company__entity__rut=EMISOR).update(status="INVALID")
    restore(enrolled, since=before)
    reconcile(enrolled)
    assert states(*documents_of(mine), *documents_of(theirs)) == [State.IN_DOUBT, State.DONE]
    Credential.objects.update(status="VALID")
    Lane.objects.update(due_at=enrolled.clock())
    reconcile(enrolled)
    assert states(*documents_of(mine)) == [State.DONE]
    assert not Reconciliation.objects.filter(done_at=None).exists()


def test_a_company_issues_nothing_new_before_it_was_compared(enrolled: Office, before: datetime) -> None:
    restore(enrolled, since=before)
    batch = enrolled.ask(item())
    enrolled.work()
    assert states(*documents_of(batch)) == [State.RECEIVED]
    reconcile(enrolled)
    assert states(*documents_of(batch)) == [State.DONE]


def test_events_told_after_the_backup_are_never_numbered_again(enrolled: Office, before: datetime) -> None:
    last = Event.objects.order_by("-seq").values_list("seq", flat=True)[0]
    restore(enrolled, since=before)
    enrolled.ask(item())
    reconcile(enrolled)
    assert Event.objects.filter(seq__gt=last).order_by("seq")[0].seq > last + 900_000


def test_a_restore_during_a_comparison_compares_as_far_back(enrolled: Office, before: datetime) -> None:
    restore(enrolled, since=before)
    restore(enrolled, since=timezone.now())
    assert Reconciliation.objects.get().since == before


def test_what_the_sii_had_issued_before_the_backup_stays_issued(enrolled: Office, before: datetime) -> None:
    batch = enrolled.ask(item())
    enrolled.work()
    (document,) = documents_of(batch)
    assert restore(enrolled, since=timezone.now()).documents == 0
    assert states(document) == [State.DONE]


def test_a_worker_that_lost_the_lane_concludes_nothing(enrolled: Office, before: datetime) -> None:
    enrolled.ask(item())
    restore(enrolled, since=before)
    enrolled.pass_time(seconds=11)
    (lane,) = turn.take(1, clock=enrolled.clock)
    Lane.objects.update(token="somebody else's")
    turn.serve(lane, enrolled.clock)
    assert Reconciliation.objects.get().looks == 0
    assert Company.objects.count() == 1
