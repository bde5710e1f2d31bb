"""What is true of every address: request ids, aliases, health, and a reference that needs nobody else."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from structlog.testing import capture_logs

from calling import Caller, error_of
from timbre.api.catalogue import CODES
from timbre.taxpayers import lookups


def test_every_answer_has_its_own_request_id(caller: Caller) -> None:
    paths = ("/v2/documents/", "/v2/none/", "/healthz", "/v2/reference", "/files/x/", "/")
    ids = {caller.get(path)["X-Request-Id"] for path in paths}
    assert len(ids) == len(paths)
    assert all(re.fullmatch(r"req_[0-9a-z]{16}", each) for each in ids)


def test_the_alias_and_a_forgotten_slash_are_answered(caller: Caller) -> None:
    for path in ("/v2/documents", "/api/v2/documents/", "/api/v2/documents"):
        assert caller.get(path).status_code == 200
    assert Client().get("/api/v2/openapi.json").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/v2/nada", "/api/v2evil", "/api/x/", "/healthz/x", "/files/x/"])
def test_whatever_is_not_there_is_told_in_the_envelope(path: str) -> None:
    response = Client().get(path)
    assert (response.status_code, error_of(response)["code"]) == (404, "resource_missing")
    assert error_of(response)["message"].startswith(("No existe la ruta " + path, "El enlace no existe"))


def test_every_address_tells_a_wrong_method(db: None) -> None:
    for path in ("/healthz", "/files/x/"):
        response = Client().post(path)
        assert (response.status_code, error_of(response)["code"]) == (405, "method_not_allowed")


@pytest.mark.django_db
def test_health_asks_the_database_once() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert Client().get("/healthz").json() == {"status": "ok"}
    assert len(queries) == 1


def test_the_openapi_tells_every_route_and_the_shapes_that_are_enforced() -> None:
    schema = Client().get("/v2/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    routes = {f"{verb} {path}" for path, verbs in schema["paths"].items() for verb in verbs}
    assert {
        "post /v2/documents/batch/",
        "get /v2/documents/batch/{batch_id}/",
        "post /v2/documents/{document_id}/resolve/",
        "patch /v2/credentials/{credential_id}/",
        "post /v2/webhooks/{webhook_id}/test/",
        "get /v2/events/",
    } <= routes
    create = schema["paths"]["/v2/documents/batch/"]["post"]
    no = {"400", "401", "403", "404", "409", "411", "413", "422", "429", "500", "503"}
    assert set(create["responses"]) == {"202"} | no
    headers = {"Idempotency-Key", "X-Use-Defaults", "X-Timbre-Scenario"}
    assert {each["name"] for each in create["parameters"]} == headers
    line = schema["components"]["schemas"]["Line"]
    assert line["required"] == ["item_name"]
    assert line["additionalProperties"] is False
    named = set(
        re.findall(r'"#/components/schemas/(\w+)"', Client().get("/v2/openapi.json").content.decode())
    )
    assert named <= set(schema["components"]["schemas"])


def test_the_reference_needs_no_other_host_and_no_script() -> None:
    response = Client().get("/v2/reference")
    page = response.content.decode()
    assert response["Content-Type"].startswith("text/html")
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert all(f'id="{code}"' in page for code in CODES)
    links = set(re.findall(r'href="#(\w+)"', page))
    assert links <= set(re.findall(r'id=["\'](\w+)["\']', page))


def test_an_error_points_at_its_own_place_in_the_reference(caller: Caller) -> None:
    url = error_of(caller.get("/v2/none/"))["doc_url"]
    path, _, anchor = url.removeprefix("http://127.0.0.1:8000").partition("#")
    assert f'id="{anchor}"' in Client().get(path).content.decode()


def test_a_failure_of_ours_tells_nothing_but_its_request_id(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object, **__: object) -> None:
        raise RuntimeError("postgres://user:hunter2@db")

    monkeypatch.setattr(lookups, "find", explode)
    with capture_logs() as logs:
        response = caller.get("/v2/master-entities/", rut="76543210-3")
    assert response.status_code == 500
    assert error_of(response)["code"] == "internal_error"
    assert "hunter2" not in response.content.decode()
    assert [entry["event"] for entry in logs] == ["unexpected_error", "request"]
