"""What a customer's program does with the API: enrol a company, set its webhook, post a batch."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx


class RequestRefused(Exception):
    """The API said no, in its own words."""


class Customer:
    """One API key at work. Every method raises RequestRefused, or httpx's errors when nobody answers."""

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.Client(
            base_url=f"{url}/v2", headers={"Authorization": f"Api-Key {key}"}, timeout=60
        )

    def look_up(self, rut: str) -> dict[str, Any]:
        """What is known of a RUT: ``id``, ``name``, ``addresses``, ``activities``."""
        return self._ask("GET", "/master-entities/", params={"rut": rut})

    def enrol(self, rut: str, *, person: str, clave: str, certificate_password: str) -> dict[str, Any]:
        """Enrols the company with a person's login and waits for the SII's answer."""
        entity = self.look_up(rut)
        login = {
            "master_entity_id": entity["id"],
            "user_rut": person,
            "password": clave,
            "digital_certificate_password": certificate_password,
        }
        enrollment = self._ask("POST", "/credentials/", json=login)
        while enrollment["status"] == "pending":
            time.sleep(0.1)
            enrollment = self._ask("GET", f"/credentials/enrollments/{enrollment['enrollment_id']}/")
        if enrollment["status"] != "valid":
            raise RequestRefused(f"el SII no aceptó la credencial: {enrollment['error']}")
        return self.look_up(rut)

    def create_webhook(
        self, entity_id: str, *, url: str, secret: str, events: Sequence[str]
    ) -> dict[str, Any]:
        """The company's webhook: where its results go, signed with ``secret``."""
        wish = {"master_entity_id": entity_id, "url": url, "secret": secret, "events": list(events)}
        return self._ask("POST", "/webhooks/", json=wish)

    def post(self, documents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """A batch, with what it leaves out filled in from the company's defaults."""
        return self._ask("POST", "/documents/batch/", json={"documents": documents}, headers=USE_DEFAULTS)

    def batch(self, batch_id: str) -> dict[str, Any]:
        """How the batch and each of its documents stand."""
        return self._ask("GET", f"/documents/batch/{batch_id}/")

    def mark_paid(self, document_id: str) -> None:
        """Registers that an issued document was paid."""
        self._ask("POST", f"/documents/{document_id}/states/", json={"event_code": "PAID"})

    def download(self, link: str) -> bytes:
        """The bytes behind a link of a webhook."""
        return _judge(self._http.get(link)).content

    def _ask(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        answer: dict[str, Any] = _judge(self._http.request(method, path, **request)).json()
        return answer


USE_DEFAULTS = {"X-Use-Defaults": "true"}


def _judge(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    raise RequestRefused(
        f"{response.request.method} {response.request.url.path}: {response.status_code} {response.text}"
    )
