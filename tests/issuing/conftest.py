from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from middleman import Middleman, stand_between
from offices import Office, enrolled, folios, office
from timbre.taxpayers import portal

__all__ = ["enrolled", "folios", "line", "office"]


@pytest.fixture
def line(enrolled: Office, settings: LazySettings) -> Iterator[Middleman]:
    """The wire between Timbre and the SII, to be cut."""
    portal.hang_up()
    with stand_between(settings.SIMULATOR_URL) as man:
        settings.SIMULATOR_URL = man.origin
        yield man
        portal.hang_up()
