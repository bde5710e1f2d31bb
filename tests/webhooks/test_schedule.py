"""When to try again, as a calculation."""

from datetime import UTC, datetime, timedelta

import pytest

from timbre.webhooks.schedule import ATTEMPTS, WAITS, asked_wait, rest_after, wait_after

NOW = datetime(2026, 3, 14, 12, 30, tzinfo=UTC)
DAY, HOUR, MINUTE, SECOND = (timedelta(seconds=s) for s in (86400, 3600, 60, 1))


def test_ten_attempts_take_a_little_over_three_days() -> None:
    assert ATTEMPTS == 10
    assert 3 * DAY < sum(WAITS, timedelta()) < 3 * DAY + 4 * HOUR
    assert wait_after(ATTEMPTS) is None


def test_waits_are_never_shorter_than_the_schedule_s_and_at_most_a_quarter_longer() -> None:
    for made, least in enumerate(WAITS, start=1):
        waits = [wait_after(made) for _ in range(200)]
        assert all(wait and least <= wait <= least * 1.25 for wait in waits)
        assert len(set(waits)) > 100


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("120", 2 * MINUTE),
        (" 5 ", 5 * SECOND),
        ("0", 0 * SECOND),
        ("86400", DAY),
        ("86401", DAY),
        ("9" * 5000, DAY),
        ("Sat, 14 Mar 2026 13:30:00 GMT", HOUR),
        ("Saturday, 14-Mar-26 13:30:00 GMT", HOUR),
        ("Sat, 14 Mar 2026 13:30:00 -0000", HOUR),
        ("Sat, 14 Mar 2026 09:30:00 -0400", HOUR),
        ("Sun, 14 Mar 2027 13:30:00 GMT", DAY),
        ("Sat, 14 Mar 2026 12:00:00 GMT", 0 * SECOND),
        ("", 0 * SECOND),
        ("-5", 0 * SECOND),
        ("1.5", 0 * SECOND),
        ("٣٠", 0 * SECOND),
        ("mañana", 0 * SECOND),
        ("Fri, 99 Foo 99999 99:99:99 GMT", 0 * SECOND),
        ("Fri, 31 Dec 9999 23:59:59 -9959", 0 * SECOND),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_at_most_a_day(said: str, wait: timedelta) -> None:
    assert asked_wait(said, now=NOW) == wait


@pytest.mark.parametrize(
    ("status", "failing", "rest"),
    [
        (429, 0 * SECOND, 5 * SECOND),
        (503, 4 * MINUTE, MINUTE),
        (502, 2 * HOUR, 30 * MINUTE),
        (504, 3 * DAY, HOUR),
        (500, 3 * DAY, 0 * SECOND),
        (None, 3 * DAY, 0 * SECOND),
        (404, 3 * DAY, 0 * SECOND),
    ],
)
def test_who_says_nothing_rests_for_a_quarter_of_the_time_it_has_been_failing(
    status: int | None, failing: timedelta, rest: timedelta
) -> None:
    assert rest_after(status, asked=timedelta(0), failing=failing) == rest


def test_what_was_asked_for_is_the_least() -> None:
    for status in (429, 500):
        assert rest_after(status, asked=2 * HOUR, failing=timedelta(0)) == 2 * HOUR
    assert rest_after(503, asked=SECOND, failing=4 * HOUR) == HOUR
