"""A secret is replaced without losing a delivery: for a while both sign."""

from datetime import timedelta

import pytest
import standardwebhooks
import tupana
from django.utils import timezone

from elapsing import elapse, work_all_off
from receiving import Received, Receiver
from subscribed import SECRET, again, subscribe, tell
from timbre.accounts.errors import Rejection
from timbre.taxpayers.models import Company
from timbre.webhooks import endpoints
from timbre.webhooks.models import Webhook

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def webhook(company: Company, receiver: Receiver) -> Webhook:
    return subscribe(company, receiver)


def sent(company: Company, receiver: Receiver) -> Received:
    """What is sent now."""
    tell(company, len(receiver.requests))
    work_all_off()
    return receiver.requests[-1]


def verifies(secret: str, request: Received) -> tuple[bool, bool]:
    """Whether a receiver of Standard Webhooks with this secret believes it, and one of tupana."""
    try:
        standardwebhooks.Webhook(secret).verify(request.body, request.headers)
        standard = True
    except standardwebhooks.WebhookVerificationError:
        standard = False
    try:
        tupana.construct_webhook_event(request.body, request.headers, secret)
    except tupana.WebhookVerificationError:
        return standard, False
    return standard, True


def test_for_a_day_both_secrets_verify_and_then_the_new_one_alone(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    assert verifies(SECRET, sent(company, receiver)) == (True, True)
    new = endpoints.rotate_secret(webhook, now=timezone.now())
    assert new.startswith("whsec_")
    assert new != SECRET
    request = sent(company, receiver)
    assert verifies(new, request) == (True, True)
    assert verifies(SECRET, request) == (True, False)
    ours, before = request.headers["webhook-signature"].split(" ")
    assert ours.startswith("v1,")
    assert before.startswith("v1,")
    elapse(23 * HOUR)
    assert verifies(SECRET, sent(company, receiver))[0]
    elapse(1 * HOUR)
    request = sent(company, receiver)
    assert verifies(new, request) == (True, True)
    assert verifies(SECRET, request) == (False, False)
    assert " " not in request.headers["webhook-signature"]


def test_of_two_rotations_the_last_two_secrets_sign(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    first = endpoints.rotate_secret(webhook, now=timezone.now())
    second = endpoints.rotate_secret(webhook, secret="una clave de diecisiete", now=timezone.now())
    assert second == "una clave de diecisiete"
    request = sent(company, receiver)
    assert len(request.headers["webhook-signature"].split(" ")) == 2
    assert verifies(first, request) == (True, False)
    assert verifies(SECRET, request) == (False, False)
    assert tupana.construct_webhook_event(request.body, request.headers, second)


@pytest.mark.parametrize("how", ["no overlap", "a patch", "a patch amid an overlap"])
def test_a_secret_that_leaked_stops_signing_at_once(
    company: Company, webhook: Webhook, receiver: Receiver, how: str
) -> None:
    if how == "no overlap":
        endpoints.rotate_secret(webhook, keep=timedelta(0), now=timezone.now())
    else:
        if how == "a patch amid an overlap":
            endpoints.rotate_secret(webhook, now=timezone.now())
        endpoints.update(again(webhook), secret="una clave de diecisiete")
    request = sent(company, receiver)
    assert " " not in request.headers["webhook-signature"]
    assert verifies(SECRET, request) == (False, False)


def test_secrets_rest_sealed_each_for_its_own_place(webhook: Webhook) -> None:
    new = endpoints.rotate_secret(webhook, now=timezone.now())
    row = again(webhook)
    assert row.open_secrets(now=timezone.now()) == [new, SECRET]
    for sealed in (row.secret, row.previous_secret):
        assert SECRET not in sealed
        assert new not in sealed
    row.previous_secret = row.secret
    assert row.open_secrets(now=timezone.now()) == [new]


def test_one_that_no_longer_opens_is_replaced_all_the_same(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    Webhook.objects.update(secret="sealed with a key that is gone")
    new = endpoints.rotate_secret(again(webhook), now=timezone.now())
    assert verifies(new, sent(company, receiver)) == (True, True)
    assert again(webhook).previous_secret_until is None


@pytest.mark.parametrize("keep", [timedelta(seconds=-1), timedelta(days=7, seconds=1)])
def test_an_overlap_is_of_a_week_at_most(webhook: Webhook, keep: timedelta) -> None:
    with pytest.raises(Rejection) as refusal:
        endpoints.rotate_secret(webhook, keep=keep, now=timezone.now())
    assert (refusal.value.code, refusal.value.param) == ("parameter_invalid", "keep_hours")
    assert again(webhook).open_secret() == SECRET


def test_a_weak_secret_is_refused(webhook: Webhook) -> None:
    with pytest.raises(Rejection, match="secret_invalid"):
        endpoints.rotate_secret(webhook, secret="corta", now=timezone.now())
