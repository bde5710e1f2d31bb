"""Attacks on "issued once": restores, long absences and persons, counted at the simulator's store."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from losing import forget, item, lose, reconcile, restore, states
from middleman import Middleman
from offices import Office, documents_of
from timbre.enrolling import enroll
from timbre.issuing import batches, resolving
from timbre.issuing.models import (
    Batch,
    Document,
    IdempotencyKey,
    Reconciliation,
    State,
    StoredFile,
    Stray,
)
from timbre.taxpayers.models import Credential
from timbre.webhooks.models import Event
from timbre.work.models import Lane

DOWNLOAD, COUNT, SEND, LIST, PDF = (
    "download.cgi",
    "lista_documentos.cgi",
    "mipeSendXML.cgi",
    "mipeAdminDocsEmi.cgi",
    "mipeDisplayPDF.cgi",
)
OTHER = "39003003-7"


@pytest.fixture
def before(enrolled: Office) -> datetime:
    return timezone.now() - timedelta(seconds=1)


def test_a_copy_the_sii_never_hands_out_keeps_only_its_company_waiting(
    enrolled: Office, line: Middleman, before: datetime
) -> None:
    enrolled.enroll(OTHER)
    unknown = enrolled.ask(item())
    enrolled.work()
    lose(*documents_of(unknown))
    theirs = enrolled.ask(item(document_issuer={"rut": OTHER}))
    restore(enrolled, since=before)
    line.cut_before.update({COUNT, DOWNLOAD})
    for _ in range(8):
        enrolled.pass_time(minutes=40)
        enrolled.work()
    assert len(enrolled.store.issued(OTHER)) == 1
    line.cut_before.clear()
    for _ in range(8):
        enrolled.pass_time(minutes=40)
        enrolled.work()
    assert states(*documents_of(theirs)) == [State.DONE]
    assert not Reconciliation.objects.filter(done_at=None).exists()


@pytest.fixture
def hers(enrolled: Office) -> Credential:
    """Another person's credential of the same company, in a lane of its own."""
    return enrolled.enroll(person="11111111-1", clave="de-ella").credential


def test_a_company_issues_nothing_through_anybody_before_it_was_compared(
    enrolled: Office, before: datetime, hers: Credential
) -> None:
    """What waited for a person whose clave no longer serves was issued by another one, after the backup."""
    waiting, lost = enrolled.ask(item()), enrolled.ask(item("Otra"))
    enrolled.work()
    forget(*documents_of(waiting))
    lose(*documents_of(lost))
    Credential.objects.exclude(pk=hers.pk).update(status="INVALID")
    restore(enrolled, since=before)
    again = enrolled.ask(item("Tercera"))
    assert documents_of(again)[0].lane_id == hers.lane_id
    enrolled.work()
    assert states(*documents_of(again)) == [State.RECEIVED]
    reconcile(enrolled)
    assert states(*documents_of(waiting), *documents_of(again)) == [State.DONE] * 2
    assert len(enrolled.store.issued()) == 3
    assert Event.objects.filter(type="document.unknown").count() == 1


def test_a_comparison_goes_on_with_another_person_when_the_first_one_leaves(
    enrolled: Office, before: datetime, hers: Credential
) -> None:
    batch = enrolled.ask(item(), item("Nunca"))
    enrolled.work()
    adopted, never = documents_of(batch)
    with enrolled.store.writing() as sii:
        sii.execute("DELETE FROM issued WHERE folio = ?", (never.folio,))
    forget(adopted, never)
    restore(enrolled, since=before)
    first = Credential.objects.exclude(pk=hers.pk).get()
    assert Reconciliation.objects.get().lane_id == first.lane_id
    enroll.deactivate(first, now=enrolled.clock())
    reconcile(enrolled)
    assert states(adopted, never) == [State.DONE] * 2
    assert len(enrolled.store.issued()) == 2


def test_a_credential_mended_days_after_a_restore_still_finds_what_was_issued(
    enrolled: Office, before: datetime
) -> None:
    batch = enrolled.ask(item(), item("Otra"), item("Nunca"))
    enrolled.work()
    documents = documents_of(batch)
    forget(*documents)
    with enrolled.store.writing() as sii:
        sii.execute("DELETE FROM issued WHERE folio = ?", (documents[2].folio,))
    restore(enrolled, since=before)
    Credential.objects.update(status="INVALID")
    for _ in range(4):
        enrolled.pass_time(hours=9)
        enrolled.work()
    assert Event.objects.filter(type="document.in_doubt").count() == 3, "a person was asked"
    Credential.objects.update(status="VALID")
    Lane.objects.update(due_at=enrolled.clock())
    reconcile(enrolled)
    assert states(*documents) == [State.DONE] * 3
    assert len(enrolled.store.issued()) == 3
    batch.refresh_from_db()
    assert batch.status == "completed"
    assert not Stray.objects.exists()


def test_a_comparison_that_never_succeeds_leaves_the_documents_to_a_person(
    enrolled: Office, line: Middleman, before: datetime
) -> None:
    batch = enrolled.ask(item())
    restore(enrolled, since=before)
    line.cut_before.add(LIST)
    for _ in range(4):
        enrolled.pass_time(hours=9)
        enrolled.work()
    assert states(*documents_of(batch)) == [State.INCOMPLETE]
    assert Event.objects.filter(type="document.in_doubt").count() == 1


