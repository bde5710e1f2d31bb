"""How a webhook is doing, cheaply."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from elapsing import elapse, work_all_off, work_off
from receiving import Receiver
from subscribed import again, subscribe, tell
from timbre.taxpayers.models import Company
from timbre.webhooks.health import health, health_of
from timbre.webhooks.models import Delivery, Webhook

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def webhook(company: Company, receiver: Receiver) -> Webhook:
    return subscribe(company, receiver)


def test_of_what_was_tried_in_a_day_it_says_how_much_got_through(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    now = timezone.now()
    nothing = health(webhook, now=now)
    assert (nothing.sent_24h, nothing.success_rate_24h, nothing.pending) == (0, None, 0)
    tell(company, 0)
    work_off()
    elapse(25 * HOUR)
    receiver.answers.extend([200, 200, 500])
    for number in range(1, 4):
        tell(company, number)
        work_off()
    tell(company, 4)
    told = health(again(webhook), now=timezone.now())
    assert (told.sent_24h, told.delivered_24h, told.success_rate_24h) == (3, 2, 66.7)
    assert told.pending == 2
    assert told.failing_since == again(webhook).last_sent_at
    assert told.disables_at == again(webhook).last_sent_at + 5 * DAY
    elapse(HOUR)
    work_all_off()
    told = health(again(webhook), now=timezone.now())
    assert (told.sent_24h, told.delivered_24h, told.success_rate_24h, told.pending) == (4, 4, 100.0, 0)
    assert told.failing_since is told.disables_at is told.rest_until is None


def test_a_rest_that_is_over_is_not_told(webhook: Webhook) -> None:
    now = timezone.now()
    webhook.rest_until = now + HOUR
    assert health(webhook, now=now).rest_until == now + HOUR
    assert health(webhook, now=now + HOUR).rest_until is None


def test_many_cost_two_queries_read_from_indexes_alone(
    company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    webhooks = [webhook, *(subscribe(company, receiver, f"/{number}") for number in range(5))]
    tell(company)
    work_all_off()
    with CaptureQueriesContext(connection) as queries:
        told = health_of(webhooks, now=timezone.now())
    assert len(queries) == 2
    assert {each.delivered_24h for each in told.values()} == {1}
    if connection.vendor == "sqlite":
        for query in queries:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN QUERY PLAN " + query["sql"])
                plan = " ".join(str(row) for row in cursor.fetchall())
            assert "COVERING INDEX delivery_" in plan
            assert "SCAN" not in plan


def test_deliveries_without_webhooks_are_nobody_s(company: Company) -> None:
    assert health_of([], now=timezone.now()) == {}
    assert not Delivery.objects.exists()
