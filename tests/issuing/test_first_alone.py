"""A lane's first production document goes alone; the rest follow once it is confirmed (design 2.10)."""

from dataclasses import replace

import pytest

from middleman import Middleman
from offices import Office, documents_of, factura
from timbre.issuing import resolving
from timbre.issuing.models import Batch, State
from timbre.simulator.store import FolioBehaviour
from timbre.work.models import Lane
from timbre.work.timing import PRODUCTION, SANDBOX, TIMINGS

SEND, LIST = "mipeSendXML.cgi", "mipeAdminDocsEmi.cgi"
FILES = "download.cgi"


@pytest.fixture(autouse=True)
def as_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sandbox with production's caution."""
    assert PRODUCTION.first_alone
    assert not SANDBOX.first_alone
    monkeypatch.setitem(TIMINGS, "sandbox", replace(SANDBOX, first_alone=True))


@pytest.fixture
def folios() -> FolioBehaviour:
    return FolioBehaviour.SENDING


def states_of(batch: Batch) -> list[str]:
    return [document.state for document in documents_of(batch)]


def test_the_second_is_not_sent_before_the_first_is_confirmed(enrolled: Office, line: Middleman) -> None:
    line.cut_before.add(FILES)
    batch = enrolled.ask(factura(), factura(), factura())
    for _ in range(3):
        enrolled.work()
        enrolled.pass_time(seconds=40)
    assert states_of(batch) == [State.ISSUED, State.RECEIVED, State.RECEIVED]
    assert line.steps().count(SEND) == 1
    line.cut_before.clear()
    enrolled.pass_time(minutes=5)
    enrolled.work()
    assert states_of(batch) == [State.DONE] * 3


def test_once_one_is_confirmed_the_rest_go_together(enrolled: Office, line: Middleman) -> None:
    batch = enrolled.ask(factura(), factura(), factura())
    enrolled.work()
    assert states_of(batch) == [State.DONE] * 3
    steps = [step for step in line.steps() if step in {SEND, FILES}]
    assert steps == [SEND, FILES, SEND, SEND, FILES], "the SII's own copy of the first was seen before more"


def test_while_the_first_is_in_doubt_the_others_wait(enrolled: Office, line: Middleman) -> None:
    line.cut_after.add(SEND)
    batch = enrolled.ask(factura(), factura())
    enrolled.work()
    assert states_of(batch) == [State.IN_DOUBT, State.RECEIVED]
    line.cut_after.clear()
    for _ in range(6):
        enrolled.pass_time(seconds=15)
        enrolled.work()
    assert states_of(batch) == [State.DONE] * 2


def test_a_first_that_nobody_can_settle_holds_the_others_until_a_person_does(
    enrolled: Office, line: Middleman
) -> None:
    line.cut_after.add(SEND)
    batch = enrolled.ask(factura(), factura())
    enrolled.work()
    line.cut_after.clear()
    line.cut_before.add(LIST)
    for delta in ({"minutes": 30}, {"hours": 25}):
        enrolled.pass_time(**delta)
        enrolled.work()
    assert states_of(batch) == [State.INCOMPLETE, State.RECEIVED]
    line.cut_before.clear()
    first = documents_of(batch)[0]
    resolving.resolve(enrolled.scope, first.pk, outcome="issued", actor="ana", now=enrolled.clock())
    enrolled.work()
    assert states_of(batch) == [State.DONE] * 2


def test_after_a_refused_first_the_next_goes_alone(enrolled: Office, line: Middleman) -> None:
    batch = enrolled.ask(factura(receptor="39090001-5"), factura(), factura())
    line.cut_before.add(FILES)
    enrolled.work()
    first, *_ = states_of(batch)
    assert first == State.REFUSED
    assert states_of(batch)[1:] == [State.ISSUED, State.RECEIVED]
    line.cut_before.clear()
    enrolled.pass_time(minutes=5)
    enrolled.work()
    assert states_of(batch) == [State.REFUSED, State.DONE, State.DONE]


def test_a_worker_that_waits_for_the_first_does_not_spin(enrolled: Office, line: Middleman) -> None:
    """The lane is due when the first can be confirmed, not because of those that wait behind it."""
    line.cut_before.add(FILES)
    batch = enrolled.ask(factura(), factura())
    enrolled.work()
    first, second = documents_of(batch)
    due_at = Lane.objects.get(pk=first.lane_id).due_at
    assert second.due_at is not None
    assert due_at is not None
    assert second.due_at <= enrolled.clock() < due_at
    assert due_at == first.due_at
