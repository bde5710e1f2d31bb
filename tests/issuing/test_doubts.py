"""The answer to the one request that issues is lost: nothing is sent blindly, lost or issued twice."""

from typing import Any

import pytest

from middleman import Middleman
from offices import Office, documents_of, factura
from timbre.enrolling import enroll
from timbre.issuing import presenting, resolving
from timbre.issuing.models import Document, State
from timbre.simulator.store import FolioBehaviour
from timbre.webhooks.models import Event
from timbre.work.models import Lane
from timbre.work.timing import SANDBOX

SEND, LIST = "mipeSendXML.cgi", "mipeAdminDocsEmi.cgi"


@pytest.fixture(params=list(FolioBehaviour), ids=lambda behaviour: behaviour.value)
def folios(request: pytest.FixtureRequest) -> FolioBehaviour:
    return request.param


def settle(office: Office) -> None:
    for _ in range(12):
        office.pass_time(seconds=15)
        office.work()


def assert_each_issued_once(office: Office, documents: list[Document]) -> None:
    assert [d.state for d in documents] == [State.DONE] * len(documents)
    folios = sorted(d.folio or 0 for d in documents)
    assert len(set(folios)) == len(documents)
    assert sorted(issued.folio for issued in office.store.issued()) == folios
    digests = {issued.digest for issued in office.store.issued()}
    assert digests == {d.digest for d in documents}
    told = Event.objects.filter(type="document.issued", document_id__in=[d.pk for d in documents])
    assert told.count() == len(documents)


def test_an_answer_lost_after_the_sii_acted_is_found_by_its_digest(enrolled: Office, line: Middleman) -> None:
    line.cut_after.add(SEND)
    batch = enrolled.ask(factura(), factura())
    enrolled.work()
    first, twin = documents_of(batch)
    assert (first.state, twin.state) == (State.IN_DOUBT, State.RECEIVED), "the lane waits meanwhile"
    line.cut_after.clear()
    settle(enrolled)
    documents = documents_of(batch)
    assert_each_issued_once(enrolled, documents)
    assert documents[0].signings == 1
    assert line.steps().count(SEND) == 2, "nothing was sent a second time"


def test_a_request_that_never_arrived_is_sent_again_with_the_same_bytes(
    enrolled: Office, line: Middleman
) -> None:
    line.cut_before.add(SEND)
    batch = enrolled.ask(factura(), factura())
    enrolled.work()
    digest = documents_of(batch)[0].digest
    line.cut_before.clear()
    enrolled.pass_time(seconds=11)
    enrolled.work()
    assert documents_of(batch)[0].state == State.IN_DOUBT, "one look is not enough"
    assert not enrolled.store.issued()
    settle(enrolled)
    documents = documents_of(batch)
    assert documents[0].digest == digest
    assert_each_issued_once(enrolled, documents)


def test_a_document_whose_folio_went_to_another_is_signed_anew(enrolled: Office, line: Middleman) -> None:
    """Another person of the same company issues in the meantime, in a lane of their own."""
    line.cut_before.add(SEND)
    mine = enrolled.ask(factura())
    enrolled.work()
    line.cut_before.clear()
    hers = enrolled.enroll(person="11111111-1", clave="de-ella").credential
    enroll.make_default(hers, now=enrolled.clock())
    theirs = enrolled.ask(factura())
    enrolled.work()
    settle(enrolled)
    assert_each_issued_once(enrolled, [*documents_of(mine), *documents_of(theirs)])


def test_an_unknown_page_after_sending_is_a_doubt_never_a_success(enrolled: Office, line: Middleman) -> None:
    line.answers[SEND] = lambda _: b"<html><title>Mantenimiento</title>Volvemos pronto</html>"
    batch = enrolled.ask(factura())
    enrolled.work()
    assert documents_of(batch)[0].state == State.IN_DOUBT
    line.answers.clear()
    settle(enrolled)
    assert_each_issued_once(enrolled, documents_of(batch))


