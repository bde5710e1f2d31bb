"""A webhook that answers nothing good for days: a warning, an end, and nothing lost."""

from datetime import UTC, datetime, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone

from elapsing import elapse, work_all_off, work_off
from receiving import Receiver
from subscribed import again, subscribe, tell
from timbre.accounts import letters
from timbre.taxpayers.models import Company
from timbre.webhooks import deliveries, endpoints
from timbre.webhooks.deliver import serve, take, take_slow
from timbre.webhooks.health import health
from timbre.webhooks.letters import failing
from timbre.webhooks.models import Attempt, Delivery, Event, Webhook
from timbre.webhooks.schedule import WAITS

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def webhook(company: Company, receiver: Receiver) -> Webhook:
    """One that answers 500 to everything."""
    receiver.answers.extend([500] * 10_000)
    return subscribe(company, receiver)


def posted() -> list[mail.EmailMessage]:
    """What was sent, once the postman, who carries one letter at a time, is back."""
    letters.postman.submit(int).result(10)
    return mail.outbox


def fail_at_last(company: Company, webhook: Webhook) -> None:
    """One more failure of a webhook that has failed for six days and was warned of two days ago."""
    now = timezone.now()
    Webhook.objects.filter(pk=webhook.pk).update(failing_since=now - 6 * DAY, warned_at=now - 2 * DAY)
    tell(company)
    work_all_off()
    assert not again(webhook).is_active


def live_through(days: float, company: Company) -> None:
    """Twice a day something happens and the worker comes by, at the beginning and at the end, too."""
    for number in range(int(days * 2)):
        tell(company, number)
        work_all_off()
        elapse(DAY / 2)
    work_all_off()


