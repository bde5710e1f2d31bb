"""`X-Timbre-Scenario`: for sandbox keys alone, saved with the batch, part of what a request says."""

import pytest
from django.test import Client

from calling import Caller, error_of, factura, make_key
from timbre.accounts.models import User
from timbre.api import v2
from timbre.issuing.models import Batch
from timbre.simulator.scenarios import CATALOGUE
from timbre.work.environments import Environment

pytestmark = pytest.mark.usefixtures("enrolled")


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_batch_keeps_the_scenario_it_was_asked_with(caller: Caller, name: str) -> None:
    assert caller.issue(factura(), **{"X-Timbre-Scenario": f" {name} "}).status_code == 202
    assert Batch.objects.get().scenario == name


@pytest.mark.parametrize("written", ["", "  "])
def test_a_blank_scenario_is_none(caller: Caller, written: str) -> None:
    assert caller.issue(factura(), **{"X-Timbre-Scenario": written}).status_code == 202
    assert Batch.objects.get().scenario == ""


@pytest.mark.parametrize(
    "written", ["earthquake", "Refusal", "refusal docu_1", "refusal, outage", "x" * 5000]
)
@pytest.mark.usefixtures("nothing_is_saved")
def test_a_scenario_that_is_none_is_told_which_there_are(caller: Caller, written: str) -> None:
    response = caller.issue(factura(), **{"X-Timbre-Scenario": written})
    error = error_of(response)
    assert (response.status_code, error["code"]) == (400, "scenario_invalid")
    assert error["param"] == "X-Timbre-Scenario"
    assert all(name in error["message"] for name in CATALOGUE)


@pytest.mark.parametrize("written", ["refusal", "earthquake"])
@pytest.mark.usefixtures("nothing_is_saved")
def test_a_production_key_may_ask_for_none(user: User, written: str) -> None:
    caller = make_key(user, Environment.PRODUCTION)
    response = caller.issue(factura(), **{"X-Timbre-Scenario": written})
    assert (response.status_code, error_of(response)["code"]) == (403, "scenario_not_allowed")


def test_the_same_key_with_another_scenario_is_another_request(caller: Caller) -> None:
    def ask(**headers: str) -> int:
        return caller.issue(factura(), **({"Idempotency-Key": "k-1"} | headers)).status_code

    assert ask(**{"X-Timbre-Scenario": "outage"}) == 202
    assert ask(**{"X-Timbre-Scenario": "outage"}) == 202
    assert ask(**{"X-Timbre-Scenario": "slow"}) == 409
    assert ask() == 409
    assert Batch.objects.count() == 1


def test_the_openapi_names_every_scenario() -> None:
    parameters = v2.schema()["paths"]["/v2/documents/batch/"]["post"]["parameters"]
    (told,) = [each for each in parameters if each["name"] == "X-Timbre-Scenario"]
    assert all(name in told["description"] for name in CATALOGUE)


@pytest.mark.parametrize("verb", ["get", "post", "delete"])
@pytest.mark.parametrize("path", ["scenarios/", "clock/", "requests"])
def test_the_simulators_own_pages_exist_in_the_simulator_alone(verb: str, path: str) -> None:
    response = getattr(Client(), verb)(f"/_simulator/{path}", content_type="application/json")
    assert response.status_code == 404
