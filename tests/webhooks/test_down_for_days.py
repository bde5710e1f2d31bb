"""The story of a receiver that is down for longer than any delivery is tried, and comes back.

Nothing that happened is lost: what was owed arrives once it is asked for, each event as the one that it is.
"""

from collections.abc import Sequence
from datetime import timedelta

import pytest
import standardwebhooks
import tupana
from django.core import mail
from django.utils import timezone

from calling import Caller, make_key
from elapsing import elapse, work_all_off
from receiving import Received, Receiver
from subscribed import SECRET, again, subscribe, tell
from timbre.accounts import letters
from timbre.accounts.models import User
from timbre.taxpayers.models import Company
from timbre.webhooks.models import Delivery, Event, Webhook
from timbre.webhooks.schedule import ATTEMPTS

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def caller(user: User) -> Caller:
    return make_key(user)


def genuine(request: Received) -> Received:
    """The request, believed by both kinds of receiver, which read the same in it."""
    event = tupana.construct_webhook_event(request.body, request.headers, SECRET)
    # Receivers of Standard Webhooks refuse what is older than 5 minutes: each attempt is stamped anew.
    assert standardwebhooks.Webhook(SECRET).verify(request.body, request.headers) == event
    return request


def identities(requests: Sequence[Received]) -> list[tuple[str, str, int, str]]:
    """Of each event: its id, its type, its place in the sequence and the folio it tells of."""
    return [
        (
            request.headers["webhook-id"],
            request.headers["x-pana-event-type"],
            request.json["data"]["sequence"],
            request.json["data"]["folio"],
        )
        for request in map(genuine, requests)
    ]


def owed(events: Sequence[Event]) -> list[tuple[str, str, int, str]]:
    return [(str(event.id), event.type, event.seq, event.data["folio"]) for event in events]


def live_through(days: int, company: Company, told: list[Event]) -> None:
    """Every twelve hours a document is issued, and the worker comes by four times."""
    for _ in range(2 * days):
        told.append(tell(company, len(told)))
        for _ in range(4):
            work_all_off()
            elapse(3 * HOUR)


def replay(caller: Caller, webhook: Webhook, days: int) -> int:
    since = (timezone.now() - days * DAY).isoformat()
    response = caller.post(f"/v2/webhooks/{webhook.pk}/replay/", {"since": since})
    assert response.status_code == 202
    count: int = response.json()["deliveries"]
    return count


def test_a_receiver_down_for_the_whole_schedule_gets_every_event_by_a_replay(
    caller: Caller, company: Company, receiver: Receiver
) -> None:
    webhook = subscribe(company, receiver)
    before = [tell(company, 900), tell(company, 901)]
    work_all_off()
    assert identities(receiver.requests) == owed(before)

    # Down: two documents are issued, and each is tried until the schedule, with all its jitter, is over.
    receiver.answers.extend([500] * 1000)
    missed = [tell(company, 1), tell(company, 2)]
    for _ in range(4 * 24 + 12):
        work_all_off()
        elapse(HOUR)
    assert set(Delivery.objects.filter(event__in=missed).values_list("status", "attempts")) == {
        ("failed", ATTEMPTS)
    }
    assert len(receiver.requests) == 2 + 2 * ATTEMPTS
    assert again(webhook).is_active
    [warning] = posted()
    assert "no recibe nada" in warning.subject

    # Back again: what happens now arrives, what was missed does not come by itself.
    receiver.answers.clear()
    receiver.requests.clear()
    after = [tell(company, 3)]
    work_all_off()
    assert identities(receiver.requests) == owed(after)
    assert again(webhook).failing_since is None

    # Asked for by range: what was missed, and nothing else.
    receiver.requests.clear()
    assert replay(caller, webhook, 30) == 2
    work_all_off()
    assert identities(receiver.requests) == owed(missed)
    assert set(Delivery.objects.values_list("status", flat=True)) == {"delivered"}
    assert replay(caller, webhook, 30) == 0


def test_a_webhook_that_got_disabled_in_between_gets_all_of_it_too(
    caller: Caller, company: Company, receiver: Receiver
) -> None:
    webhook = subscribe(company, receiver)
    receiver.answers.extend([500] * 10_000)
    told: list[Event] = []
    live_through(7, company, told)
    row = again(webhook)
    assert (row.is_active, row.disabled_reason) == (False, "failing")
    kinds = set(Delivery.objects.values_list("status", flat=True))
    assert kinds == {"failed", "cancelled"}
    never_owed = Event.objects.filter(type="document.issued", deliveries=None)
    assert never_owed.count() >= 2
    assert ["no recibe nada" in letter.subject for letter in posted()] == [True, False]

    # Every event is there to be read in the meantime, from a cursor.
    read, cursor = [], 0
    while True:
        page = caller.get("/v2/events/", limit=4, starting_after=cursor, type="document.issued").json()
        read += [event["id"] for event in page["data"]]
        if not page["has_more"]:
            break
        cursor = read[-1]
    assert read == [event.seq for event in told]

    # Back again: activated, and the whole range sent.
    receiver.answers.clear()
    receiver.requests.clear()
    assert caller.patch(f"/v2/webhooks/{webhook.pk}/", {"is_active": True}).json()["disabled_at"] is None
    assert replay(caller, webhook, 30) == len(told) == 14
    work_all_off()
    assert sorted(identities(receiver.requests), key=lambda each: each[2]) == owed(told)
    assert not Delivery.objects.exclude(status="delivered").exists()
    assert again(webhook).is_active


def test_a_receiver_that_keeps_the_highest_sequence_drops_what_comes_late(
    company: Company, receiver: Receiver
) -> None:
    subscribe(company, receiver, events=["document.updated", "document.issued"])
    receiver.answers.append(500)
    doubt = tell(company, 7, type="document.updated")
    work_all_off()
    issued = tell(company, 7)
    elapse(HOUR)
    work_all_off()
    known: dict[str, int] = {}
    believed = []
    stale_first = sorted(map(genuine, receiver.requests[1:]), key=lambda each: -each.json["data"]["sequence"])
    for request in stale_first:
        document, sequence = request.json["data"]["id"], request.json["data"]["sequence"]
        if sequence > known.get(document, 0):
            known[document] = sequence
            believed.append(request.json["event"])
    assert believed == ["document.issued"]
    assert known == {"docu_7": issued.seq}
    assert doubt.seq < issued.seq


def posted() -> list[mail.EmailMessage]:
    """What was sent, once the postman is back."""
    letters.postman.submit(int).result(10)
    return mail.outbox
