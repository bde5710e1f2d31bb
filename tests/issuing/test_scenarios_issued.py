"""Each scenario of the simulator, asked for by a batch's header: what becomes of its document.

The real simulator over HTTP and the real worker; the clock is the test's. Never issued twice, never lost.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from offices import EMISOR, Office, documents_of, factura
from timbre.dte.rut import check_digit
from timbre.issuing.models import FINAL, Document, StoredFile
from timbre.issuing.words import status_of
from timbre.simulator.orders import Order, Orders
from timbre.simulator.scenarios import CATALOGUE
from timbre.taxpayers.models import Credential
from timbre.work.models import Lane

PAGE = (Path(__file__).parents[2] / "docs/sandbox.md").read_text(encoding="utf-8")
WAY = ("login_page", "log_in", "companies", "choose_company", "form", "look_up", "preview", "sign_page")
WAY += ("certificate", "sign", "send", "backup_form", "backup_list", "backup", "pdf")
"""Every step a document takes whose session has to be opened first."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a document: at first, and once Timbre has had its time."""

    state: str = "done"
    error: str = ""
    issued: int = 1
    doubted: bool = False


OUTCOMES = {
    "refusal": Outcome("refused", "sii_rejected", 0),
    "objection": Outcome(),
    "outage": Outcome(),
    "html_instead": Outcome(),
    "cut_before": Outcome(doubted=True),
    "cut_after": Outcome(doubted=True),
    "lost_answer": Outcome(doubted=True),
    "unknown_page": Outcome(doubted=True),
    "duplicate_answer": Outcome(),
    "expired_session": Outcome(),
    "captcha": Outcome(),
    "tampered_preview": Outcome("refused", "sii_page_mismatch", 0),
    "tampered_xml": Outcome("refused", "sii_page_mismatch", 0),
    "folios_signing": Outcome(),
    "folios_sending": Outcome(),
    "slow": Outcome(),
    "clock_skew": Outcome(),
    "wrong_clave": Outcome("received", "sii_credentials_invalid", 0),
    "locked": Outcome("received", "credential_locked", 0),
    "session_limit": Outcome("received", "sii_session_limit", 0),
    "company_not_authorised": Outcome("received", "company_not_authorised", 0),
    "no_certificate": Outcome("received", "certificate_missing", 0),
}
STOPPED = ("wrong_clave", "company_not_authorised", "no_certificate")
CLOSED = ("locked", "session_limit")


def test_every_scenario_has_its_outcome() -> None:
    assert OUTCOMES.keys() == CATALOGUE.keys()


def pass_through(office: Office, name: str = "") -> Document:
    """One document under a scenario, after half an hour of Timbre's own work."""
    batch = office.ask(factura(), scenario=name)
    work_on(office)
    (document,) = documents_of(batch)
    return document


def work_on(office: Office) -> None:
    """Until all is final, half an hour at most."""
    for _ in range(60):
        office.work()
        if not Document.objects.exclude(state__in=FINAL).exists():
            return
        office.pass_time(seconds=30)


def signatures(document: Document) -> int:
    return StoredFile.objects.filter(document=document, kind="xml").count()


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_document_ends_as_its_scenario_says_and_is_issued_once_at_most(enrolled: Office, name: str) -> None:
    document, outcome = pass_through(enrolled, name), OUTCOMES[name]
    issued = enrolled.store.issued(EMISOR)
    assert (document.state, document.error_code, len(issued)) == (
        outcome.state,
        outcome.error,
        outcome.issued,
    )
    assert [each.digest for each in issued] == [document.digest] * outcome.issued
    assert signatures(document) == outcome.issued
    assert document.states.filter(code="in_doubt").exists() == outcome.doubted
    assert struck(enrolled, document) >= (CATALOGUE[name].times or 1)
    told = f"`{status_of(document)}`" + (f" `{document.error_code}`" if document.error_code else "")
    assert re.search(rf"^\| `{name}` \|.*\| {told} \|$", PAGE, re.MULTILINE), told


