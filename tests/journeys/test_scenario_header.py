"""Scenarios from outside: a sandbox user with nothing but an API key makes the SII go wrong."""

from typing import Any

import httpx

from customers import Customer, invoice, wait_until
from timbre.cli.installation import Installation


def issue(installation: Installation, customer: Customer, scenario: str, number: int) -> str:
    """The id of a document of one's own batch under a scenario."""
    headers = {"Authorization": f"Api-Key {customer.key}", "X-Use-Defaults": "true"}
    answer = httpx.post(
        f"{installation.url}/v2/documents/batch/",
        json={"documents": [invoice(number)]},
        headers=headers | ({"X-Timbre-Scenario": scenario} if scenario else {}),
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["documents"][0]["document"]["id"])


def told_of(customer: Customer, document: str) -> dict[str, Any]:
    """What the API tells of a document."""
    told: dict[str, Any] = customer.tupana.documents.retrieve(document)
    return told


def refusals(installation: Installation, customer: Customer) -> list[str]:
    """Why credentials were stopped, as the events tell it."""
    key = {"Authorization": f"Api-Key {customer.key}"}
    query = {"type": "credential.invalid"}
    events = httpx.get(f"{installation.url}/v2/events/", headers=key, params=query).json()["data"]
    return [each["data"]["object"]["reason"] for each in events]


def test_an_answer_is_lost_a_clave_is_refused_and_nothing_is_issued_twice(
    installation: Installation, customer: Customer
) -> None:
    customer.enrol()
    names = ("duplicate_answer", "lost_answer", "refusal", "")
    documents = {name: issue(installation, customer, name, n) for n, name in enumerate(names)}
    wait_until(lambda: len(customer.told("document.issued")) == 3, within=60)
    folios = {name: told_of(customer, document)["folio"] for name, document in documents.items()}
    assert (len({folios[name] for name in names if name != "refusal"}), folios["refusal"]) == (3, None)
    states = customer.tupana.documents.list_states(documents["lost_answer"])["states"]
    assert "in_doubt" in {state["event_code"] for state in states}
    (failed,) = customer.wait_for("document.issue_failed", 1)
    assert failed["id"] == documents["refusal"]

    waiting = issue(installation, customer, "wrong_clave", 9)
    wait_until(lambda: refusals(installation, customer) == ["sii_credentials_invalid"], within=30)
    told = told_of(customer, waiting)
    assert (told["status"], told["folio"]) == ("temporary_error", None)
