"""A company in trouble delays no other, nor does one with a thousand documents: counted, not timed."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.conf import LazySettings
from django.db.models import Max

from middleman import Middleman, stand_between
from offices import EMISOR, PERSON, Office, documents_of, factura
from timbre.issuing import turn
from timbre.issuing.models import Batch, Document, State, new_document_id
from timbre.issuing.turn import RUN
from timbre.taxpayers import portal
from timbre.work.models import Lane
from timbre.work.timing import SANDBOX, TIMINGS

HEALTHY, HER_PERSON, HIS_PERSON = "39003003-7", "11111111-1", PERSON
FORM, PREVIEW, SIGN, SEND = (
    "mipeGenFacEx.cgi",
    "mipeDisplayPreView.cgi",
    "mipeGenXMLFirma.cgi",
    "mipeSendXML.cgi",
)
LOGIN, CHOOSER = "CAutInicio.cgi", "mipeSelEmpresa.cgi"
UNKNOWN = b"<html><title>Mantenimiento</title>Volvemos pronto</html>"
NO = b"<html><script>alert('No se puede procesar');history.back();</script></html>"


def of(emisor: str, **changes: Any) -> dict[str, Any]:
    return factura(document_issuer={"rut": emisor}, **changes)


def ask_many(office: Office, number: int, *, receptor: str = "39002002-3") -> None:
    """As so many batches of one document, saved at once."""
    asked = documents_of(office.ask(factura(receptor)))[0]
    copies = [
        Document(**{f.attname: getattr(asked, f.attname) for f in Document._meta.concrete_fields})
        for _ in range(number - 1)
    ]
    for index, each in enumerate(copies, start=1):
        each.pk, each.index = new_document_id(), index
    Document.objects.bulk_create(copies)


@dataclass
class Wires:
    """Two people's ways to the SII, each to be cut by itself."""

    troubled: Middleman
    healthy: Middleman


@pytest.fixture
def wires(enrolled: Office, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wires]:
    """One company for each person; turns are short, as there are many."""
    monkeypatch.setitem(TIMINGS, "sandbox", replace(SANDBOX, turn=timedelta(seconds=0.5)))
    portal.hang_up()
    sii = settings.SIMULATOR_URL
    with stand_between(sii) as troubled, stand_between(sii) as healthy:
        settings.SIMULATOR_URL = healthy.origin
        assert enrolled.enroll(HEALTHY, person=HER_PERSON, clave="de-ella").status == "valid"
        settings.SIMULATOR_URL = troubled.origin
        healthy.seen.clear()
        yield Wires(troubled, healthy)
        portal.hang_up()


def serve_until_issued(office: Office, batch: Batch, *, within: int) -> list[str]:
    """Whose lanes were served, in order, until every document of the batch was issued."""
    served: list[str] = []
    waiting = Document.objects.filter(batch=batch).exclude(state__in=[State.ISSUED, State.DONE])
    while waiting.exists():
        assert len(served) < within, f"{waiting.count()} are left after {served}"
        for lane in turn.take(1, clock=office.clock):
            served.append(lane.holder)
            turn.serve(lane, office.clock)
        office.pass_time(seconds=0.5)
    return served


def is_down(line: Middleman) -> None:
    line.cut_before |= {"IngresoRutClave.html", FORM, PREVIEW, SIGN, CHOOSER}


def refuses_each_document(line: Middleman) -> None:
    line.answers[PREVIEW] = lambda _: NO


def is_slow(line: Middleman) -> None:
    def wait(body: bytes) -> bytes:
        time.sleep(0.1)
        return body

    line.requests |= dict.fromkeys((FORM, PREVIEW, SIGN, SEND), wait)


def loses_the_answer(line: Middleman) -> None:
    line.cut_after.add(SEND)


@pytest.mark.parametrize(
    "trouble",
    [is_down, refuses_each_document, is_slow, loses_the_answer],
    ids=lambda trouble: trouble.__name__,
)
def test_a_thousand_documents_in_trouble_keep_a_healthy_company_waiting_for_one_turn(
    enrolled: Office, wires: Wires, trouble: Callable[[Middleman], None]
) -> None:
    trouble(wires.troubled)
    ask_many(enrolled, 1_000)
    served = serve_until_issued(
        enrolled, enrolled.ask(*[of(HEALTHY, receptor=EMISOR) for _ in range(20)]), within=60
    )
    pairs = list(pairwise([*served, HER_PERSON]))
    assert (HIS_PERSON, HIS_PERSON) not in pairs, "the lanes take turns"
    assert HIS_PERSON in served
    steps = wires.healthy.steps()
    assert (steps.count(SEND), steps.count(FORM)) == (20, 40), "what 20 documents cost anyway"
    assert not {LOGIN, CHOOSER} & set(steps), "in the session that was open"
    waiting = Document.objects.filter(company__entity__rut=EMISOR, state=State.RECEIVED)
    assert waiting.count() > 500


@pytest.fixture
def shared(enrolled: Office, line: Middleman) -> Middleman:
    """One person for both companies: one lane."""
    assert enrolled.enroll(HEALTHY).status == "valid"
    assert Lane.objects.count() == 1
    line.seen.clear()
    return line


def test_in_one_lane_the_companies_take_turns_each_in_its_own_order(
    enrolled: Office, shared: Middleman
) -> None:
    ask_many(enrolled, 1_000)
    hers = enrolled.ask(*[of(HEALTHY, receptor=EMISOR) for _ in range(20)])
    served = serve_until_issued(enrolled, hers, within=20)
    his = Document.objects.filter(company__entity__rut=EMISOR)
    begun = his.exclude(state=State.RECEIVED)
    last = hers.documents.aggregate(at=Max("issued_at"))["at"]
    assert begun.filter(issued_at__lt=last).count() <= RUN * len(served), "of a thousand accepted before"
    assert sorted(begun.values_list("index", flat=True)) == list(range(begun.count())), "the first first"
    for mine in (begun, hers.documents):
        assert list(mine.order_by("folio").values_list("index", flat=True)) == list(range(mine.count()))
    steps = shared.steps()
    assert steps.count(CHOOSER) < steps.count(SEND), "two requests to turn to the other company, once a run"
    assert LOGIN not in steps, "and no log-in"


def test_refused_documents_do_not_stop_the_other_company_of_their_person(
    enrolled: Office, shared: Middleman
) -> None:
    ask_many(enrolled, 1_000, receptor="39090001-5")
    hers = enrolled.ask(*[of(HEALTHY, receptor=EMISOR) for _ in range(5)])
    served = serve_until_issued(enrolled, hers, within=5)
    last = hers.documents.aggregate(at=Max("issued_at"))["at"]
    refused = Document.objects.filter(company__entity__rut=EMISOR, error_code="receiver_not_found")
    assert 0 < refused.filter(updated_at__lt=last).count() <= RUN * len(served)


def test_a_page_that_fails_for_one_company_alone_does_not_tire_the_lane_for_the_other(
    enrolled: Office, shared: Middleman, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "RUN", 3)
    shared.answers[FORM] = lambda body: UNKNOWN if b"Rut " + EMISOR.encode() in body else body
    ask_many(enrolled, 1_000)
    hers = enrolled.ask(*[of(HEALTHY, receptor=EMISOR) for _ in range(9)])
    served = serve_until_issued(enrolled, hers, within=40)
    assert len(served) <= 8, "three runs, and one look at his company before each"
    assert Lane.objects.get().failures <= 1
    assert not Document.objects.filter(company__entity__rut=EMISOR).exclude(state=State.RECEIVED).exists()
