"""A served simulator and a gateway that logs in to it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from portal_cases import COMPANIES, LOGIN, PERSON, Connect, Jar

from middleman import Middleman, stand_between
from serving import STORE_NAME, Served, serve_simulator
from timbre.dte.rules import PORTAL
from timbre.sii.portal.gateway import PortalGateway
from timbre.sii.transport import Transport
from timbre.simulator.authority import Authority
from timbre.simulator.store import Store


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulator's store with the keys of the usual people and companies, which are slow to make."""
    path = tmp_path_factory.mktemp("keys") / STORE_NAME
    store = Store(path)
    authority = Authority(store)
    for company in COMPANIES[:4]:
        for tipo in sorted(PORTAL.types) if company is COMPANIES[0] else (33, 34):
            authority.caf(company, tipo)
    authority.person(PERSON)
    store.close()
    return path


@pytest.fixture
def sii(tmp_path: Path, keys: Path) -> Iterator[Served]:
    shutil.copy(keys, tmp_path)
    with serve_simulator(tmp_path) as served:
        yield served


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes transports and closes them in the end."""
    made: list[Transport] = []

    def make(origin: str | None, **settings: Any) -> Transport:
        made.append(Transport(origin, **settings))
        return made[-1]

    yield make
    for transport in made:
        transport.close()


@pytest.fixture
def transport(sii: Served, connect: Connect) -> Transport:
    return connect(sii.origin)


@pytest.fixture
def man(sii: Served) -> Iterator[Middleman]:
    with stand_between(sii.origin) as man:
        yield man


@pytest.fixture
def watched(man: Middleman, connect: Connect, jar: Jar) -> PortalGateway:
    """A gateway whose every byte passes the man in the middle."""
    return PortalGateway(connect(man.origin), LOGIN, jar)


@pytest.fixture
def jar() -> Jar:
    return Jar()


@pytest.fixture
def gateway(transport: Transport, jar: Jar) -> PortalGateway:
    return PortalGateway(transport, LOGIN, jar)
