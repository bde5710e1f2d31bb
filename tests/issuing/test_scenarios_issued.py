"""Each scenario of the simulator, asked for by a batch's header: what becomes of its document.

The real simulator over HTTP and the real worker; the clock is the test's. Never issued twice, never lost.
"""

from dataclasses import dataclass

import pytest

from offices import EMISOR, PERSON, Office, documents_of, factura
from timbre.enrolling.models import Enrollment
from timbre.issuing.models import Document, StoredFile
from timbre.simulator.scenarios import CATALOGUE
from timbre.taxpayers.models import Credential
from timbre.work.models import Lane

HOUR = 3600.0


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


def pass_through(office: Office, name: str) -> Document:
    """One document under a scenario, after half an hour of Timbre's own work."""
    batch = office.ask(factura(), scenario=name)
    for _ in range(60):
        office.work()
        office.pass_time(seconds=30)
    (document,) = documents_of(batch)
    return document


def signatures(document: Document) -> int:
    return StoredFile.objects.filter(document=document, kind="xml").count()


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_document_ends_as_its_scenario_says_and_is_issued_once_at_most(
    enrolled: Office, name: str
) -> None:
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


def struck(office: Office, document: Document) -> int:
    """How often the simulator did what the document's batch asked for."""
    mark = f"{document.scenario}%"
    count = office.store.connection.execute(
        "SELECT sum(count) FROM strikes WHERE mark LIKE ? AND mark NOT LIKE '% session'", (mark,)
    )
    return int(count.fetchone()[0] or 0)
