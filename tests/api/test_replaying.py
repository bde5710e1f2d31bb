"""Replays, rotations and the health of a webhook over HTTP, and the cursor of events while others write."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from calling import Caller, error_of
from elapsing import elapse, work_all_off
from receiving import Receiver
from subscribed import SECRET, again, subscribe, tell
from timbre.taxpayers.models import Company
from timbre.webhooks.emit import Telling, emit
from timbre.webhooks.models import Delivery, Event, Webhook

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def webhook(company: Company, receiver: Receiver) -> Webhook:
    return subscribe(company, receiver)


def path_of(webhook: Webhook, rest: str = "") -> str:
    return f"/v2/webhooks/{webhook.pk}/{rest}"


def test_a_range_is_sent_again(
    caller: Caller, company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    receiver.answers.extend([410])
    tell(company)
    work_all_off()
    told = caller.get(path_of(webhook)).json()
    assert (told["is_active"], told["disabled_reason"], told["success_rate_24h"]) == (False, "gone", 0.0)
    since = (timezone.now() - DAY).isoformat()
    response = caller.post(path_of(webhook, "replay/"), {"since": since})
    assert (response.status_code, error_of(response)["code"]) == (409, "webhook_inactive")
    assert "desactivado" in error_of(response)["message"]
    caller.patch(path_of(webhook), {"is_active": True})
    response = caller.post(path_of(webhook, "replay/"), {"since": since})
    assert response.status_code == 202
    assert response.json() == {"success": True, "deliveries": 1, "message": "Van en camino: 1."}
    work_all_off()
    assert Delivery.objects.get().status == "delivered"
    until = timezone.now().isoformat()
    asked = {"since": since, "until": until, "everything": True}
    assert caller.post(path_of(webhook, "replay/"), asked).json()["deliveries"] == 1
    asked = {"since": "2026-01-01T00:00:00-03:00", "until": "2026-01-02T00:00:00Z"}
    none = caller.post(path_of(webhook, "replay/"), asked).json()
    assert (none["deliveries"], none["message"]) == (0, "No hay nada que reenviar en ese rango.")


@pytest.mark.parametrize(
    ("asked", "code", "param"),
    [
        ({}, "parameter_missing", "since"),
        ({"since": "ayer"}, "parameter_invalid", "since"),
        ({"since": "2026-03-14"}, "parameter_invalid", "since"),
        ({"since": "2026-03-14T12:30:00"}, "parameter_invalid", "since"),
        ({"since": "0001-01-01T00:00:00+14:00"}, "parameter_invalid", "since"),
        ({"since": "9999-12-31T23:59:59-14:00"}, "parameter_invalid", "since"),
        ({"since": 1773491400}, "parameter_invalid", "since"),
        ({"since": "2026-03-14T00:00:00Z", "until": "2026-03-13T00:00:00Z"}, "range_invalid", "since"),
        ({"since": "2026-03-14T00:00:00Z", "everything": "yes"}, "parameter_invalid", "everything"),
        ({"since": "2999-03-14T00:00:00Z"}, "range_invalid", "since"),
    ],
)
def test_a_range_that_makes_no_sense_is_told(
    caller: Caller, webhook: Webhook, asked: dict[str, object], code: str, param: str
) -> None:
    response = caller.post(path_of(webhook, "replay/"), asked)
    assert response.status_code == 400
    error = error_of(response)
    assert (error["code"], error["param"]) == (code, param)


def test_a_secret_is_rotated_and_shown_once(caller: Caller, webhook: Webhook) -> None:
    told = caller.post(path_of(webhook, "rotate-secret/"), {}).json()
    assert told["secret"].startswith("whsec_")
    assert told["previous_secret_until"].endswith("Z")
    row = again(webhook)
    assert row.open_secrets(now=timezone.now()) == [told["secret"], SECRET]
    assert row.previous_secret_until is not None
    assert DAY - timedelta(minutes=1) < row.previous_secret_until - timezone.now() <= DAY
    assert caller.get(path_of(webhook)).json() == told | {"secret": None}
    elapse(DAY)
    assert caller.get(path_of(webhook)).json()["previous_secret_until"] is None
    own = caller.post(
        path_of(webhook, "rotate-secret/"), {"secret": "una clave de diecisiete", "keep_hours": 0}
    ).json()
    assert own["secret"] == "una clave de diecisiete"
    assert own["previous_secret_until"] is None


@pytest.mark.parametrize(
    ("asked", "code", "param"),
    [
        ({"secret": "corta"}, "secret_invalid", "secret"),
        ({"keep_hours": -1}, "parameter_invalid", "keep_hours"),
        ({"keep_hours": 169}, "parameter_invalid", "keep_hours"),
        ({"keep_hours": 10**30}, "parameter_invalid", "keep_hours"),
        ({"keep_hours": "24"}, "parameter_invalid", "keep_hours"),
    ],
)
def test_a_rotation_that_makes_no_sense_is_told(
    caller: Caller, webhook: Webhook, asked: dict[str, object], code: str, param: str
) -> None:
    response = caller.post(path_of(webhook, "rotate-secret/"), asked)
    assert response.status_code == 400
    assert (error_of(response)["code"], error_of(response)["param"]) == (code, param)
    assert again(webhook).open_secret() == SECRET


def test_nobody_else_can_replay_or_rotate(stranger: Caller, webhook: Webhook) -> None:
    since = {"since": "2026-01-01T00:00:00Z"}
    for response in (
        stranger.post(path_of(webhook, "rotate-secret/"), {}),
        stranger.post(path_of(webhook, "replay/"), since),
    ):
        assert (response.status_code, error_of(response)["code"]) == (404, "resource_missing")


def test_a_webhook_tells_how_it_does(
    caller: Caller, company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    told = caller.get(path_of(webhook)).json()
    quiet = ("rest_until", "failing_since", "disables_at", "disabled_at", "disabled_reason")
    assert [told[name] for name in quiet] == [None] * 5
    assert (told["sent_24h"], told["delivered_24h"], told["success_rate_24h"], told["pending"]) == (
        0,
        0,
        None,
        0,
    )
    receiver.answers.extend([200, 503])
    tell(company, 1)
    tell(company, 2)
    work_all_off()
    [told] = caller.get("/v2/webhooks/").json()["data"]
    assert (told["sent_24h"], told["delivered_24h"], told["success_rate_24h"], told["pending"]) == (
        2,
        1,
        50.0,
        1,
    )
    assert told["rest_until"] > told["failing_since"]
    assert told["disables_at"] > told["rest_until"]


def test_files_within_the_event_are_asked_for(caller: Caller, webhook: Webhook) -> None:
    assert caller.get(path_of(webhook)).json()["inline_files"] is False
    assert caller.patch(path_of(webhook), {"inline_files": True}).json()["inline_files"] is True
    assert again(webhook).inline_files


@pytest.mark.django_db(transaction=True)
def test_who_follows_the_cursor_while_others_write_reads_every_event_once(
    caller: Caller, company: Company
) -> None:
    stop = threading.Event()

    def write(name: str) -> None:
        try:
            for number in range(15):
                with transaction.atomic():
                    emit(
                        [Telling(type="document.issued", company=company, data={"n": f"{name}{number}"})] * 2,
                        now=timezone.now(),
                    )
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for writer in writers:
        writer.start()
    read: list[int] = []
    while not stop.is_set():
        if not any(writer.is_alive() for writer in writers):
            stop.set()  # once more, for what was written last
        page = caller.get("/v2/events/", starting_after=read[-1] if read else 0, limit=7).json()
        read += [event["id"] for event in page["data"]]
        if page["has_more"]:
            stop.clear()
    assert read == list(Event.objects.order_by("seq").values_list("seq", flat=True))
    assert len(read) == 90
