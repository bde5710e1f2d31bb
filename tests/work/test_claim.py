"""Claims: one row, one worker, and the proof of it at every write."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from timbre.work.claim import LostClaim, claim, holding, release, renew
from timbre.work.models import Lane

pytestmark = pytest.mark.django_db
LEASE = timedelta(seconds=30)


def make_lanes(count: int, due_at: datetime | None) -> list[Lane]:
    return Lane.objects.bulk_create(
        Lane(
            id=f"portal:sandbox:{n}-0",
            environment="sandbox",
            gateway="portal",
            holder=f"{n}-0",
            due_at=due_at,
        )
        for n in range(count)
    )


def take(now: datetime, limit: int = 1) -> list[Lane]:
    return claim(Lane.objects.order_by("id"), now=now, lease=LEASE, limit=limit)


def test_a_due_row_is_claimed_once(now: datetime) -> None:
    make_lanes(1, now)
    [lane] = take(now)
    assert lane.token
    assert lane.lease_until == now + LEASE
    assert take(now) == []


def test_rows_come_in_the_order_asked_for_up_to_the_limit(now: datetime) -> None:
    make_lanes(5, now)
    newest_first = Lane.objects.order_by("-id")
    taken = claim(newest_first, now=now, lease=LEASE, limit=3)
    assert [lane.holder for lane in taken] == ["4-0", "3-0", "2-0"]
    assert len({lane.token for lane in taken}) == 1


def test_a_row_without_work_or_not_yet_due_is_left_alone(now: datetime) -> None:
    make_lanes(1, None)
    assert take(now) == []
    Lane.objects.update(due_at=now + timedelta(seconds=1))
    assert take(now) == []
    assert len(take(now + timedelta(seconds=1))) == 1


def test_only_the_rows_asked_for_are_claimed(now: datetime) -> None:
    make_lanes(3, now)
    [lane] = claim(Lane.objects.filter(holder="1-0"), now=now, lease=LEASE, limit=3)
    assert lane.holder == "1-0"
    assert Lane.objects.filter(token="").count() == 2


def test_a_lease_that_ran_out_is_work_again_and_the_sleeper_is_stopped(now: datetime) -> None:
    make_lanes(1, now)
    [sleeper] = take(now)
    [heir] = take(now + LEASE)
    with pytest.raises(LostClaim), holding(sleeper):
        Lane.objects.update(failures=9)
    with holding(heir):
        Lane.objects.filter(pk=heir.pk).update(failures=1)
    assert Lane.objects.get().failures == 1


def test_a_lease_that_ran_out_without_an_heir_still_holds(now: datetime) -> None:
    make_lanes(1, now)
    [lane] = take(now)
    with holding(lane):
        release(lane, due_at=None)
    assert Lane.objects.get().token == ""


def test_a_released_row_cannot_be_written_again(now: datetime) -> None:
    make_lanes(1, now)
    [lane] = take(now)
    with holding(lane):
        release(lane, due_at=now, failures=2)
    saved = Lane.objects.get()
    assert (saved.token, saved.lease_until, saved.due_at, saved.failures) == ("", None, now, 2)
    with pytest.raises(LostClaim), holding(lane):
        Lane.objects.update(failures=9)


def test_a_row_that_is_gone_is_a_lost_claim(now: datetime) -> None:
    make_lanes(1, now)
    [lane] = take(now)
    Lane.objects.all().delete()
    with pytest.raises(LostClaim), holding(lane):
        pass


def test_a_renewed_lease_keeps_others_away(now: datetime) -> None:
    make_lanes(1, now)
    [lane] = take(now)
    with holding(lane):
        renew(lane, until=now + 3 * LEASE)
    assert lane.lease_until == Lane.objects.get().lease_until == now + 3 * LEASE
    assert take(now + 2 * LEASE) == []


def test_what_fails_while_holding_leaves_nothing_written(now: datetime) -> None:
    make_lanes(1, now)
    [lane] = take(now)
    with pytest.raises(ZeroDivisionError), holding(lane):  # noqa: PT012 - the write and its end
        Lane.objects.update(failures=9)
        raise ZeroDivisionError
    assert Lane.objects.get().failures == 0


@pytest.mark.django_db(transaction=True)
def test_holding_is_a_transaction_of_its_own(now: datetime) -> None:
    make_lanes(1, now)
    [lane] = take(now)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic(), holding(lane):
        pass


@pytest.mark.django_db(transaction=True)
def test_a_row_that_stops_matching_while_it_is_claimed_is_handed_over_all_the_same(now: datetime) -> None:
    """It is leased already: left out, nobody would serve it until the lease runs out."""
    make_lanes(2, now)
    quiet = Lane.objects.filter(failures=0).order_by("id")

    def fail_the_first(execute: object, sql: str, params: object, many: bool, context: object) -> object:  # noqa: FBT001
        answer = execute(sql, params, many, context)  # type: ignore[operator]
        if sql.startswith("UPDATE") and "lease_until" in sql:
            Lane.objects.filter(holder="0-0").update(failures=1)
        return answer

    with connection.execute_wrapper(fail_the_first):
        taken = claim(quiet, now=now, lease=LEASE, limit=2)
    assert [lane.holder for lane in taken] == ["0-0", "1-0"]


@pytest.mark.django_db(transaction=True)
def test_many_threads_get_every_row_exactly_once(now: datetime) -> None:
    make_lanes(120, now)
    together = threading.Barrier(6)

    def take_all(_: int) -> list[str]:
        together.wait()
        mine: list[str] = []
        while Lane.objects.filter(token="").exists():
            mine += [lane.pk for lane in take(now, limit=7)]
        connection.close()
        return mine

    with ThreadPoolExecutor(6) as pool:
        shares = list(pool.map(take_all, range(6)))
    taken = [pk for share in shares for pk in share]
    assert len(taken) == len(set(taken)) == 120


@pytest.mark.django_db(transaction=True)
def test_lanes_that_are_claimed_while_others_wake_them_keep_nobody_waiting_for_ever(now: datetime) -> None:
    lanes = [lane.pk for lane in make_lanes(6, now)]
    Lane.objects.filter(pk__in=lanes[::2]).update(failures=1)  # stored in another order than their names'

    def wake_and_claim(number: int) -> int:
        taken = 0
        try:
            for each in range(25):
                with transaction.atomic():
                    Lane.wake(lanes, now)
                mine = take(now + each * LEASE, limit=6) if number % 2 else []
                for lane in mine:
                    with contextlib.suppress(LostClaim), holding(lane):
                        release(lane, due_at=now)
                taken += len(mine)
        finally:
            connection.close()
        return taken

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(wake_and_claim, range(6)))
