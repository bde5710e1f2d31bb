from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from offices import Office
from serving import serve_simulator

from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.simulator.store import FolioBehaviour
from timbre.taxpayers import portal


@pytest.fixture(params=list(FolioBehaviour), ids=lambda behaviour: behaviour.value)
def both_folio_behaviours(request: pytest.FixtureRequest) -> FolioBehaviour:
    return request.param


@pytest.fixture
def folios() -> FolioBehaviour:
    return FolioBehaviour.SENDING


@pytest.fixture
def office(
    db: None, tmp_path: Path, settings: LazySettings, folios: FolioBehaviour
) -> Iterator[Office]:
    """An office whose company is not enrolled yet."""
    with serve_simulator(tmp_path, folios=folios) as served:
        settings.SIMULATOR_URL = served.origin
        user = User.objects.named("ana@example.cl")
        yield Office(served.store, Scope(user.pk, "sandbox"))
    portal.hang_up()


@pytest.fixture
def enrolled(office: Office) -> Office:
    assert office.enroll().status == "valid"
    return office