def test_what_a_person_retries_while_comparing_is_not_issued_a_second_time(
    enrolled: Office, before: datetime
) -> None:
    batch = enrolled.ask(item())
    enrolled.work()
    (document,) = documents_of(batch)
    forget(document)
    restore(enrolled, since=before)
    later = enrolled.clock() + timedelta(seconds=11)
    resolving.resolve(enrolled.scope, document.pk, outcome="not_issued", actor="ana", now=later)
    batches.retry(enrolled.scope, batch.pk, now=later, actor="ana")
    reconcile(enrolled)
    assert states(document) == [State.INCOMPLETE]
    assert len(enrolled.store.issued()) == 1


def test_after_days_off_the_sii_is_looked_at_before_a_person_is_asked(
    enrolled: Office, line: Middleman
) -> None:
    line.cut_after.add(SEND)
    doubt = enrolled.ask(item())
    enrolled.work()
    line.cut_after.clear()
    enrolled.pass_time(hours=60)
    for _ in range(4):
        enrolled.work()
        enrolled.pass_time(seconds=15)
    assert states(*documents_of(doubt)) == [State.DONE]
    assert not Event.objects.filter(type="document.in_doubt").exists()


def test_after_days_off_files_are_asked_for_before_a_person_is(enrolled: Office, line: Middleman) -> None:
    line.cut_before.update({COUNT})
    issued = enrolled.ask(item())
    enrolled.work(turns=1)
    assert states(*documents_of(issued)) == [State.ISSUED]
    line.cut_before.clear()
    Document.objects.update(failures=0, error_code="")
    enrolled.pass_time(hours=60)
    enrolled.work()
    assert states(*documents_of(issued)) == [State.DONE]


@pytest.mark.django_db(transaction=True)
def test_a_stray_that_turned_out_to_be_known_is_nobody_elses(
    enrolled: Office, line: Middleman, before: datetime
) -> None:
    """A person settles one of two twins while the other is being compared."""
    batch = enrolled.ask(item(), item())
    enrolled.work()
    sent, twin = documents_of(batch)
    with enrolled.store.writing() as sii:
        sii.execute("DELETE FROM issued WHERE folio = ?", (twin.folio,))
    forget(twin)
    StoredFile.objects.filter(kind="pdf").delete()
    Document.objects.filter(pk=sent.pk).update(state=State.SENDING, send_deadline=before)
    Batch.objects.update(status="processing")
    restore(enrolled, since=before)

    def settle_once_it_was_kept(page: bytes) -> bytes:
        if Stray.objects.exists():
            line.answers.clear()
            resolving.resolve(enrolled.scope, sent.pk, outcome="issued", actor="ana", now=enrolled.clock())
        connection.close()
        return page

    line.answers[LIST] = settle_once_it_was_kept
    reconcile(enrolled)
    assert not line.answers
    assert states(sent, twin) == [State.DONE] * 2
    assert len(enrolled.store.issued()) == 2
    assert not Stray.objects.exists()


def test_what_is_asked_again_while_comparing_is_held_for_a_person(enrolled: Office, before: datetime) -> None:
    lost = enrolled.ask(item(), idempotency_key="k", fingerprint="f")
    enrolled.work()
    IdempotencyKey.objects.all().delete()
    lose(*documents_of(lost))
    restore(enrolled, since=before)
    again = enrolled.ask(item(), item("Otra"), idempotency_key="k", fingerprint="f")
    reconcile(enrolled)
    repeated, other = documents_of(again)
    assert (repeated.state, other.state) == (State.INCOMPLETE, State.DONE)
    assert f"folio {repeated.folio}" in repeated.error_message
    assert len(enrolled.store.issued()) == 2
    resolving.resolve(enrolled.scope, repeated.pk, outcome="issued", actor="ana", now=enrolled.clock())
    enrolled.work()
    assert states(repeated) == [State.DONE]
    assert not Event.objects.filter(type="document.unknown").exists()


def test_a_document_that_loses_its_folio_to_others_many_times_is_issued_all_the_same(
    enrolled: Office, line: Middleman
) -> None:
    """Two persons issue for one company at once: whoever sends first has the folio that both were shown."""
    enrolled.ask(item("Primera"))
    enrolled.work()
    (first,) = enrolled.store.issued()
    lost = []

    def lose_the_race(body: bytes) -> bytes:
        if len(lost) < 8:
            folio = first.folio + 1 + len(lost)
            xml = first.xml.replace(f"<Folio>{first.folio}<".encode(), f"<Folio>{folio}<".encode())
            lost.append(enrolled.store.issue(replace(first, folio=folio, xml=xml)))
        return body

    line.requests[SEND] = lose_the_race
    batch = enrolled.ask(item())
    enrolled.work()
    assert states(*documents_of(batch)) == [State.DONE]
    assert len(lost) == 8
    assert len(enrolled.store.issued()) == 1 + 8 + 1
