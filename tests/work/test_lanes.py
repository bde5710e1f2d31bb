"""Lanes, and how long to wait."""

from datetime import datetime, timedelta

import pytest

from timbre.work.backoff import backoff
from timbre.work.models import Lane

SECOND = timedelta(seconds=1)


@pytest.mark.django_db
def test_a_person_has_one_lane_per_environment() -> None:
    lane = Lane.portal("sandbox", "12345678-5")
    assert lane.pk == "portal:sandbox:12345678-5"
    assert Lane.portal("sandbox", "12345678-5") == lane
    assert Lane.portal("production", "12345678-5") != lane
    assert lane.due_at is None


@pytest.mark.django_db
def test_waking_brings_work_forward_and_never_puts_it_off(now: datetime) -> None:
    idle, later, sooner, other = (Lane.portal("sandbox", rut) for rut in ("1-9", "2-7", "3-5", "4-3"))
    Lane.objects.filter(pk=later.pk).update(due_at=now + SECOND)
    Lane.objects.filter(pk=sooner.pk).update(due_at=now - SECOND)
    Lane.wake([idle.pk, later.pk, sooner.pk], now)
    due = dict(Lane.objects.values_list("pk", "due_at"))
    assert due == {idle.pk: now, later.pk: now, sooner.pk: now - SECOND, other.pk: None}


@pytest.mark.parametrize(
    ("failures", "least"), [(0, 1), (1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (10_000, 30)]
)
def test_waits_double_up_to_the_last_with_a_quarter_of_jitter(failures: int, least: int) -> None:
    waits = [backoff(failures, first=SECOND, last=30 * SECOND) for _ in range(200)]
    assert min(waits) >= least * SECOND
    assert max(waits) <= least * 1.25 * SECOND
    assert len(set(waits)) > 100
