"""Nothing gets stuck, and the SII is never asked twice what it has refused once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from middleman import Middleman
from offices import EMISOR, Office, documents_of, factura
from timbre.accounts.errors import Rejection
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.enrolling import enroll
from timbre.enrolling.models import Enrollment
from timbre.issuing import batches, resolving, turn
from timbre.issuing.models import Document, State
from timbre.issuing.overdue import CRASHES
from timbre.issuing.words import error_of
from timbre.taxpayers import lookups
from timbre.taxpayers.models import Credential, LookUp
from timbre.webhooks.models import Event
from timbre.work.models import Lane

LOGIN, PDF, BACKUP = "CAutInicio.cgi", "mipeDisplayPDF.cgi", "lista_documentos.cgi"
VERDICT = b"<html><title>Error</title><script>alert('No se puede mostrar');history.back();</script></html>"


def break_clave(credential: Credential, clave: str = "clave-mala") -> None:
    """The clave was changed at the SII, and the session it opened is over."""
    credential.keep_secrets(clave=clave)
    credential.save()
    Lane.objects.update(session="", session_owner="")


def states_of(*batches_asked: object) -> list[str]:
    return [d.state for batch in batches_asked for d in documents_of(batch)]


def test_a_pdf_the_sii_refuses_to_show_keeps_no_other_document_waiting(
    enrolled: Office, line: Middleman
) -> None:
    line.answers[PDF] = lambda _: VERDICT
    batch = enrolled.ask(factura(), factura(dte_type={"code": "34"}), factura())
    enrolled.work()
    assert states_of(batch) == [State.ISSUED] * 3
    line.answers.clear()
    enrolled.pass_time(minutes=5)
    enrolled.work()
    assert states_of(batch) == [State.DONE] * 3


def test_a_backup_page_out_of_order_does_not_stop_issuing(enrolled: Office, line: Middleman) -> None:
    line.cut_before.add(BACKUP)
    first = enrolled.ask(factura())
    enrolled.work()
    second = enrolled.ask(factura())
    enrolled.work()
    assert states_of(first, second) == [State.ISSUED] * 2
    line.cut_before.clear()
    enrolled.pass_time(minutes=5)
    enrolled.work()
    assert states_of(first, second) == [State.DONE] * 2


def test_a_clave_that_dies_before_the_files_came_is_tried_once_and_told(
    enrolled: Office, line: Middleman
) -> None:
    line.cut_before.add(PDF)
    batch = enrolled.ask(factura())
    enrolled.work()
    line.cut_before.clear()
    credential = Credential.objects.get()
    break_clave(credential)
    before = line.steps().count(LOGIN)
    for _ in range(5):
        enrolled.pass_time(minutes=5)
        enrolled.work()
    assert line.steps().count(LOGIN) == before + 1
    credential.refresh_from_db()
    assert (credential.status, states_of(batch)) == ("INVALID", [State.ISSUED])
    assert Event.objects.filter(type="credential.invalid").count() == 1
    enroll.change(credential, clave="la-nueva", certificate_password=None, now=enrolled.clock())
    enrolled.work()
    assert states_of(batch) == [State.DONE]


def test_files_are_fetched_with_the_credential_the_company_has_now(enrolled: Office, line: Middleman) -> None:
    line.cut_before.add(PDF)
    batch = enrolled.ask(factura())
    enrolled.work()
    line.cut_before.clear()
    enroll.unenroll(enrolled.scope, Credential.objects.get().company.entity_id, now=enrolled.clock())
    enrolled.enroll(clave="otra")
    enrolled.pass_time(minutes=5)
    enrolled.work()
    assert states_of(batch) == [State.DONE]


def test_what_waits_for_a_credential_says_so_and_goes_on_with_the_next_one(enrolled: Office) -> None:
    batch = enrolled.ask(factura(), factura())
    enroll.unenroll(enrolled.scope, Credential.objects.get().company.entity_id, now=enrolled.clock())
    enrolled.work()
    for waiting in documents_of(batch):
        assert (waiting.state, waiting.error_code) == (State.RECEIVED, "no_active_credentials")
        assert "credencial vigente" in waiting.error_message
        assert (error_of(waiting) or {})["type"] == "credential_error"
    enrolled.enroll(clave="otra")
    enrolled.work()
    assert [(d.state, d.error_code) for d in documents_of(batch)] == [(State.DONE, "")] * 2


def test_what_nobody_can_ask_about_any_more_is_handed_to_a_person(enrolled: Office, line: Middleman) -> None:
    line.cut_after.add("mipeSendXML.cgi")
    doubt = enrolled.ask(factura())
    enrolled.work()
    enroll.unenroll(enrolled.scope, Credential.objects.get().company.entity_id, now=enrolled.clock())
    enrolled.work()
    lane = Lane.objects.get()
    assert lane.due_at is not None, "the lane has to come back for it"
    enrolled.pass_time(hours=25)
    enrolled.work()
    doubt.refresh_from_db()
    assert (states_of(doubt), doubt.status) == ([State.INCOMPLETE], "completed"), "it may be issued"


def test_a_credential_forgotten_while_it_was_being_tried_poisons_nobodys_lane(enrolled: Office) -> None:
    stranger = Office(enrolled.store, Scope(User.objects.named("eva@example.cl").pk, "sandbox"))
    started = stranger.begin_to_enroll(clave="cualquiera")
    enroll.deactivate(started.credential, now=stranger.clock())
    batch = enrolled.ask(factura())
    enrolled.work()
    assert states_of(batch) == [State.DONE]
    started.refresh_from_db()
    assert (started.status, started.error_code) == ("error", "superseded")


def test_one_mistyped_clave_for_many_companies_is_tried_once(office: Office, line: Middleman) -> None:
    before = line.steps().count(LOGIN)
    for emisor in (EMISOR, "39002002-3", "39003003-7", "39004004-0"):
        office.begin_to_enroll(emisor, person="11111111-1", clave="clave-mala")
    office.work()
    assert line.steps().count(LOGIN) == before + 1
    assert Enrollment.objects.filter(error_code="sii_credentials_invalid").count() == 4
    assert Event.objects.filter(type="credential.invalid").count() == 4


def test_claves_of_one_person_are_not_guessed_here(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enroll, "WRONG_CLAVES", 2)
    for wrong in ("clave-mala", "clave-ultimos-intentos"):
        assert office.enroll(clave=wrong).status == "invalid"
    with pytest.raises(Rejection) as refused:
        office.enroll(clave="ni-idea")
    assert (refused.value.code, refused.value.status) == ("credential_attempts_exceeded", 409)
    office.pass_time(minutes=61)
    assert office.enroll(clave="secreta").status == "valid"


def test_look_ups_with_a_dead_clave_ask_the_sii_once(enrolled: Office, line: Middleman) -> None:
    credential = Credential.objects.get()
    break_clave(credential)
    before = line.steps().count(LOGIN)
    for rut in ("39002002-3", "39003003-7", "39004004-0"):
        LookUp.objects.create(
            lane_id=credential.lane_id,
            credential=credential,
            rut=rut,
            wanted_until=enrolled.clock() + lookups.PATIENCE,
        )
    Lane.wake([credential.lane_id], enrolled.clock())
    enrolled.work()
    assert line.steps().count(LOGIN) == before + 1
    assert not LookUp.objects.exists()


def test_a_locked_person_is_not_tried_again_within_the_turn(office: Office, line: Middleman) -> None:
    before = line.steps().count(LOGIN)
    for emisor in (EMISOR, "39003003-7", "39004004-0"):
        office.begin_to_enroll(emisor, person="11111111-1", clave="clave-bloqueada")
    office.work()
    assert line.steps().count(LOGIN) == before + 1


def test_after_an_outage_one_crash_does_not_refuse_a_document(enrolled: Office, line: Middleman) -> None:
    line.cut_before.add("mipeGenFacEx.cgi")
    batch = enrolled.ask(factura())
    for _ in range(7):
        enrolled.work(turns=1)
        enrolled.pass_time(hours=1)
    document = documents_of(batch)[0]
    assert document.failures > CRASHES
    Document.objects.update(request={})
    enrolled.work(turns=1)
    assert documents_of(batch)[0].state == State.RECEIVED


def test_retrying_uses_the_credential_the_company_has_now_and_forgets_the_first_signing(
    enrolled: Office, line: Middleman
) -> None:
    line.cut_after.add("mipeSendXML.cgi")
    batch = enrolled.ask(factura())
    enrolled.work()
    document = documents_of(batch)[0]
    with pytest.raises(Rejection) as early:
        resolving.resolve(enrolled.scope, document.pk, outcome="not_issued", actor="ana", now=timezone.now())
    assert early.value.code == "document_still_sending"
    later = enrolled.clock() + timedelta(minutes=30)
    resolving.resolve(enrolled.scope, document.pk, outcome="not_issued", actor="ana", now=later)
    first = Credential.objects.get()
    hers = enrolled.enroll(person="11111111-1", clave="de-ella").credential
    enroll.deactivate(first, now=enrolled.clock())
    batches.retry(enrolled.scope, batch.pk, now=enrolled.clock(), actor="ana")
    document.refresh_from_db()
    assert (document.credential_id, document.lane_id) == (hers.pk, hers.lane_id)
    assert (document.folio, document.codigo, document.digest, document.sends) == (None, "", "", 0)


def test_a_resolved_document_completes_its_batch_after_all(enrolled: Office, line: Middleman) -> None:
    line.cut_after.add("mipeSendXML.cgi")
    batch = enrolled.ask(factura())
    enrolled.work()
    line.cut_after.clear()
    line.cut_before.add("mipeAdminDocsEmi.cgi")
    for delta in ({"minutes": 1}, {"hours": 25}):
        enrolled.pass_time(**delta)
        enrolled.work()
    batch.refresh_from_db()
    assert (states_of(batch), batch.status) == ([State.INCOMPLETE], "completed"), "it may be issued"
    line.cut_before.clear()
    document = documents_of(batch)[0]
    resolving.resolve(enrolled.scope, document.pk, outcome="issued", actor="ana", now=enrolled.clock())
    enrolled.work()
    batch.refresh_from_db()
    assert (states_of(batch), batch.status) == ([State.DONE], "completed")


def test_production_lanes_are_left_alone_while_production_is_off(enrolled: Office) -> None:
    Lane.objects.update(environment="production", due_at=enrolled.clock())
    assert turn.take(4) == []


def test_a_lane_never_served_comes_before_those_that_were(enrolled: Office) -> None:
    now = enrolled.clock()
    Lane.objects.update(last_served=now, due_at=now)
    fresh = Lane.portal("sandbox", "22222222-2")
    Lane.wake([fresh.pk], now)
    assert turn.take(1, clock=enrolled.clock) == [fresh]


def test_documents_go_on_with_another_person_when_theirs_leaves(enrolled: Office, line: Middleman) -> None:
    hers = enrolled.enroll(person="11111111-1", clave="de-ella").credential
    first = Credential.objects.exclude(pk=hers.pk).get()
    waiting = enrolled.ask(factura())
    enroll.deactivate(first, now=enrolled.clock())
    enrolled.work()
    document = documents_of(waiting)[0]
    assert (document.state, document.lane_id) == (State.DONE, hers.lane_id)


def test_documents_go_on_once_another_person_is_enrolled(enrolled: Office, line: Middleman) -> None:
    break_clave(Credential.objects.get())
    waiting = enrolled.ask(factura())
    enrolled.work()
    assert states_of(waiting) == [State.RECEIVED]
    hers = enrolled.enroll(person="11111111-1", clave="de-ella").credential
    enrolled.work()
    document = documents_of(waiting)[0]
    assert (document.state, document.lane_id) == (State.DONE, hers.lane_id)


def test_documents_of_a_locked_person_say_what_they_wait_for(enrolled: Office, line: Middleman) -> None:
    break_clave(Credential.objects.get(), clave="clave-bloqueada")
    before = enrolled.ask(factura())
    enrolled.work()
    after = enrolled.ask(factura())
    for batch in (before, after):
        document = documents_of(batch)[0]
        assert (document.state, document.error_code) == (State.RECEIVED, "credential_locked")
        assert "una hora" in document.error_message


def test_claves_enrolled_before_the_worker_runs_are_counted_too(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enroll, "WRONG_CLAVES", 2)
    for number, emisor in enumerate((EMISOR, "39003003-7")):
        office.begin_to_enroll(emisor, clave=f"clave {number}")
    with pytest.raises(Rejection) as refused:
        office.begin_to_enroll("39004004-0", clave="clave 2")
    assert refused.value.code == "credential_attempts_exceeded"


def test_wrong_claves_of_others_do_not_keep_out_who_holds_the_right_one(
    enrolled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enroll, "WRONG_CLAVES", 1)
    stranger = Office(enrolled.store, Scope(User.objects.named("eva@example.cl").pk, "sandbox"))
    assert stranger.enroll(clave="clave-mala").status == "invalid"
    credential = Credential.within(enrolled.scope).get()
    enroll.change(credential, clave=None, certificate_password="nueva", now=enrolled.clock())
    enrolled.work()
    credential.refresh_from_db()
    assert credential.status == "VALID"


def test_a_no_nobody_has_documented_stops_the_credential_at_once(office: Office, line: Middleman) -> None:
    line.answers[LOGIN] = lambda _: b"<html><title>Error</title>No puede entrar 01.01.203.500.720.77</html>"
    enrollment = office.enroll()
    before = line.steps().count(LOGIN)
    assert (enrollment.status, enrollment.error_code, before) == ("invalid", "login_refused", 1)
    office.pass_time(hours=2)
    office.work()
    assert line.steps().count(LOGIN) == before


def test_a_clave_refused_while_issuing_is_not_tried_at_enrolling(enrolled: Office, line: Middleman) -> None:
    break_clave(Credential.objects.get())
    enrolled.ask(factura())
    enrolled.work()
    with pytest.raises(Rejection) as refused:
        enrolled.begin_to_enroll(clave="clave-mala")
    assert refused.value.code == "sii_credentials_invalid"


@pytest.mark.django_db(transaction=True)
def test_a_credential_forgotten_while_the_sii_was_asked_stays_forgotten(
    enrolled: Office, line: Middleman
) -> None:
    def forget(body: bytes) -> bytes:
        enroll.deactivate(Credential.objects.get(), now=enrolled.clock())
        connection.close()
        return body

    started = enrolled.begin_to_enroll()
    line.requests["getCertDigital.cgi"] = forget
    enrolled.work()
    started.refresh_from_db()
    credential = Credential.objects.get()
    assert (credential.status, credential.is_default, started.error_code) == ("PENDING", False, "superseded")
    assert Event.objects.filter(type="credential.validated").count() == 1, "the first one alone"


def test_files_of_a_company_are_fetched_by_whoever_may_now(enrolled: Office, line: Middleman) -> None:
    line.cut_before.add(PDF)
    batch = enrolled.ask(factura())
    enrolled.work()
    line.cut_before.clear()
    first = Credential.objects.get()
    enrolled.enroll(person="11111111-1", clave="de-ella")
    enroll.deactivate(first, now=enrolled.clock())
    enrolled.pass_time(minutes=5)
    enrolled.work()
    assert states_of(batch) == [State.DONE]


def deny_while_it_is_found(
    office: Office, line: Middleman, asked: dict[str, Any], then: Callable[[], None] = lambda: None
) -> Document:
    """A document in doubt of which a person says that it was not issued, while the SII shows that it was."""
    line.cut_after.add("mipeSendXML.cgi")
    (document,) = documents_of(office.ask(asked))
    office.work()
    line.cut_after.clear()

    def deny(body: bytes) -> bytes:
        line.requests.clear()
        later = office.clock() + timedelta(minutes=30)
        resolving.resolve(office.scope, document.pk, outcome="not_issued", actor="ana", now=later)
        then()
        connection.close()
        return body

    line.requests["mipeAdminDocsEmi.cgi"] = deny
    office.pass_time(seconds=30)
    office.work()
    document.refresh_from_db()
    return document


@pytest.mark.django_db(transaction=True)
def test_what_a_person_denied_and_the_sii_shows_is_kept_and_can_be_mended(
    enrolled: Office, line: Middleman
) -> None:
    document = deny_while_it_is_found(enrolled, line, factura())
    assert (document.state, document.error_code) == (State.INCOMPLETE, "resolved_otherwise")
    told = Event.objects.filter(type="batch.completed").order_by("seq")
    assert [event.data["status"] for event in told] == ["failed", "completed"], "it may be issued after all"
    resolving.resolve(enrolled.scope, document.pk, outcome="issued", actor="ana", now=enrolled.clock())
    enrolled.work()
    assert states_of(document.batch) == [State.DONE]
    assert len(enrolled.store.issued()) == 1


@pytest.mark.django_db(transaction=True)
def test_what_a_person_denied_and_asked_for_again_is_told_when_the_sii_shows_it(
    enrolled: Office, line: Middleman
) -> None:
    """The second one has the external_id of the first by then."""
    again: list[Document] = []

    def ask_again() -> None:
        again.extend(documents_of(enrolled.ask(factura(external_id="venta-7"))))

    document = deny_while_it_is_found(enrolled, line, factura(external_id="venta-7"), ask_again)
    assert (document.state, document.error_code) == (State.INCOMPLETE, "resolved_otherwise")
    asked = Event.objects.get(type="document.in_doubt", document_id=document.pk)
    assert asked.data["error"]["evidence"][-1]["external_id"] == "venta-7"
    again[0].refresh_from_db()
    assert (again[0].state, again[0].external_id, document.external_id) == (State.DONE, "venta-7", "")


def test_a_batch_is_told_as_failed_only_once_it_is_known_that_nothing_of_it_was_issued(
    enrolled: Office, line: Middleman
) -> None:
    line.cut_after.add("mipeSendXML.cgi")
    batch = enrolled.ask(factura())
    enrolled.work()
    line.cut_before.add("mipeAdminDocsEmi.cgi")
    for delta in ({"minutes": 1}, {"hours": 25}):
        enrolled.pass_time(**delta)
        enrolled.work()
    document = documents_of(batch)[0]
    resolving.resolve(enrolled.scope, document.pk, outcome="not_issued", actor="ana", now=enrolled.clock())
    batch.refresh_from_db()
    assert (states_of(batch), batch.status) == ([State.REFUSED], "failed")
    told = Event.objects.filter(type="batch.completed").order_by("seq")
    assert [event.data["status"] for event in told] == ["completed", "failed"]
