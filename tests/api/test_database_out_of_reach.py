"""A PostgreSQL that takes no connection: whoever asks is told 503, not processed, come back."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections
from django.db.utils import DEFAULT_DB_ALIAS, ConnectionHandler
from django.test import Client

from calling import Caller, factura
from timbre.accounts.models import User
from timbre.cli.ports import LOOPBACK, free_port
from timbre.config.settings import postgres
from timbre.issuing.models import Batch
from timbre.taxpayers.models import Company
from visiting import Visitor

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def nobody_at(host: str, port: int = 0) -> Iterator[None]:
    """The database is a PostgreSQL at a host where nobody listens or answers, or whose name says nothing."""
    address = postgres(f"postgres://u:p@{host}:{port or free_port()}/timbre")
    gone = ConnectionHandler({DEFAULT_DB_ALIAS: address})
    usual = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = gone[DEFAULT_DB_ALIAS]
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = usual


@pytest.mark.parametrize("host", [LOOPBACK, "nowhere.invalid"])
def test_a_database_that_cannot_be_reached_is_a_503_and_nothing_is_processed(
    caller: Caller, enrolled: Company, user: User, host: str
) -> None:
    visitor = Visitor(user)
    with nobody_at(host):
        answers = [caller.issue(factura()), caller.get("/v2/documents/")]
        screen = visitor.get("/sandbox/documentos/")
        well = Client().get("/healthz")
    for answer in [*answers, well]:
        assert (answer.status_code, answer["Retry-After"]) == (503, "2")
        assert answer.json()["error"]["code"] == "service_unavailable"
    assert screen.status_code == 503
    assert "no hizo nada" in screen.content.decode()
    assert not Batch.objects.exists()


def test_a_host_that_takes_the_call_and_says_nothing_is_given_up_within_seconds() -> None:
    with socket.create_server((LOOPBACK, 0)) as silent, nobody_at(LOOPBACK, silent.getsockname()[1]):
        asked = time.monotonic()
        well = Client().get("/healthz")
        waited = time.monotonic() - asked
    assert (well.status_code, well["Retry-After"]) == (503, "2")
    assert waited < 15
