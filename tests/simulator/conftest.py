"""A served simulator and a person inside it, acting for the first documented company."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from portal_client import Portal

from serving import Served, serve_simulator


@pytest.fixture
def sii(tmp_path: Path) -> Iterator[Served]:
    with serve_simulator(tmp_path) as served:
        yield served


@pytest.fixture
def portal(sii: Served) -> Iterator[Portal]:
    with Portal(sii.origin) as portal:
        yield portal.enter()
