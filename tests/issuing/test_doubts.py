"""The answer to the one request that issues is lost: nothing is sent blindly, lost or issued twice."""

import pytest

from middleman import Middleman
from offices import Office, documents_of, factura
from timbre.enrolling import enroll
from timbre.issuing import resolving
from timbre.issuing.models import Document, State
from timbre.simulator.store import FolioBehaviour
from timbre.webhooks.models import Event

SEND = "mipeSendXML.cgi"


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
