"""While somebody else holds SQLite's one writer, who only reads is answered all the same; who would write is
told 503: not processed, come back.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from calling import Caller, factura
from timbre.accounts.models import ApiKey, Session, User
from timbre.issuing.models import Batch
from timbre.taxpayers.models import Company
from visiting import Visitor

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def another_writing() -> Iterator[None]:
    """Somebody holds SQLite's one writer, and nobody here has the patience to wait for it."""
    connection.cursor().execute("PRAGMA busy_timeout = 50")
    holder = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        yield
    finally:
        holder.close()
        connection.cursor().execute("PRAGMA busy_timeout = 20000")


def test_a_locked_database_is_a_503_and_nothing_is_processed(caller: Caller, enrolled: Company) -> None:
    with another_writing():
        answer = caller.issue(factura())
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "service_unavailable"
    assert answer["Retry-After"] == "2"
    assert not Batch.objects.exists()


def test_who_only_reads_waits_for_no_writer(caller: Caller, enrolled: Company, user: User) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    visitor = Visitor(user)
    Session.objects.update(seen_at=long_ago)
    ApiKey.objects.update(last_used_at=long_ago)
    with another_writing():
        assert visitor.get("/sandbox/documentos/").status_code == 200
        assert caller.get("/v2/documents/").status_code == 200
        [waits] = connection.cursor().execute("PRAGMA busy_timeout").fetchone()
        assert waits == 50
    assert Session.objects.get().seen_at == ApiKey.objects.get().last_used_at == long_ago
    visitor.get("/sandbox/documentos/")
    caller.get("/v2/documents/")
    assert Session.objects.get().seen_at > long_ago
    assert ApiKey.objects.get().last_used_at > long_ago