def test_a_doubt_that_cannot_be_resolved_is_handed_to_a_person_and_the_lane_goes_on(
    enrolled: Office, line: Middleman
) -> None:
    line.cut_after.add(SEND)
    batch = enrolled.ask(factura(), factura())
    enrolled.work()
    line.cut_after.clear()
    line.cut_before.add("mipeAdminDocsEmi.cgi")
    enrolled.pass_time(minutes=1)
    enrolled.work()
    enrolled.pass_time(hours=25)
    line.cut_before.clear()
    enrolled.work()
    first, second = documents_of(batch)
    assert (first.state, second.state) == (State.INCOMPLETE, State.DONE)
    resolving.resolve(enrolled.scope, first.pk, outcome="issued", actor="ana", now=enrolled.clock())
    enrolled.work()
    assert_each_issued_once(enrolled, documents_of(batch))


def test_the_sii_being_down_before_sending_only_delays(enrolled: Office, line: Middleman) -> None:
    line.cut_before.add("mipeGenXMLFirma.cgi")
    batch = enrolled.ask(factura())
    enrolled.work()
    waiting = documents_of(batch)[0]
    assert (waiting.state, waiting.error_code) == (State.RECEIVED, "sii_unavailable")
    line.cut_before.clear()
    enrolled.pass_time(minutes=5)
    enrolled.work()
    assert_each_issued_once(enrolled, documents_of(batch))


def test_what_could_not_be_issued_in_its_time_expires_and_may_be_retried(
    enrolled: Office, line: Middleman
) -> None:
    line.cut_before.add("mipeGenFacEx.cgi")
    batch = enrolled.ask(factura())
    enrolled.work()
    enrolled.pass_time(hours=49)
    enrolled.work()
    assert documents_of(batch)[0].state == State.EXPIRED
    batch.refresh_from_db()
    assert batch.status == "failed"
    assert Event.objects.get(type="document.issue_failed").data["error"]["code"] == "expired"


def history(document: Document, code: str) -> list[dict[str, Any]]:
    """The evidence of what happened to a document under one code, oldest first."""
    return [state.evidence for state in reversed(document.states.filter(code=code))]


def test_not_issued_takes_two_looks_apart_the_first_well_after_the_deadline_and_the_folio_asked_again(
    enrolled: Office, line: Middleman
) -> None:
    line.cut_before.add(SEND)
    batch = enrolled.ask(factura())
    enrolled.work()
    document = documents_of(batch)[0]
    assert document.send_deadline is not None
    settled = document.send_deadline + SANDBOX.doubt_first
    line.cut_before.clear()
    line.seen.clear()
    Document.objects.update(due_at=enrolled.clock())
    Lane.wake([document.lane_id], enrolled.clock())
    enrolled.work()
    document.refresh_from_db()
    assert LIST in line.steps()
    assert document.absent_since is None, "a look so early tells nothing"
    settle(enrolled)
    document.refresh_from_db()
    assert document.state == State.DONE
    looks = document.states.filter(code="not_listed").order_by("at")
    counted = [look.at for look in looks if look.at >= settled]
    assert len(counted) == 2
    assert counted[1] - counted[0] >= SANDBOX.doubt_gap
    asked = document.states.get(code="folio_proposed")
    assert asked.at >= counted[1]
    assert asked.evidence["proposed"] >= asked.evidence["folio"] == document.folio


def test_each_look_leaves_what_was_asked_and_what_was_seen(
    enrolled: Office, line: Middleman, folios: FolioBehaviour
) -> None:
    line.cut_before.add(SEND)
    batch = enrolled.ask(factura())
    enrolled.work()
    document = documents_of(batch)[0]
    [doubt] = history(document, "in_doubt")
    assert (doubt["folio"], doubt["digest"]) == (document.folio, document.digest)
    assert doubt["why"]
    line.cut_before.clear()
    line.cut_before.add(LIST)
    for _ in range(3):
        enrolled.pass_time(seconds=40)
        enrolled.work()
    [silence] = history(document, "no_answer")
    assert silence["asked"] == "Lista de emitidos del SII: tipo 33, folio 1."
    assert silence["why"]
    line.cut_before.clear()
    settle(enrolled)
    for look in history(document, "not_listed"):
        assert (look["folio"], look["listed"], look["digest"]) == (1, 0, document.digest)
    [proposal] = history(document, "folio_proposed")
    assert proposal["proposed"] == (1 if folios is FolioBehaviour.SENDING else 2)
    [issued] = history(document, "issued")
    assert issued["folio"] == 1
    assert issued["codigo"]
    shown = presenting.states(Document.objects.get(pk=document.pk))["states"]
    assert {"not_listed", "folio_proposed", "no_answer"} <= {state["event_code"] for state in shown}
    assert all("asked" in state["evidence"] for state in shown if state["event_code"] == "not_listed")


