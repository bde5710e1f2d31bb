"""Journeys run over real processes: one `timbre serve` per test process, a user of its own per test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from customers import Customer, arrive_at
from databases import own_database
from timbre.cli.installation import Installation
from timbre.cli.receiver import Inbox, receiving


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    data_dir = tmp_path_factory.mktemp("timbre")
    with own_database(data_dir) as database:
        installation = Installation(data_dir=data_dir, workers=1, settings=database.settings)
        installation.start()
        yield installation
        installation.stop()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with receiving() as inbox:
        yield inbox


@pytest.fixture
def arrive(inbox: Inbox) -> Iterator[Callable[[Installation], Customer]]:
    """A new user of an installation, each time it is called."""
    with ExitStack() as clients:

        def arrive(installation: Installation) -> Customer:
            customer = arrive_at(installation, inbox)
            clients.enter_context(customer.tupana)
            return customer

        yield arrive


@pytest.fixture
def customer(arrive: Callable[[Installation], Customer], installation: Installation) -> Customer:
    return arrive(installation)
