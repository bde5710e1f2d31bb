"""While somebody else holds SQLite's one writer, a request is answered 503: not processed, come back."""

import sqlite3

import pytest
from django.db import connection

from calling import Caller, factura
from timbre.issuing.models import Batch
from timbre.taxpayers.models import Company

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_locked_database_is_a_503_and_nothing_is_processed(caller: Caller, enrolled: Company) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has one writer for the whole database")
    connection.cursor().execute("PRAGMA busy_timeout = 50")
    holder = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        answer = caller.issue(factura())
    finally:
        holder.close()
        connection.cursor().execute("PRAGMA busy_timeout = 20000")
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "service_unavailable"
    assert answer["Retry-After"] == "2"
    assert not Batch.objects.exists()