@pytest.mark.parametrize("name", [name for name, scenario in CATALOGUE.items() if scenario.number])
def test_a_document_ends_in_the_same_way_when_its_receiver_asks_for_the_scenario(
    enrolled: Office, name: str
) -> None:
    number = CATALOGUE[name].number or 0
    batch = enrolled.ask(factura(f"{number}-{check_digit(number)}"))
    work_on(enrolled)
    (document,), outcome = documents_of(batch), OUTCOMES[name]
    ended = (document.state, document.error_code, len(enrolled.store.issued(EMISOR)))
    assert ended == (outcome.state, outcome.error, outcome.issued)


def struck(office: Office, document: Document) -> int:
    """How often the simulator did what the document's batch asked for."""
    mark = f"{document.scenario}%"
    count = office.store.connection.execute(
        "SELECT sum(count) FROM strikes WHERE mark LIKE ? AND mark NOT LIKE '% session'", (mark,)
    )
    return int(count.fetchone()[0] or 0)


@pytest.mark.parametrize("name", STOPPED)
def test_a_credential_that_a_scenario_stopped_is_not_tried_again_until_it_is_mended(
    enrolled: Office, name: str
) -> None:
    document = pass_through(enrolled, name)
    credential = Credential.objects.get(pk=document.credential_id)
    assert (credential.status, credential.reason) == (Credential.Status.INVALID, OUTCOMES[name].error)
    assert struck(enrolled, document) == 1
    clave = "otra" if name == "wrong_clave" else "secreta"
    assert enrolled.enroll(clave=clave).status == "valid"
    work_on(enrolled)
    document.refresh_from_db()
    assert (document.state, len(enrolled.store.issued(EMISOR))) == ("done", 1)


@pytest.mark.parametrize("name", CLOSED)
def test_a_lane_that_a_scenario_closed_asks_nothing_before_its_time(enrolled: Office, name: str) -> None:
    document = pass_through(enrolled, name)
    lane = Lane.objects.get(pk=document.lane_id)
    assert (lane.closed_reason, struck(enrolled, document)) == (OUTCOMES[name].error, 1)
    assert lane.closed_until is not None
    assert lane.closed_until > enrolled.clock()
    enrolled.pass_time(minutes=40)
    work_on(enrolled)
    document.refresh_from_db()
    assert (document.state, len(enrolled.store.issued(EMISOR))) == ("done", 1)


@pytest.mark.parametrize("name", ["cut_before", "cut_after", "html_instead", "expired_session"])
def test_trouble_at_every_single_step_of_a_document_issues_it_once(enrolled: Office, name: str) -> None:
    orders = Orders(enrolled.store)
    for step in WAY:
        orders.add(Order(scenario=name, step=step, times=1))
    Lane.objects.update(session="", session_owner="")
    document = pass_through(enrolled)
    assert (document.state, len(enrolled.store.issued(EMISOR))) == ("done", 1)
    assert orders.in_force() == []


@pytest.mark.parametrize("name", ["duplicate_answer", "html_instead"])
def test_a_scenario_never_leaks_from_one_batch_into_another(enrolled: Office, name: str) -> None:
    before, struck_by, after = (
        enrolled.ask(factura(), factura()),
        enrolled.ask(factura(), factura(), scenario=name),
        enrolled.ask(factura(), factura()),
    )
    work_on(enrolled)
    documents = [documents_of(batch) for batch in (before, struck_by, after)]
    assert {each.state for batch in documents for each in batch} == {"done"}
    counts = enrolled.store.connection.execute("SELECT sum(count) FROM strikes").fetchone()
    strikes = [struck(enrolled, each) for each in documents[1]]
    assert strikes == [len(CATALOGUE[name].steps)] * 2
    assert counts[0] == sum(strikes)
    assert len(enrolled.store.issued(EMISOR)) == 6
