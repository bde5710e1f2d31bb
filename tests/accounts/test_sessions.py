"""Sessions of browsers: whose, where, seen when, and ended."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from timbre.accounts import sessions
from timbre.accounts.models import Session, User
from timbre.accounts.sessions import SessionStore

pytestmark = pytest.mark.django_db


def open_session(user: User) -> SessionStore:
    store = SessionStore()
    store["_auth_user_id"] = user.pk
    sessions.remember(store, address="203.0.113.7", agent="Firefox/130.0")
    return store


def opens(store: SessionStore) -> bool:
    return SessionStore(store.session_key).get("_auth_user_id") is not None


def test_a_session_is_kept_under_a_digest_that_opens_nothing(user: User) -> None:
    store = open_session(user)
    row = Session.objects.get()
    assert (row.user, row.address, row.agent) == (user, "203.0.113.7", "Firefox/130.0")
    assert opens(store)
    assert SessionStore(row.pk).get("_auth_user_id") is None
    assert store.session_key not in str(Session.objects.values())


def test_what_is_noted_of_a_browser_outlives_a_save(user: User) -> None:
    store = open_session(user)
    store["x"] = 1
    store.save()
    assert Session.objects.get().agent == "Firefox/130.0"


def test_being_seen_is_noted_at_most_once_a_minute(user: User) -> None:
    store = open_session(user)
    Session.objects.update(seen_at=timezone.now() - timedelta(seconds=50))
    with CaptureQueriesContext(connection) as queries:
        assert opens(store)
    assert len(queries) == 1
    Session.objects.update(seen_at=timezone.now() - timedelta(seconds=70))
    assert opens(store)
    assert timezone.now() - Session.objects.get().seen_at < timedelta(seconds=10)


def test_an_ended_session_opens_nothing_and_is_not_revived_by_a_late_save(user: User) -> None:
    store = open_session(user)
    late = SessionStore(store.session_key)
    assert late.get("_auth_user_id")
    assert sessions.end(user, sessions.id_of(store))
    assert not opens(store)
    late["x"] = 1
    with pytest.raises(UpdateError):
        late.save()
    assert not Session.objects.exists()


def test_nobody_ends_somebody_elses_session(user: User) -> None:
    store = open_session(user)
    stranger = User.objects.named("extrana@example.com")
    assert not sessions.end(stranger, sessions.id_of(store))
    sessions.end_others(stranger, open_session(stranger))
    sessions.end_all(stranger)
    assert opens(store)


def test_ending_the_others_keeps_this_one(user: User) -> None:
    here, *others = (open_session(user) for _ in range(3))
    assert sessions.end_others(user, here) == 2
    assert opens(here)
    assert not any(opens(other) for other in others)


def test_open_sessions_are_listed_seen_last_first_without_what_expired(user: User) -> None:
    first, second, expired = (open_session(user) for _ in range(3))
    now = timezone.now()
    Session.objects.filter(pk=sessions.id_of(first)).update(seen_at=now + timedelta(minutes=1))
    Session.objects.filter(pk=sessions.id_of(expired)).update(expire_date=now - timedelta(seconds=1))
    found = [session.pk for session in sessions.open_sessions(user, now)]
    assert found == [sessions.id_of(first), sessions.id_of(second)]
    assert not opens(expired)


def test_a_log_in_clears_away_what_expired(user: User) -> None:
    open_session(user)
    Session.objects.update(expire_date=timezone.now() - timedelta(days=1))
    open_session(user)
    assert Session.objects.count() == 1


def test_no_more_sessions_are_listed_than_a_page_holds_and_all_can_be_ended(user: User) -> None:
    here, *_ = (open_session(user) for _ in range(sessions.MOST_TOLD + 2))
    assert len(sessions.open_sessions(user, timezone.now())) == sessions.MOST_TOLD
    assert sessions.end_others(user, here) == sessions.MOST_TOLD + 1
