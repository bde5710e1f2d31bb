"""A draft waits for a person: nothing of it moves by itself, and it is issued once or never was."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from offices import Office, documents_of, factura
from timbre.accounts import audit
from timbre.accounts.errors import InvalidDocuments, NotFound, Rejection
from timbre.accounts.models import AuditEntry
from timbre.accounts.scope import Scope
from timbre.issuing import batches, drafts, previewing, retention
from timbre.issuing.asking import to_documento
from timbre.issuing.figures import Standing, figures_of
from timbre.issuing.models import Batch, Document, DocumentState, Reference, State, Stray
from timbre.issuing.selecting import read, sums, sums_of
from timbre.issuing.words import ESTADOS, Estado, status_of
from timbre.sii.portal.matching import content_key
from timbre.taxpayers.models import Credential
from timbre.webhooks.models import Event
from timbre.work.models import Chore, Lane

ELEVEN = [{"item_name": "Silla", "quantity": "1", "unit_price": "1000"}] * 11
NAMED = {"dte_type_code": "33", "reference_folio": "7", "reference_date": "2026-01-02"}


def draft(office: Office, **changes: Any) -> Document:
    (document,) = documents_of(office.ask(factura(**changes), as_drafts=True))
    return document


def issue(office: Office, document: Document, key: str = "") -> dict[str, Any]:
    told = drafts.issue(office.scope, document.pk, actor="api", now=office.clock(), idempotency_key=key)
    document.refresh_from_db()
    return told.answer


def events() -> list[str]:
    """What was told of documents and batches, in order."""
    told = Event.objects.exclude(type__startswith="credential.").order_by("seq")
    return list(told.values_list("type", flat=True))


def test_a_draft_stays_a_draft_whatever_happens_around_it(enrolled: Office) -> None:
    document = draft(enrolled, external_id="uno")
    assert not Lane.objects.exclude(due_at=None).exists()
    enrolled.work()
    enrolled.pass_time(days=60)
    enrolled.work()
    document.refresh_from_db()
    assert (document.state, document.due_at, document.folio) == (State.DRAFT, None, None)
    assert (document.batch.status, status_of(document)) == (Batch.Status.CREATED, "created")
    assert [each.code for each in document.states.all()] == ["draft"]
    assert not events()


def test_a_batch_of_drafts_says_so_and_has_no_link_unless_a_preview_is_asked_for(enrolled: Office) -> None:
    enrolled.ask(factura(), as_drafts=True)
    (told,) = enrolled.answer["documents"]
    assert (enrolled.answer["status"], told["status"]) == ("created", "created")
    assert told["document"]["is_draft"] is told["document"]["can_be_issued"] is True
    assert told["document"]["pdf_url"] is told["document"]["pdf_download_url"] is None
    enrolled.ask(factura(), as_drafts=True, preview=True)
    (told,) = enrolled.answer["documents"]
    assert told["document"]["pdf_url"] == told["document"]["pdf_download_url"]
    assert "/files/" in told["document"]["pdf_url"]


def test_what_only_the_gateway_cannot_do_is_a_warning_of_a_draft_and_stands_in_its_way(
    enrolled: Office,
) -> None:
    document = draft(enrolled, details=ELEVEN)
    (told,) = enrolled.answer["documents"]
    assert told["document"]["can_be_issued"] is False
    assert ("detail_line_limit", 0) in {(w["code"], w["document_index"]) for w in enrolled.answer["warnings"]}
    with pytest.raises(InvalidDocuments) as invalid:
        issue(enrolled, document)
    assert ("detail_line_limit", "details") in {(f.code, f.path) for f in invalid.value.faults[0]}
    document.refresh_from_db()
    assert document.state == State.DRAFT
    assert not Lane.objects.exclude(due_at=None).exists()


def test_what_the_sii_has_since_before_a_restore_is_not_issued_again(enrolled: Office) -> None:
    document = draft(enrolled)
    Stray.objects.create(
        user_id=document.user_id,
        environment=document.environment,
        company=document.company,
        tipo=33,
        folio=4711,
        codigo="1",
        date_issued=document.date_issued,
        receiver_rut=document.receiver_rut,
        total=document.total,
        digest="d",
        content_key=content_key(to_documento(document.request)),
        signed_at=enrolled.clock(),
        xml=b"<DTE/>",
        found_at=enrolled.clock(),
    )
    with pytest.raises(Rejection, match="4711") as refused:
        issue(enrolled, document)
    assert (refused.value.code, refused.value.status) == ("draft_already_at_sii", 409)
    document.refresh_from_db()
    assert document.state == State.DRAFT


def test_a_boleta_is_no_business_of_the_portal_and_can_be_drafted_and_looked_at(enrolled: Office) -> None:
    line = {"item_name": "Pan", "quantity": "3", "gross_unit_price": "1190"}
    document = draft(enrolled, dte_type={"code": "39"}, details=[line])
    (told,) = enrolled.answer["documents"]
    assert (told["document"]["is_draft"], told["document"]["can_be_issued"]) == (True, False)
    assert "dte_type_not_available" in [each["code"] for each in enrolled.answer["warnings"]]
    assert previewing.preview(document, enrolled.clock())["document_total"]["total_amount"] == 3570
    assert previewing.draw(document).startswith(b"%PDF-")
    with pytest.raises(InvalidDocuments, match="dte_type_not_available"):
        issue(enrolled, document)


def test_what_has_become_wrong_since_is_told_before_and_when_it_is_issued(enrolled: Office) -> None:
    document = draft(enrolled)
    tomorrow = document.date_issued + timedelta(days=1)
    Document.objects.update(request=document.request | {"date_issued": tomorrow.isoformat()})
    document.refresh_from_db()
    told = previewing.preview(document, enrolled.clock())
    assert (told["can_be_issued"], [each["code"] for each in told["warnings"]]) == (False, ["date_in_future"])
    with pytest.raises(InvalidDocuments, match="date_in_future"):
        issue(enrolled, document)
    enrolled.pass_time(days=1)
    assert issue(enrolled, document)["state"] == "received"


def test_what_is_wrong_with_the_document_itself_makes_no_draft(enrolled: Office) -> None:
    with pytest.raises(InvalidDocuments):
        draft(enrolled, details=[ELEVEN[0] | {"unit_price": "-1"}])
    assert not Batch.objects.exists()


def test_an_issued_draft_goes_the_way_of_every_document_with_its_own_date(enrolled: Office) -> None:
    document = draft(enrolled)
    drafted_on = document.date_issued
    enrolled.pass_time(days=2)
    told = issue(enrolled, document)
    assert (told["status"], told["state"]) == ("created", "received")
    assert [w["code"] for w in told["warnings"]] == ["date_not_today"]
    assert document.batch.status == Batch.Status.PROCESSING
    assert timedelta(hours=47) < document.issue_until - enrolled.clock() <= timedelta(hours=48)
    enrolled.work()
    document.refresh_from_db()
    document.batch.refresh_from_db()
    assert (document.state, document.date_issued) == (State.DONE, drafted_on)
    assert document.batch.status == Batch.Status.COMPLETED
    assert [each.code for each in document.states.all()][-2:] == ["received", "draft"]
    assert events() == ["document.issued", "batch.completed"]
    assert AuditEntry.objects.filter(action="document.issue_asked", target=document.pk).count() == 1


def test_a_second_time_is_refused_and_the_same_key_gets_the_first_answer(enrolled: Office) -> None:
    document, other = draft(enrolled), draft(enrolled, details=ELEVEN[:2])
    first = issue(enrolled, document, key="una")
    assert issue(enrolled, document, key="una") == first
    for again in ("", "otra"):
        with pytest.raises(Rejection) as refused:
            issue(enrolled, document, key=again)
        assert (refused.value.code, refused.value.status) == ("draft_already_issued", 409)
    with pytest.raises(Rejection, match="idempotency_key_reused"):
        issue(enrolled, other, key="una")
    assert DocumentState.objects.filter(document=document, code="received").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_issue_it_at_once_issue_it_once(enrolled: Office) -> None:
    document = draft(enrolled)
    codes: list[str] = []

    def ask() -> None:
        try:
            drafts.issue(enrolled.scope, document.pk, actor="api", now=enrolled.clock())
            codes.append("issued")
        except Rejection as refused:
            codes.append(refused.code)
        finally:
            connection.close()

    at_once([ask] * 6)
    assert sorted(codes) == ["draft_already_issued"] * 5 + ["issued"]
    enrolled.work()
    document.refresh_from_db()
    assert document.state == State.DONE
    assert DocumentState.objects.filter(document=document, code="received").count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_discards_it_while_another_issues_it_does_either_and_never_both(enrolled: Office) -> None:
    ends = set()
    for _ in range(4):
        document = draft(enrolled)
        done: list[str] = []

        def do(name: str, act: Callable[[], object], done: list[str] = done) -> None:
            try:
                act()
                done.append(name)
            except (Rejection, NotFound):
                pass
            finally:
                connection.close()

        pk = document.pk
        at_once(
            [
                lambda pk=pk: do(  # type: ignore[misc]
                    "issued",
                    lambda: drafts.issue(enrolled.scope, pk, actor="api", now=enrolled.clock()),
                ),
                lambda pk=pk: do(  # type: ignore[misc]
                    "discarded", lambda: drafts.discard(enrolled.scope, pk, now=enrolled.clock())
                ),
            ]
        )
        assert len(done) == 1
        assert Document.objects.filter(pk=pk).exists() is (done == ["issued"])
        ends.add(done[0])
    assert ends <= {"issued", "discarded"}


def at_once(acts: list[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_what_breaks_off_while_it_is_issued_leaves_a_draft(
    enrolled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = draft(enrolled)

    def die(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(audit, "tell", die)
        with pytest.raises(SystemExit):
            issue(enrolled, document, key="una")
    document.refresh_from_db()
    assert (document.state, document.due_at, document.batch.status) == (State.DRAFT, None, "created")
    assert [each.code for each in document.states.all()] == ["draft"]
    assert not Lane.objects.exclude(due_at=None).exists()
    assert issue(enrolled, document, key="una")["state"] == "received"


def test_the_credential_is_chosen_when_it_is_issued(enrolled: Office) -> None:
    document = draft(enrolled)
    Credential.objects.update(status=Credential.Status.INVALID)
    with pytest.raises(Rejection, match="no_active_credentials"):
        issue(enrolled, document)
    enrolled.enroll(person="11111111-1")
    issue(enrolled, document)
    assert document.lane_id == "portal:sandbox:11111111-1"
    assert document.credential.person_rut == "11111111-1"


def test_drafts_hold_up_no_batch_and_one_issued_later_completes_it_anew(enrolled: Office) -> None:
    batch = enrolled.ask(factura(), factura("39003003-7"), as_drafts=True)
    first, second = documents_of(batch)
    for document, completions in ((first, 1), (second, 2)):
        issue(enrolled, document)
        enrolled.work()
        batch.refresh_from_db()
        assert batch.status == Batch.Status.COMPLETED
        assert Event.objects.filter(type="batch.completed").count() == completions


def test_cancelling_and_retrying_a_batch_leave_its_drafts_alone(enrolled: Office) -> None:
    batch = enrolled.ask(factura(), as_drafts=True)
    batches.cancel(enrolled.scope, batch.pk, now=enrolled.clock(), actor="api")
    batches.retry(enrolled.scope, batch.pk, now=enrolled.clock(), actor="api")
    assert [each.state for each in documents_of(batch)] == [State.DRAFT]


def test_an_external_id_is_used_once_among_drafts_too_until_its_draft_is_discarded(enrolled: Office) -> None:
    document = draft(enrolled, external_id="uno")
    for as_drafts in (True, False):
        with pytest.raises(Rejection, match="external_id_used"):
            enrolled.ask(factura(external_id="uno"), as_drafts=as_drafts)
    drafts.discard(enrolled.scope, document.pk, now=enrolled.clock())
    enrolled.ask(factura(external_id="uno"))


def test_a_draft_is_nobodys_twin_until_it_is_issued(enrolled: Office) -> None:
    first, second = draft(enrolled), draft(enrolled)
    enrolled.ask(factura("39003003-7"), as_drafts=True)
    assert "warnings" not in enrolled.answer
    assert "warnings" not in issue(enrolled, first)
    assert [w["code"] for w in issue(enrolled, second)["warnings"]] == ["possible_duplicate"]


def test_a_discarded_draft_is_gone_with_its_history_and_an_empty_batch(enrolled: Office) -> None:
    batch = enrolled.ask(factura(references=[NAMED]), factura("39003003-7"), as_drafts=True)
    first, second = documents_of(batch)
    drafts.discard(enrolled.scope, first.pk, now=enrolled.clock())
    assert [each.pk for each in documents_of(batch)] == [second.pk]
    assert not Reference.objects.exists()
    assert AuditEntry.objects.filter(action="document.discarded", target=first.pk).exists()
    drafts.discard(enrolled.scope, second.pk, now=enrolled.clock())
    assert not Batch.objects.filter(pk=batch.pk).exists()
    with pytest.raises(NotFound):
        drafts.discard(enrolled.scope, second.pk, now=enrolled.clock())


def test_what_is_no_draft_is_not_discarded_and_what_is_anothers_is_not_there(enrolled: Office) -> None:
    (document,) = documents_of(enrolled.ask(factura()))
    with pytest.raises(Rejection) as refused:
        drafts.discard(enrolled.scope, document.pk, now=enrolled.clock())
    assert (refused.value.code, refused.value.status) == ("document_not_draft", 409)
    assert document.states.exists()
    theirs, elsewhere = draft(enrolled), Scope(enrolled.scope.user_id, "production")
    with pytest.raises(NotFound):
        drafts.discard(elsewhere, theirs.pk, now=enrolled.clock())
    with pytest.raises(NotFound):
        drafts.issue(elsewhere, theirs.pk, actor="api", now=enrolled.clock())


def test_drafts_are_forgotten_after_ninety_days_and_nothing_else_is(enrolled: Office) -> None:
    old, issued = draft(enrolled), draft(enrolled)
    issue(enrolled, issued)
    enrolled.work()
    enrolled.pass_time(days=89)
    young = draft(enrolled)
    sweep(enrolled)
    assert Document.objects.filter(pk=old.pk).exists()
    enrolled.pass_time(days=2)
    sweep(enrolled)
    assert set(Document.objects.values_list("pk", flat=True)) == {issued.pk, young.pk}
    assert set(Batch.objects.values_list("pk", flat=True)) == {issued.batch_id, young.batch_id}


def sweep(office: Office) -> None:
    now = office.clock()
    Chore.objects.update_or_create(id=retention.RETENTION, defaults={"due_at": now, "lease_until": None})
    for chore in retention.take(1, clock=lambda: now):
        retention.serve(chore, clock=lambda: now)


def test_no_sum_counts_the_pesos_of_a_draft(enrolled: Office) -> None:
    batch = enrolled.ask(factura(), factura("39003003-7"), as_drafts=True)
    first, second = documents_of(batch)
    issue(enrolled, first)
    rows = Document.within(enrolled.scope)
    for figures in (sums(rows), sums_of(read([first.pk, second.pk]))):
        assert (figures.count, figures.total, figures.neto) == (2, first.total, first.neto)
        assert (figures.drafts_count, figures.drafts) == (1, second.total)
    told = figures_of([batch])[batch.pk]
    assert (told.total, told.drafted, told.documents) == (first.total, second.total, 2)
    assert told.words == {Estado.EN_CAMINO: 1, Estado.BORRADOR: 1}
    assert not told.finished
    assert [each.pk for each in rows.filter(ESTADOS[Estado.BORRADOR])] == [second.pk]


def test_a_batch_that_is_all_drafts_rests(enrolled: Office) -> None:
    batch = enrolled.ask(factura(), as_drafts=True)
    told = figures_of([batch])[batch.pk]
    assert (told.standing, told.finished, told.cancellable, told.retriable) == (
        Standing.BORRADORES,
        True,
        0,
        0,
    )


def test_a_preview_has_every_step_and_a_page_without_folio(enrolled: Office) -> None:
    document = draft(enrolled)
    told = previewing.preview(document, enrolled.clock())
    assert told["is_draft"] is told["can_be_issued"] is True
    assert [step["amount"] for step in told["steps"]][-1] == document.total
    assert previewing.draw(document).startswith(b"%PDF-")
    assert previewing.draw(document) == previewing.draw(document)
