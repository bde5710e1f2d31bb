"""Journeys run over real processes: one `timbre serve` per test process, a user of its own per test."""

from collections.abc import Iterator

import pytest

from customers import Customer, arrive_at
from timbre.cli.installation import Installation
from timbre.cli.receiver import Inbox, receiving


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(data_dir=tmp_path_factory.mktemp("timbre"), workers=1)
    installation.start()
    yield installation
    installation.stop()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with receiving() as inbox:
        yield inbox


@pytest.fixture
def customer(installation: Installation, inbox: Inbox) -> Customer:
    return arrive_at(installation, inbox)
