"""Each test process keeps its data in a directory of its own; what the tests of every room stand on."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import django
import pytest

pytest_plugins = ["secrecy"]
DATA_DIR = Path(tempfile.mkdtemp(prefix="timbre-tests-"))
atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)
os.environ["TIMBRE_DATA_DIR"] = str(DATA_DIR)
os.environ["TIMBRE_SECRET_KEY"] = "a key for tests and for nothing else"
os.environ["TIMBRE_DATABASE_URL"] = os.environ.get("TIMBRE_TEST_DATABASE_URL", "")
os.environ["DJANGO_SETTINGS_MODULE"] = "timbre.config.settings"
django.setup()
# The processes of xdist inherit this environment: naming the settings in it, or in pyproject.toml, would
# make them load before this file has given each its own directory.
del os.environ["DJANGO_SETTINGS_MODULE"]

from django.db import connection  # noqa: E402 - models can be imported only now

from enrolled import enrol  # noqa: E402
from receiving import Receiver  # noqa: E402
from timbre.accounts.models import User  # noqa: E402
from timbre.accounts.scope import Scope  # noqa: E402
from timbre.taxpayers.models import Company  # noqa: E402
from timbre.webhooks import post  # noqa: E402
from timbre.work.environments import Environment  # noqa: E402

# About SQLite's one writer for the whole database, which PostgreSQL does not have.
collect_ignore = [] if connection.vendor == "sqlite" else ["api/test_busy.py"]


LONG = ("journeys", "faults", "browser", "cli", "api/test_schemathesis.py", "dte/test_properties.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long first: at the end no process waits for another's last test."""
    tests = Path(__file__).parent
    items.sort(key=lambda item: not item.path.is_relative_to(tests / "faults"))
    items.sort(key=lambda item: not any(item.path.is_relative_to(tests / each) for each in LONG))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite in a file, as in use: what is kept in memory locks differently between threads."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(DATA_DIR / "test.sqlite3")


@pytest.fixture
def now() -> datetime:
    """A Saturday at 12:30 UTC, 9:30 in Chile."""
    return datetime(2026, 3, 14, 12, 30, tzinfo=UTC)


@pytest.fixture
def user(db: None) -> User:
    return User.objects.named("ana@example.com")


@pytest.fixture
def scope(user: User) -> Scope:
    return Scope(user.pk, Environment.SANDBOX)


@pytest.fixture
def company(scope: Scope) -> Company:
    return enrol(scope)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A customer's server on a free loopback port."""
    with Receiver() as listening:
        yield listening
        post.hang_up()
