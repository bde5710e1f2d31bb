"""Each example, asked for as it stands to be issued: accepted, or refused by name, whatever the key."""

import pytest

from calling import Caller, error_of, example
from timbre.dte.codes import TipoDte
from timbre.dte.rules import PORTAL

pytestmark = pytest.mark.usefixtures("enrolled")
ISSUED = sorted(f"{tipo:d}" for tipo in PORTAL.types)
REFUSED = sorted(f"{tipo:d}" for tipo in set(TipoDte) - PORTAL.types)


@pytest.fixture(params=["caller", "lenient"])
def anyone(request: pytest.FixtureRequest) -> Caller:
    """A strict key, and a lenient one."""
    key: Caller = request.getfixturevalue(request.param)
    return key


@pytest.mark.parametrize("tipo", ISSUED)
def test_the_example_of_a_type_of_the_portal_is_accepted_without_a_warning(tipo: str, anyone: Caller) -> None:
    response = anyone.issue(example(tipo))
    assert response.status_code == 202, response.content.decode()
    assert response.json().get("warnings", []) == []


@pytest.mark.usefixtures("nothing_is_saved")
@pytest.mark.parametrize("tipo", REFUSED)
def test_the_example_of_any_other_type_is_refused_by_its_type_first(tipo: str, anyone: Caller) -> None:
    response = anyone.issue(example(tipo))
    assert response.status_code == 422
    error = error_of(response)
    assert (error["code"], error["param"]) == ("dte_type_not_available", "documents.0.dte_type.code")