def test_a_failure_is_remembered_until_something_gets_through(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    tell(company)
    work_off()
    first = again(webhook).failing_since
    assert first == Delivery.objects.get().sent_at
    elapse(HOUR)
    work_off()
    assert again(webhook).failing_since == first - HOUR
    receiver.answers.clear()
    elapse(HOUR)
    work_off()
    assert (again(webhook).failing_since, again(webhook).slow) == (None, False)


def test_after_a_day_its_user_is_warned_once_with_all_there_is_to_know(
    company: Company, webhook: Webhook
) -> None:
    live_through(0.5, company)
    assert posted() == []
    live_through(2, company)
    [letter] = posted()
    assert letter.to == ["ana@example.com"]
    assert "no recibe nada" in letter.subject
    row = again(webhook)
    assert row.failing_since is not None
    assert row.warned_at is not None
    end = health(row, now=timezone.now()).disables_at
    assert end == row.failing_since + 5 * DAY
    for wanted in (
        row.url,
        company.entity.name,
        "RUT 76.543.210-3",
        "El servidor respondió 500",
        "/v2/events/",
    ):
        assert wanted in letter.body
    assert letter.body.count(" a las ") == 2
    [link] = [line for line in letter.body.splitlines() if line.endswith(f"/sandbox/webhooks/{row.pk}/")]
    assert resolve("/" + link.split("/", 3)[3]).kwargs["webhook_id"] == row.pk


def test_the_letter_names_the_moments_in_chile(company: Company, webhook: Webhook) -> None:
    at = datetime(2026, 3, 14, 12, 30, tzinfo=UTC)
    letter = failing(webhook, Attempt(error="No respondió"), since=at, end=at + 5 * DAY)
    assert "Desde el 14-03-2026 a las 09:30 no ha resultado" in letter.text
    assert "lo desactiva el 19-03-2026 a las 09:30." in letter.text


def test_after_five_days_of_nothing_but_failures_it_is_disabled(company: Company, webhook: Webhook) -> None:
    live_through(4.5, company)
    assert again(webhook).is_active
    live_through(1, company)
    row = again(webhook)
    assert (row.is_active, row.disabled_reason) == (False, "failing")
    assert row.disabled_at is not None
    _, end = posted()
    assert "Se desactivó un webhook" in end.subject
    for wanted in (row.url, "ningún envío ha resultado en 5 días", "El servidor respondió 500", "rango"):
        assert wanted in end.body
    assert not Delivery.objects.filter(status="pending").exists()
    cancelled = Delivery.objects.filter(status="cancelled")
    assert cancelled.count() > 5
    assert not cancelled.exclude(due_at=None).exists()
    assert take(9) == take_slow(9) == []
    told = health(row, now=timezone.now())
    assert (told.disables_at, told.pending, told.disabled_reason) == (None, 0, "failing")


def test_its_end_is_told_to_the_others_that_listen_and_stays_among_the_events(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    with Receiver() as other:
        subscribe(company, other, events=["webhook.disabled"])
        fail_at_last(company, webhook)
        [request] = other.requests
    data = request.json["data"]
    assert request.json["event"] == "webhook.disabled"
    assert (data["webhook_id"], data["reason"], data["host"]) == (webhook.pk, "failing", "127.0.0.1")
    assert (data["last_status_code"], data["last_error"]) == (500, "El servidor respondió 500")
    assert data["master_entity"]["id"] == company.entity_id
    assert data["is_sandbox"] is True
    assert "/hook" not in request.body.decode()
    assert Event.within(company.scope).filter(type="webhook.disabled").count() == 1


def test_while_disabled_nothing_is_owed_and_events_are_kept(company: Company, webhook: Webhook) -> None:
    tell(company)
    Webhook.objects.update(is_active=False, disabled_at=timezone.now(), disabled_reason="failing")
    before = Delivery.objects.count()
    event = tell(company, 999)
    assert Delivery.objects.count() == before
    assert Event.within(company.scope).filter(pk=event.pk).exists()


def test_activated_again_it_starts_afresh(company: Company, webhook: Webhook, receiver: Receiver) -> None:
    fail_at_last(company, webhook)
    row = endpoints.update(again(webhook), is_active=True)
    for known in (row, again(webhook)):
        assert known.is_active
        assert known.disabled_at is known.failing_since is known.warned_at is known.rest_until is None
        assert known.disabled_reason == ""
    letters_before = len(posted())
    tell(company)
    work_all_off()
    assert again(webhook).is_active
    assert len(posted()) == letters_before


def test_one_failure_long_ago_and_one_today_are_not_five_days(company: Company, webhook: Webhook) -> None:
    tell(company)
    work_off()
    elapse(9 * DAY)  # Timbre was off
    work_off()
    row = again(webhook)
    assert row.is_active
    assert row.warned_at is not None
    end = health(row, now=timezone.now()).disables_at
    assert end == row.warned_at + DAY
    for wait in WAITS:
        elapse(wait * 1.3)
        work_all_off()
    assert not again(webhook).is_active
    assert len(posted()) == 2


def test_a_receiver_that_is_gone_is_left_at_once(company: Company, receiver: Receiver) -> None:
    webhook = subscribe(company, receiver)
    receiver.answers.append(410)
    for number in range(3):
        tell(company, number)
    work_all_off()
    assert len(receiver.requests) == 1
    row = again(webhook)
    assert (row.is_active, row.disabled_reason, row.last_status_code) == (False, "gone", 410)
    assert sorted(Delivery.objects.values_list("status", flat=True)) == ["cancelled", "cancelled", "failed"]
    [letter] = posted()
    assert "respondió 410" in letter.body
    assert Event.objects.get(type="webhook.disabled").data["reason"] == "gone"
    with pytest.raises(endpoints.Rejection, match="desactivado"):
        deliveries.replay(row, since=timezone.now() - DAY, now=timezone.now())


def test_what_another_url_answered_does_not_disable_the_new_one(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    tell(company)
    work_off()
    row = endpoints.update(again(webhook), url=receiver.url + "/new")
    assert (row.failing_since, again(webhook).failing_since) == (None, None)
    assert endpoints.update(row, url=row.url).failing_since is None


def test_a_mail_server_that_is_down_holds_up_no_delivery(
    company: Company, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def refuse(*_: object) -> int:
        tried.append(1)
        raise SMTPServerDisconnected("nobody there")

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    Webhook.objects.update(failing_since=timezone.now() - 2 * DAY)
    tell(company)
    work_all_off()
    assert again(webhook).warned_at is not None
    fail_at_last(company, webhook)
    assert posted() == []
    assert len(tried) == 2


def test_a_failed_attempt_costs_no_more_than_a_good_one(company: Company, webhook: Webhook) -> None:
    tell(company)
    [delivery] = take(1)
    with CaptureQueriesContext(connection) as queries:
        serve(delivery)
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 5


def test_who_disables_a_webhook_again_and_again_fills_nobodys_mailbox(
    company: Company, receiver: Receiver
) -> None:
    webhook = subscribe(company, receiver)
    receiver.answers.extend([410] * 30)
    for _ in range(30):
        endpoints.update(again(webhook), is_active=True)
        endpoints.test(again(webhook), timezone.now())
        work_all_off()
    assert len(receiver.requests) == 30
    assert len(posted()) == 20
