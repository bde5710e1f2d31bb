"""How often somebody may try, by whom it is and where from, over shifted times."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection

from timbre.accounts import throttle
from timbre.accounts.errors import Rejection
from timbre.accounts.models import Attempt

pytestmark = pytest.mark.django_db

ANA, HOME = "ana@example.com", "203.0.113.7"


def fail(now: datetime, times: int = 1, *, email: str = ANA, address: str = HOME) -> None:
    for _ in range(times):
        throttle.attempt("login", email=email, address=address, now=now)


def refusal(now: datetime, *, email: str = ANA, address: str = HOME) -> Rejection:
    with pytest.raises(Rejection) as no:
        fail(now, email=email, address=address)
    return no.value


def test_the_sixth_try_within_a_quarter_hour_is_refused_with_the_time_to_wait(now: datetime) -> None:
    fail(now)
    fail(now + timedelta(minutes=5), 4)
    no = refusal(now + timedelta(minutes=6))
    assert (no.code, no.status, no.retry_after) == ("too_many_attempts", 429, 9 * 60)
    assert no.message == "Demasiados intentos. Espera 9 minutos y vuelve a probar."
    assert "60 segundos" in refusal(now + timedelta(minutes=14)).message


def test_waiting_that_long_lets_exactly_one_more_through(now: datetime) -> None:
    fail(now)
    fail(now + timedelta(minutes=5), 4)
    fail(now + timedelta(minutes=15))
    refusal(now + timedelta(minutes=15))


def test_a_refused_try_does_not_make_the_wait_longer(now: datetime) -> None:
    fail(now, 5)
    for minute in range(15):
        refusal(now + timedelta(minutes=minute))
    fail(now + timedelta(minutes=15), 5)


def test_another_address_and_another_account_are_not_held_up(now: datetime) -> None:
    fail(now, 5)
    refusal(now)
    fail(now, address="203.0.113.8")
    fail(now, email="beto@example.com")


def test_one_account_is_guarded_against_many_addresses(now: datetime) -> None:
    for host in range(30):
        fail(now, address=f"198.51.100.{host}")
    assert refusal(now, address="198.51.100.99").retry_after == 3600
    fail(now, email="beto@example.com", address="198.51.100.99")


def test_one_address_cannot_try_many_accounts(now: datetime) -> None:
    for person in range(60):
        fail(now, email=f"p{person}@example.com")
    assert refusal(now, email="otra@example.com").retry_after == 900
    fail(now, email="otra@example.com", address="203.0.113.8")


def test_all_the_addresses_of_one_ipv6_network_are_one(now: datetime) -> None:
    for host in range(5):
        fail(now, address=f"2001:db8:1:2::{host}")
    refusal(now, address="2001:db8:1:2:ffff::1")
    fail(now, address="2001:db8:1:3::1")


def test_a_right_password_forgets_the_failures_of_that_pair(now: datetime) -> None:
    fail(now, 4)
    throttle.attempt("login", email=ANA, address=HOME, now=now).forgive()
    fail(now, 5)
    refusal(now)


def test_a_right_password_does_not_forget_what_other_addresses_tried(now: datetime) -> None:
    for host in range(30):
        fail(now, address=f"198.51.100.{host}")
        throttle.attempt("password", email=ANA, now=now).forgive()
    refusal(now)


def test_being_right_again_and_again_is_never_too_often(now: datetime) -> None:
    for _ in range(100):
        throttle.attempt("login", email=ANA, address=HOME, now=now).forgive()
    assert not Attempt.objects.exists()


def test_kinds_of_tries_are_counted_apart(now: datetime) -> None:
    for _ in range(3):
        throttle.attempt("reset", email=ANA, address=HOME, now=now)
        throttle.attempt("signup", email=ANA, address=HOME, now=now)
    for what in ("reset", "signup"):
        with pytest.raises(Rejection):
            throttle.attempt(what, email=ANA, address=HOME, now=now)
    fail(now)


def test_neither_e_mail_nor_address_is_kept(now: datetime) -> None:
    fail(now)
    kept = str(list(Attempt.objects.values()))
    assert ANA not in kept
    assert HOME not in kept


def test_old_tries_are_cleared_away_by_new_ones(now: datetime) -> None:
    for person in range(40):
        fail(now, email=f"p{person}@example.com")
    assert Attempt.objects.count() == 120
    for later in range(3):
        fail(now + timedelta(hours=2, minutes=later))
    assert Attempt.objects.count() == 9


def test_what_is_unreadable_as_an_address_is_counted_as_it_is(now: datetime) -> None:
    fail(now, 5, address="")
    refusal(now, address="")


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_no_more_than_the_limit_get_through(now: datetime) -> None:
    def try_once(_: int) -> bool:
        try:
            fail(now)
        except Rejection:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        through = sum(pool.map(try_once, range(24)))
    assert 1 <= through <= 5
