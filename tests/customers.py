"""Customers of the journeys: a user with a key, the unmodified `tupana` client and a webhook receiver."""

import itertools
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tupana import Tupana

from timbre.cli.installation import Installation
from timbre.cli.receiver import Inbox
from timbre.dte.rut import check_digit

COMPANY = "39001001-K"
EVENTS = [
    "document.issued",
    "document.issue_failed",
    "document.paid",
    "document.unpaid",
    "credential.validated",
    "batch.completed",
]
_people = itertools.count(39_200_000 + 1_000 * (os.getpid() % 500))


@dataclass(frozen=True, slots=True)
class Customer:
    """Everything it knows of Timbre it learns over HTTP."""

    tupana: Tupana
    key: str
    inbox: Inbox

    def enrol(self, rut: str = COMPANY) -> str:
        """The company's id, once the SII has accepted a new person's login and the webhook is set."""
        entity: str = self.tupana.master_entities.lookup(rut)["id"]
        login = {
            "master_entity_id": entity,
            "user_rut": new_rut(),
            "password": "clave-39c7f0b2d4",
            "digital_certificate_password": "certificado-81ac5e07",
        }
        enrollment = self.tupana.request("POST", "/credentials/", body=login)["enrollment_id"]
        wait_until(lambda: self.enrollment(enrollment)["status"] != "pending")
        assert self.enrollment(enrollment)["status"] == "valid"
        self.tupana.webhooks.create(
            {"master_entity_id": entity, "url": self.inbox.url, "events": EVENTS, "secret": self.inbox.secret}
        )
        return entity

    def enrollment(self, enrollment_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.tupana.request("GET", f"/credentials/enrollments/{enrollment_id}/")
        return answer

    def told(self, event: str) -> list[dict[str, Any]]:
        """What has arrived of one type of event, each event once."""
        return [arrived["data"] for arrived in self.inbox.events if arrived["event"] == event]

    def wait_for(self, event: str, count: int, *, within: float = 120) -> list[dict[str, Any]]:
        wait_until(lambda: len(self.told(event)) >= count, within=within)
        return self.told(event)


def arrive_at(installation: Installation, inbox: Inbox) -> Customer:
    """A new user of this installation."""
    key = installation.create_key(f"{new_rut()}@example.com")
    return Customer(Tupana(api_key=key, base_url=f"{installation.url}/v2"), key, inbox)


def new_rut() -> str:
    """A RUT no other test of this run uses."""
    body = next(_people)
    return f"{body}-{check_digit(body)}"


def invoice(number: int = 1, **more: Any) -> dict[str, Any]:
    """An invoice from COMPANY; two with the same number are twins."""
    return {
        "dte_type": {"code": "33"},
        "document_issuer": {"rut": COMPANY},
        "document_receiver": {
            "rut": "39007007-1",
            "business_name": "MUEBLES Y MADERAS PEHUÉN LIMITADA (SANDBOX)",
            "business_activity": "Fabricación de recipientes de madera",
            "address": "CAMINO A CAUTÍN S/N",
            "district": "LAUTARO",
            "city": "LAUTARO",
        },
        "details": [
            {"item_name": f"Caja de madera n.º {number}", "quantity": 2, "unit_price": 1_000 + number}
        ],
        **more,
    }


def wait_until(condition: Callable[[], bool], *, within: float = 120) -> None:
    """Returns when the condition holds; fails when it does not ``within`` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(0.05)
