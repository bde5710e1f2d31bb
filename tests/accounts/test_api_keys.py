"""API keys: shown once, kept as a digest, living until revoked."""

import hashlib
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from timbre.accounts.models import ApiKey, User
from timbre.accounts.scope import Scope
from timbre.work.environments import Environment

pytestmark = pytest.mark.django_db


def test_a_key_is_kept_as_its_digest_alone(user: User) -> None:
    text = ApiKey.create(user, Environment.SANDBOX, name="ERP")
    key = ApiKey.objects.get()
    assert key.digest == hashlib.sha256(text.encode()).hexdigest()
    row = ApiKey.objects.values().get()
    assert not any(text in str(value) for value in row.values())
    assert text.startswith(key.prefix)
    assert len(text) - len(key.prefix) >= 39
    assert text not in f"{key}{key!r}"


def test_a_key_says_its_environment_and_opens_its_scope(user: User, now: datetime) -> None:
    text = ApiKey.create(user, Environment.PRODUCTION, lenient=True)
    assert text.startswith("tk_production_")
    key = ApiKey.authenticate(text, now=now)
    assert key is not None
    assert key.lenient
    assert key.opens() == Scope(user.pk, "production")


def test_keys_are_all_different(user: User) -> None:
    assert len({ApiKey.create(user, Environment.SANDBOX) for _ in range(50)}) == 50


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "x", str.upper, lambda _: "", lambda _: "ñ\x00"]
)
def test_any_other_text_opens_nothing(user: User, now: datetime, change: object) -> None:
    text = ApiKey.create(user, Environment.SANDBOX)
    assert ApiKey.authenticate(change(text), now=now) is None  # type: ignore[operator]


def test_a_revoked_key_opens_nothing_and_stays_revoked_since_the_first_time(
    user: User, now: datetime
) -> None:
    text = ApiKey.create(user, Environment.SANDBOX)
    other = ApiKey.create(user, Environment.SANDBOX)
    key = ApiKey.authenticate(text, now=now)
    assert key is not None
    key.revoke(now)
    key.revoke(now + timedelta(days=1))
    assert ApiKey.authenticate(text, now=now) is None
    assert ApiKey.objects.get(pk=key.pk).revoked_at == now
    assert ApiKey.authenticate(other, now=now)


def test_use_is_noted_at_most_once_a_minute(user: User, now: datetime) -> None:
    text = ApiKey.create(user, Environment.SANDBOX)

    def used(after: timedelta) -> tuple[int, datetime | None]:
        with CaptureQueriesContext(connection) as queries:
            ApiKey.authenticate(text, now=now + after)
        return len(queries), ApiKey.objects.get().last_used_at

    assert used(timedelta(0)) == (2, now)
    assert used(timedelta(seconds=59)) == (1, now)
    assert used(timedelta(seconds=61)) == (2, now + timedelta(seconds=61))


def test_a_user_is_named_by_an_address_whatever_its_case(db: None) -> None:
    user = User.objects.named(" Ana@Example.com ")
    assert user.email == "ana@example.com"
    assert User.objects.named("ana@example.com") == user
    assert not user.has_usable_password()
    with pytest.raises(IntegrityError):
        User.objects.create(email="ana@example.com")


def test_naming_a_user_again_leaves_the_password(user: User) -> None:
    user.set_password("una clave cualquiera")
    user.save()
    assert User.objects.named(user.email).check_password("una clave cualquiera")


def test_a_key_may_do_everything_for_ever_unless_told_otherwise(user: User) -> None:
    ApiKey.create(user, Environment.SANDBOX)
    key = ApiKey.objects.get()
    assert (key.scopes, key.expires_at) == (["read", "issue", "manage"], None)


def test_an_expired_key_opens_nothing_and_is_known_to_have_expired(user: User, now: datetime) -> None:
    text = ApiKey.create(user, Environment.SANDBOX, scopes=["read"], expires_at=now)
    assert ApiKey.authenticate(text, now=now - timedelta(seconds=1))
    assert ApiKey.authenticate(text, now=now) is None
    assert ApiKey.expired(text, now=now)
    assert not ApiKey.expired(text, now=now - timedelta(seconds=1))
    assert not ApiKey.expired("tk_sandbox_otra", now=now)


def test_a_key_that_was_revoked_is_not_called_expired(user: User, now: datetime) -> None:
    text = ApiKey.create(user, Environment.SANDBOX, expires_at=now)
    ApiKey.objects.get().revoke(now - timedelta(days=1))
    assert not ApiKey.expired(text, now=now)
