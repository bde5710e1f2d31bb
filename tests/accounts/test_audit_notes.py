"""The audit log: added to inside the transaction that makes it true, read newest first, forgotten by age."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from structlog.contextvars import bound_contextvars

from timbre.accounts import audit
from timbre.accounts.models import AuditEntry, User

pytestmark = pytest.mark.django_db


def test_an_entry_says_who_did_what_to_what_from_where_and_in_which_request(
    user: User, now: datetime
) -> None:
    with audit.nobody_yet(), bound_contextvars(address="203.0.113.7", request_id="req_1"):
        audit.act_as("person:ana@example.cl")
        audit.note(user_id=user.pk, environment="sandbox", action="key.revoked", target="akey_1", now=now)
    entry = AuditEntry.objects.get()
    assert (entry.user_id, entry.environment, entry.at) == (user.pk, "sandbox", now)
    assert (entry.action, entry.target) == ("key.revoked", "akey_1")
    assert (entry.actor, entry.address, entry.request_id) == (
        "person:ana@example.cl",
        "203.0.113.7",
        "req_1",
    )


def test_who_acted_in_one_request_does_not_act_in_the_next(user: User, now: datetime) -> None:
    with audit.nobody_yet():
        audit.act_as("api:tk_sandbox_abcd")
    with audit.nobody_yet():
        audit.note(user_id=user.pk, action="account.created", now=now)
    assert AuditEntry.objects.get().actor == audit.TIMBRE


def test_what_was_undone_leaves_no_entry(user: User, now: datetime) -> None:
    def fails() -> None:
        with transaction.atomic():
            audit.note(user_id=user.pk, action="account.created", now=now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert not AuditEntry.objects.exists()


def test_an_action_nobody_has_words_for_is_refused(user: User, now: datetime) -> None:
    with pytest.raises(KeyError):
        audit.note(user_id=user.pk, action="key.eaten", now=now)


def test_an_environment_is_read_with_the_account_and_without_the_other_one(user: User, now: datetime) -> None:
    for minutes, environment in enumerate(("sandbox", "production", "")):
        at = now + timedelta(minutes=minutes)
        audit.note(user_id=user.pk, environment=environment, action="account.created", now=at)
    audit.note(user_id=None, action="installation.restored", now=now)
    assert [e.environment for e in audit.entries(user.pk, "sandbox")] == ["", "sandbox"]
    assert [e.environment for e in audit.entries(user.pk)] == ["", "production", "sandbox"]


def test_what_is_older_is_forgotten_and_the_rest_stays(
    user: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "_CHUNK", 2)
    for days in range(5):
        audit.note(user_id=user.pk, action="account.created", now=now + timedelta(days=days))
    assert audit.forget(now + timedelta(days=3)) == 3
    assert AuditEntry.objects.count() == 2