def test_what_was_found_issued_says_where_it_was_seen(enrolled: Office, line: Middleman) -> None:
    line.cut_after.add(SEND)
    batch = enrolled.ask(factura())
    enrolled.work()
    line.cut_after.clear()
    settle(enrolled)
    document = documents_of(batch)[0]
    [found] = history(document, "issued")
    assert found["asked"].startswith("Lista de emitidos del SII")
    assert (found["codigo"], found["digest"]) == (document.codigo, document.digest)


def test_after_a_day_a_person_is_asked_once_with_the_evidence_and_what_to_do(
    enrolled: Office, line: Middleman
) -> None:
    line.cut_after.add(SEND)
    batch = enrolled.ask(factura(), factura())
    enrolled.work()
    line.cut_after.clear()
    line.cut_before.add(LIST)
    enrolled.pass_time(hours=1)
    enrolled.work()
    assert not Event.objects.filter(type="document.in_doubt").exists()
    for _ in range(3):
        enrolled.pass_time(hours=25)
        enrolled.work()
    first = documents_of(batch)[0]
    told = Event.objects.get(type="document.in_doubt", document_id=first.pk)
    assert Event.objects.filter(type="document.updated", document_id=first.pk).count() == 1
    error = told.data["error"]
    assert (error["code"], error["retryable"]) == ("doubt_unresolved", False)
    assert "folio 1 " in error["cause"], "it is what a person has to look for"
    assert "sii.cl" in error["fix"]
    assert [each["code"] for each in error["evidence"]] == ["sending", "in_doubt", "no_answer", "incomplete"]
    assert {each.get("folio", 1) for each in error["evidence"]} == {1}
    assert error["evidence"][-1]["digest"] == first.digest


def test_one_persons_doubt_keeps_no_other_persons_lane_waiting(enrolled: Office, line: Middleman) -> None:
    line.cut_after.add(SEND)
    mine = enrolled.ask(factura(), factura())
    enrolled.work()
    line.cut_after.clear()
    hers = enrolled.enroll("39003003-7", person="11111111-1", clave="de-ella")
    assert hers.status == "valid"
    theirs = enrolled.ask(factura(document_issuer={"rut": "39003003-7"}))
    line.cut_before.add(LIST)
    enrolled.work()
    assert [d.state for d in documents_of(mine)] == [State.IN_DOUBT, State.RECEIVED]
    assert [d.state for d in documents_of(theirs)] == [State.DONE]
    line.cut_before.clear()
    settle(enrolled)
    assert [d.state for d in documents_of(mine)] == [State.DONE] * 2


@pytest.mark.parametrize("step", ["mipeGenFacEx.cgi", "IngresoRutClave.html"])
def test_an_sii_that_asks_to_be_left_alone_is_left_alone_whatever_wakes_the_lane(
    enrolled: Office, line: Middleman, step: str
) -> None:
    if step != "mipeGenFacEx.cgi":
        Lane.objects.update(session="", session_owner="")
    line.statuses[step] = 503
    line.headers[step] = {"Retry-After": "600"}
    batch = enrolled.ask(factura())
    enrolled.work()
    asked = len(line.seen)
    for _ in range(5):
        enrolled.pass_time(seconds=110)
        enrolled.ask(factura())
        Lane.wake([documents_of(batch)[0].lane_id], enrolled.clock())
        enrolled.work()
    assert len(line.seen) == asked, "nothing within ten minutes"
    line.statuses.clear()
    enrolled.pass_time(seconds=250)
    enrolled.work()
    assert documents_of(batch)[0].state == State.DONE
