"""A served simulator and a gateway that logs in to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from middleman import Middleman, stand_between
from portal_cases import LOGIN, Connect, Jar

from serving import Served, serve_simulator
from timbre.sii.portal.gateway import PortalGateway
from timbre.sii.transport import Transport


@pytest.fixture
def sii(tmp_path: Path) -> Iterator[Served]:
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
