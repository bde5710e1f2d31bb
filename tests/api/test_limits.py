"""How often one key may ask, and what it is told of it."""

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.live_server_helper import LiveServer
from tupana import Tupana

from calling import Caller, error_of, factura, make_key
from timbre.accounts.models import User
from timbre.api.auth import FAILURES
from timbre.api.limits import Buckets
from timbre.issuing.models import Batch
from timbre.taxpayers.models import Company
from timbre.work.environments import Environment

MINUTE = 60


def test_as_many_as_the_limit_go_at_once_and_the_next_waits_for_its_share_of_the_minute() -> None:
    buckets = Buckets(30)
    assert [buckets.take("ana", 100.0).wait for _ in range(31)] == [0] * 30 + [2]
    assert buckets.take("ana", 101.9).wait == 1
    assert buckets.take("ana", 102.0).wait == 0
    assert buckets.take("ana", 102.0).wait == 2


def test_what_remains_counts_down_to_nothing_and_is_all_there_again_at_the_reset() -> None:
    buckets = Buckets(3)
    turns = [buckets.take("ana", 0.0) for _ in range(4)]
    assert [(turn.remaining, turn.reset) for turn in turns] == [(2, 20), (1, 40), (0, 60), (0, 60)]
    assert buckets.take("ana", 60.0).remaining == 2


def test_who_waits_as_long_as_told_is_let_through() -> None:
    for limit in (1, 7, 59, 3000, 1_000_000):
        buckets, now = Buckets(limit), 1e6
        while not (turn := buckets.take("ana", now)).wait and limit < 5000:
            pass
        assert buckets.take("ana", now + turn.wait).wait == 0


def test_one_does_not_use_up_anothers() -> None:
    buckets = Buckets(1)
    assert buckets.take("ana", 0.0).wait == 0
    assert buckets.take("ana", 0.0).wait > 0
    assert buckets.take("beto", 0.0).wait == 0


@given(
    limit=st.integers(1, 5000),
    gaps=st.lists(st.floats(0, 90, allow_nan=False), min_size=1, max_size=200),
)
def test_no_minute_lets_through_more_than_twice_the_limit(limit: int, gaps: list[float]) -> None:
    buckets, now, passed = Buckets(limit), 0.0, []
    for gap in gaps:
        now += gap
        turn = buckets.take("ana", now)
        assert (turn.wait == 0) or turn.remaining == 0
        assert 0 <= turn.remaining < limit
        assert 0 <= turn.reset <= MINUTE + 1
        if not turn.wait:
            passed.append(now)
    for start in passed:
        assert sum(start <= each < start + MINUTE for each in passed) <= 2 * limit


def test_a_million_strangers_take_no_more_memory_than_ten_thousand() -> None:
    buckets = Buckets(300)
    for stranger in range(100_000):
        buckets.take(str(stranger), 0.0)
    assert len(buckets._full_at) == buckets.most
    buckets.take("the next day", 86_400.0)
    assert len(buckets._full_at) == 1


def test_every_answer_to_a_key_says_how_much_it_has_left(caller: Caller) -> None:
    first, second = caller.get("/v2/documents/"), caller.get("/v2/documents/docu_nada/")
    assert second.status_code == 404
    assert first["X-RateLimit-Limit"] == second["X-RateLimit-Limit"] == "3000"
    assert int(first["X-RateLimit-Remaining"]) == 2999
    assert int(second["X-RateLimit-Remaining"]) in {2998, 2999}
    assert int(second["X-RateLimit-Reset"]) <= 1


def test_one_request_too_many_is_told_when_to_come_back_and_nothing_is_processed(
    enrolled: Company, user: User, settings: LazySettings
) -> None:
    settings.RATE_LIMIT = 2
    eager, calm = make_key(user), make_key(user)
    assert [eager.get("/v2/documents/").status_code for _ in range(2)] == [200, 200]
    refused = eager.issue(factura(), **{"Idempotency-Key": "once"})
    error = error_of(refused)
    assert (refused.status_code, error["code"], error["type"]) == (429, "rate_limited", "rate_limit_error")
    assert 1 <= int(refused["Retry-After"]) <= 30
    assert (refused["X-RateLimit-Limit"], refused["X-RateLimit-Remaining"]) == ("2", "0")
    assert not Batch.objects.exists()
    assert calm.issue(factura(), **{"Idempotency-Key": "once"}).status_code == 202


def test_a_body_is_not_even_looked_at_when_it_is_one_too_many(user: User, settings: LazySettings) -> None:
    settings.RATE_LIMIT = 1
    caller = make_key(user)
    assert caller.post("/v2/documents/batch/", "no es JSON").status_code == 400
    assert caller.post("/v2/documents/batch/", "no es JSON").status_code == 429


def test_production_and_sandbox_have_the_same_limit(user: User, settings: LazySettings) -> None:
    settings.RATE_LIMIT = 1
    for environment in Environment:
        caller = make_key(user, environment)
        assert [caller.get("/v2/webhooks/").status_code for _ in range(2)] == [200, 429]


def test_a_limit_can_be_left_out(user: User, settings: LazySettings) -> None:
    settings.RATE_LIMIT = None
    caller = make_key(user)
    answers = [caller.get("/v2/webhooks/") for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    assert "X-RateLimit-Limit" not in answers[0]


def test_keys_that_open_nothing_are_slowed_down_and_one_that_opens_never_waits_for_them(user: User) -> None:
    place = Client(REMOTE_ADDR="198.51.100.7")
    first = ask(place, "tk_sandbox_nada")
    lost = [ask(place, f"tk_sandbox_{n}") for n in range(2 * FAILURES)]
    assert first.status_code == 401
    assert {answer.status_code for answer in lost} == {401, 429}
    assert int(next(answer for answer in lost if answer.status_code == 429)["Retry-After"]) == 1
    assert ask(place, make_key(user).key).status_code == 200
    assert ask(Client(REMOTE_ADDR="198.51.100.8"), "tk_sandbox_nada").status_code == 401


def ask(place: Client, key: str) -> HttpResponse:
    answer: HttpResponse = place.get("/v2/documents/", headers={"Authorization": f"Api-Key {key}"})
    return answer


@pytest.mark.django_db(transaction=True)
def test_the_published_client_rides_out_a_429_over_the_wire(
    enrolled: Company, caller: Caller, live_server: LiveServer, settings: LazySettings
) -> None:
    settings.RATE_LIMIT = 60
    tupana = Tupana(api_key=caller.key, base_url=f"{live_server.url}/v2")
    while caller.get("/v2/documents/").status_code == 200:
        pass
    assert caller.issue(factura()).status_code == 429
    accepted = tupana.documents.create_batch([factura()])
    assert Batch.objects.get().pk == accepted["batch_id"]
