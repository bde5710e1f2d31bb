"""Accounts, passwords and the links that set them."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.mail import EmailMessage
from django.db import connection

from timbre.accounts import people
from timbre.accounts.errors import Rejection
from timbre.accounts.models import Session, User
from timbre.accounts.outbox import PrivateFiles
from timbre.accounts.sessions import SessionStore

pytestmark = pytest.mark.django_db

HOME = "203.0.113.7"
PHRASE, OTHER = "una frase larga y propia", "otra frase bien distinta"


def sign_up(now: datetime, email: str = "ana@example.com", password: str = PHRASE) -> User | None:
    return people.sign_up(email, password, address=HOME, now=now)


def log_in(now: datetime, password: str = PHRASE, email: str = "ana@example.com") -> User | None:
    return people.log_in(email, password, address=HOME, now=now)


def open_session(user: User) -> SessionStore:
    store = SessionStore()
    store["_auth_user_id"] = user.pk
    store.create()
    return store


def test_who_signs_up_can_log_in_whatever_the_case_of_the_address(now: datetime) -> None:
    user = sign_up(now, " Ana@Example.com")
    assert user is not None
    assert log_in(now, email="ANA@example.com ") == user
    assert log_in(now, OTHER) is None
    assert log_in(now, email="nadie@example.com") is None


def test_a_password_is_kept_as_an_argon2_hash_alone(now: datetime) -> None:
    sign_up(now)
    kept = User.objects.get().password
    assert kept.startswith("argon2$argon2id$")
    assert PHRASE not in kept


def test_an_account_that_exists_stays_as_it_is(now: datetime) -> None:
    user = sign_up(now)
    assert sign_up(now, password=OTHER) is None
    assert log_in(now) == user
    assert User.objects.count() == 1


def test_an_unknown_address_costs_the_same_hash_as_a_known_one(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    sign_up(now)
    User.objects.named("sin@example.com")  # made by `timbre keys create`: has no password
    encode, verify = Argon2PasswordHasher.encode, Argon2PasswordHasher.verify

    def encoded(self: Argon2PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    def verified(self: Argon2PasswordHasher, password: str, kept: str) -> bool:
        hashed.append(password)
        return verify(self, password, kept)

    monkeypatch.setattr(Argon2PasswordHasher, "encode", encoded)
    monkeypatch.setattr(Argon2PasswordHasher, "verify", verified)
    for email in ("ana@example.com", "nadie@example.com", "sin@example.com"):
        hashed.clear()
        assert log_in(now, OTHER, email) is None
        assert len(hashed) == 1, email


def test_when_closed_only_the_first_user_can_be_created(now: datetime, settings: LazySettings) -> None:
    settings.SIGNUP = False
    assert people.may_sign_up()
    assert sign_up(now)
    assert not people.may_sign_up()
    with pytest.raises(Rejection) as no:
        sign_up(now, "beto@example.com")
    assert (no.value.code, no.value.status) == ("signup_closed", 403)
    assert not User.objects.filter(email="beto@example.com").exists()


def test_log_ins_are_throttled_and_even_the_right_password_must_wait(now: datetime) -> None:
    sign_up(now)
    for _ in range(5):
        assert log_in(now, OTHER) is None
    for password in (PHRASE, OTHER):
        with pytest.raises(Rejection) as no:
            log_in(now, password)
        assert no.value.status == 429
    assert log_in(now + timedelta(minutes=15))


def test_the_wait_is_the_same_for_an_address_without_account(now: datetime) -> None:
    sign_up(now)
    told = []
    for email in ("ana@example.com", "nadie@example.com"):
        for _ in range(5):
            log_in(now, OTHER, email)
        with pytest.raises(Rejection) as no:
            log_in(now, OTHER, email)
        told.append((no.value.message, no.value.retry_after))
    assert told[0] == told[1]


def test_changing_the_password_needs_the_present_one_and_ends_all_sessions(now: datetime) -> None:
    user = sign_up(now)
    assert user
    open_session(user)
    assert not people.change_password(user, OTHER, OTHER, now=now)
    assert Session.objects.filter(user=user).exists()
    assert people.change_password(user, PHRASE, OTHER, now=now)
    assert not Session.objects.filter(user=user).exists()
    assert log_in(now, OTHER) == user


def test_guessing_the_present_password_is_throttled(now: datetime) -> None:
    user = sign_up(now)
    assert user
    for _ in range(5):
        people.change_password(user, "no es", OTHER, now=now)
    with pytest.raises(Rejection) as no:
        people.change_password(user, PHRASE, OTHER, now=now)
    assert no.value.status == 429


def test_a_link_sets_a_password_once(now: datetime) -> None:
    user = User.objects.named("ana@example.com")
    token = people.token_for(user, now=now)
    assert people.holder_of(user.pk, token, now=now) == user
    assert people.redeem(user.pk, token, PHRASE, address=HOME, now=now) == user
    assert log_in(now) == user
    assert people.redeem(user.pk, token, OTHER, address=HOME, now=now) is None
    assert people.holder_of(user.pk, token, now=now) is None
    assert log_in(now) == user


def test_who_chose_a_password_by_a_link_need_not_wait_for_what_was_guessed_before(now: datetime) -> None:
    user = sign_up(now)
    assert user is not None
    for _ in range(5):
        log_in(now, OTHER)
    with pytest.raises(Rejection):
        log_in(now)
    people.redeem(user.pk, people.token_for(user, now=now), OTHER, address=HOME, now=now)
    assert log_in(now, OTHER) == user


def test_a_link_is_good_for_one_hour(now: datetime) -> None:
    user = User.objects.named("ana@example.com")
    token = people.token_for(user, now=now)
    assert people.holder_of(user.pk, token, now=now + timedelta(minutes=60))
    assert people.redeem(user.pk, token, PHRASE, address=HOME, now=now + timedelta(minutes=61)) is None


def test_a_link_dies_with_the_next_log_in_of_its_user(now: datetime) -> None:
    user = sign_up(now)
    assert user
    token = people.token_for(user, now=now)
    user.last_login = now
    user.save()
    assert people.holder_of(user.pk, token, now=now) is None


@pytest.mark.parametrize("token", ["", "x", "abc-def", "0-" + "0" * 32, "ñ-ñ", "a" * 3000])
def test_any_other_token_opens_nothing(now: datetime, token: str) -> None:
    user = User.objects.named("ana@example.com")
    assert people.holder_of(user.pk, token, now=now) is None
    assert people.redeem(user.pk, token, PHRASE, address=HOME, now=now) is None


def test_the_token_of_one_opens_nobody_else(now: datetime) -> None:
    ana, beto = (User.objects.named(f"{name}@example.com") for name in ("ana", "beto"))
    assert people.redeem(beto.pk, people.token_for(ana, now=now), PHRASE, address=HOME, now=now) is None


def test_a_link_ends_the_sessions_there_are(now: datetime) -> None:
    user = sign_up(now)
    assert user
    open_session(user)
    people.redeem(user.pk, people.token_for(user, now=now), OTHER, address=HOME, now=now)
    assert not Session.objects.filter(user=user).exists()


def test_nothing_that_opens_is_in_the_database(now: datetime) -> None:
    user = sign_up(now)
    assert user
    token = people.token_for(user, now=now)
    key = open_session(user).session_key
    kept = everything()
    assert user.email in kept
    for secret in (token, token.partition("-")[2], key, PHRASE):
        assert secret
        assert secret not in kept


def everything() -> str:
    """All rows of all tables as text."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own tables
            rows.append(str(cursor.fetchall()))
    return "\n".join(rows)


def test_letters_without_a_server_are_files_for_their_user_alone(tmp_path: Path) -> None:
    box = PrivateFiles(file_path=tmp_path / "mail")
    assert box.send_messages([EmailMessage("Hola", "Un enlace", to=["ana@example.com"])] * 2) == 2
    (letter,) = (tmp_path / "mail").iterdir()
    assert letter.stat().st_mode & 0o777 == 0o600
    assert letter.read_text().count("Un enlace") == 2
