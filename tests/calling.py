"""Callers of the API, and what they ask."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from timbre.accounts.models import ApiKey, User
from timbre.api import v2
from timbre.api.openapi import SHAPES
from timbre.dte.clock import today_in_chile
from timbre.taxpayers.models import Company, Credential
from timbre.work.environments import Environment
from timbre.work.models import Lane

EXAMPLES = Path(__file__).parents[1] / "examples" / "tipos"
EMISOR, RECEPTOR, PERSON = "76543210-3", "39007007-1", "12345678-5"


@dataclass(frozen=True, slots=True)
class Caller:
    """Speaks HTTP with one key."""

    key: str

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self._send("get", path, query_params=query)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        return self._send("post", path, headers, data=data, content_type="application/json")

    def patch(self, path: str, body: Any) -> HttpResponse:
        return self._send("patch", path, data=json.dumps(body), content_type="application/json")

    def delete(self, path: str) -> HttpResponse:
        return self._send("delete", path)

    def issue(self, *documents: dict[str, Any], **headers: str) -> HttpResponse:
        """Posts a batch with defaults."""
        return self.post(
            "/v2/documents/batch/", {"documents": list(documents)}, **({"X-Use-Defaults": "true"} | headers)
        )

    def _send(self, verb: str, path: str, headers: Any = None, **options: Any) -> HttpResponse:
        sent = {"Authorization": f"Api-Key {self.key}"} | (headers or {})
        response: HttpResponse = getattr(Client(), verb)(path, headers=sent, **options)
        whole = "fields" not in options.get("query_params", ())
        if (
            whole
            and response.status_code < 300
            and response.get("Content-Type") != "text/html; charset=utf-8"
        ):
            _hold_against_its_shape(verb, path, response)
        return response


def _hold_against_its_shape(verb: str, path: str, response: HttpResponse) -> None:
    """Every answer of every test is what the OpenAPI says it is, no field more or less."""
    path = path.partition("?")[0].removeprefix("/api").rstrip("/") + "/"
    if not path.startswith("/v2/"):
        return
    for template, operations in v2.schema()["paths"].items():
        if verb in operations and re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
            told = operations[verb]["responses"][response.status_code]
            if response.status_code != 204:
                SHAPES[told["content"]["application/json"]["schema"]["$ref"]].validate_python(
                    response.json(), strict=True
                )
            return
    raise AssertionError(f"the OpenAPI has no {verb} {path}")


def make_key(user: User, environment: Environment = Environment.SANDBOX, *, lenient: bool = False) -> Caller:
    return Caller(ApiKey.create(user, environment, lenient=lenient))


def make_credential(company: Company, person: str = PERSON) -> Credential:
    """A credential that the SII is taken to have accepted."""
    credential = Credential(
        user_id=company.user_id,
        environment=company.environment,
        company=company,
        lane=Lane.portal(company.environment, person),
        person_rut=person,
        status=Credential.Status.VALID,
        verified_at=timezone.now(),
    )
    credential.keep_secrets(clave="secreta", certificate_password="certificada")
    credential.save()
    return credential


def factura(**changes: Any) -> dict[str, Any]:
    """An invoice that says all there is to say."""
    return {
        "dte_type": {"code": "33"},
        "date_issued": today_in_chile(timezone.now()).isoformat(),
        "document_issuer": {
            "rut": EMISOR,
            "business_name": "Panadería Ñandú SpA",
            "business_activity": "Elaboración de pan",
            "activity_code": 107100,
            "address": "Av. Providencia 1234",
            "district": "Providencia",
            "city": "Santiago",
        },
        "document_receiver": {
            "rut": RECEPTOR,
            "business_name": "Muebles Pehuén Ltda.",
            "business_activity": "Mueblería",
            "address": "Camino a Cautín s/n",
            "district": "Lautaro",
            "city": "Lautaro",
        },
        "details": [{"item_name": "Marraqueta", "quantity": 2, "unit_price": 1990.5}],
        "header": {"payment_method": "1"},
    } | changes


def line(**changes: Any) -> dict[str, Any]:
    return {"item_name": "Hallulla", "quantity": 1, "unit_price": 1000} | changes


def example(tipo: str, **changes: Any) -> dict[str, Any]:
    """The document of the type's example, as a caller with defaults asks for it, from the tests' company."""
    batch: dict[str, Any] = json.loads((EXAMPLES / f"{tipo}.json").read_text())
    assert batch["use_default"] is True
    (document,) = batch["documents"]
    return {**document, "document_issuer": {"rut": EMISOR}, **changes}


def error_of(response: HttpResponse) -> dict[str, Any]:
    """The error of an answer, in its envelope and with its request's id."""
    error: dict[str, Any] = json.loads(response.content)["error"]
    assert {"type", "code", "message", "doc_url", "request_id"} <= set(error)
    assert error["request_id"] == response["X-Request-Id"]
    return error
