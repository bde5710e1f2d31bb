"""A worker that slept past its lease finds its token gone, and nothing is issued twice."""

import pytest
from django.db import connection

from middleman import Middleman
from offices import Office, documents_of, factura
from timbre.issuing.models import State
from timbre.work.models import Lane

pytestmark = pytest.mark.django_db(transaction=True)


def steal_lane(body: bytes) -> bytes:
    """Another worker claims the lane while this request is under way."""
    Lane.objects.update(token="somebody else's", lease_until=None)
    connection.close()
    return body


def test_a_lane_lost_before_the_intent_was_saved_sends_nothing(enrolled: Office, line: Middleman) -> None:
    line.requests["mipeGenXMLFirma.cgi"] = steal_lane
    batch = enrolled.ask(factura())
    enrolled.work(turns=1)
    assert "mipeSendXML.cgi" not in line.steps()
    assert documents_of(batch)[0].state == State.RECEIVED
    line.requests.clear()
    enrolled.pass_time(seconds=60)
    enrolled.work()
    assert documents_of(batch)[0].state == State.DONE
    assert len(enrolled.store.issued()) == 1


def test_a_lane_lost_while_sending_leaves_the_answer_to_whoever_holds_it_now(
    enrolled: Office, line: Middleman
) -> None:
    line.requests["mipeSendXML.cgi"] = steal_lane
    batch = enrolled.ask(factura(), factura())
    enrolled.work(turns=1)
    assert documents_of(batch)[0].state == State.SENDING, "the sleeper may not write what it learnt"
    line.requests.clear()
    for _ in range(6):
        enrolled.pass_time(seconds=60)
        enrolled.work()
    documents = documents_of(batch)
    assert [d.state for d in documents] == [State.DONE, State.DONE]
    assert sorted(i.folio for i in enrolled.store.issued()) == sorted(d.folio for d in documents)
