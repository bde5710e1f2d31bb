"""A served simulator and a gateway that logs in to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from portal_cases import LOGIN, Jar
from serving import Served, serve_simulator
from timbre.sii.portal.gateway import PortalGateway
from timbre.sii.transport import Transport


@pytest.fixture
def sii(tmp_path: Path) -> Iterator[Served]:
    with serve_simulator(tmp_path) as served:
        yield served


@pytest.fixture
def transport(sii: Served) -> Iterator[Transport]:
    transport = Transport(sii.origin)
    yield transport
    transport.close()


@pytest.fixture
def jar() -> Jar:
    return Jar()


@pytest.fixture
def gateway(transport: Transport, jar: Jar) -> PortalGateway:
    return PortalGateway(transport, LOGIN, jar)
