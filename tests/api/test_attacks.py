"""What a request may try besides asking: other hosts, other methods, other addresses, other encodings."""

import gzip
import json

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from calling import Caller, error_of, factura
from timbre.api.auth import FAILURES
from timbre.issuing.models import Batch
from timbre.taxpayers.models import Company

pytestmark = pytest.mark.django_db
BATCH = "/v2/documents/batch/"


def test_a_compressed_body_is_refused_before_it_can_swell(caller: Caller, enrolled: Company) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    for body in (bomb, json.dumps({"documents": [factura()]})):
        answer = caller.post(BATCH, body, **{"Content-Encoding": "gzip"})
        assert (answer.status_code, error_of(answer)["code"]) == (400, "json_invalid")
        assert "comprimido" in error_of(answer)["message"]
    assert not Batch.objects.exists()


@pytest.mark.parametrize("host", ["evil.example", "evil.example:443", "a b", "../..", "x@evil.example", ""])
def test_a_link_leads_to_timbre_whatever_host_was_asked(caller: Caller, enrolled: Company, host: str) -> None:
    for _ in range(2):
        caller.issue(factura())
    answer = ask(caller, BATCH + "?page_size=1", Host=host)
    assert answer.json()["links"]["next"].startswith(f"{settings.BASE_URL}/v2/")
    assert "evil" not in answer.content.decode()
    forwarded = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher", "Forwarded": "host=evil"}
    assert "evil" not in ask(caller, BATCH + "?page_size=1", **forwarded).content.decode()


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_makes_another_method_of_a_request(caller: Caller, enrolled: Company, header: str) -> None:
    accepted = caller.issue(factura()).json()["batch_id"]
    assert caller.post(f"{BATCH}{accepted}/", {}, **{header: "DELETE"}).status_code == 405
    assert caller.post(BATCH + "?_method=DELETE", {}).status_code == 400
    assert Batch.objects.get().pk == accepted


@pytest.mark.parametrize("key", ["a\r\nX-Evil: 1", "a\nb", "a\x00b", "\x1b[2J", "a\u2028b", "é" * 257])
def test_an_idempotency_key_injects_nothing(caller: Caller, enrolled: Company, key: str) -> None:
    answer = caller.issue(factura(), **{"Idempotency-Key": key})
    assert (answer.status_code, error_of(answer)["param"]) == (400, "Idempotency-Key")
    assert "X-Evil" not in answer.headers
    assert not Batch.objects.exists()


def test_a_made_up_forwarded_address_gives_nobody_more_tries() -> None:
    """Who is not a proxy on this host says where it comes from in vain."""
    place = Client(REMOTE_ADDR="198.51.100.77")
    told = {
        place.get(
            "/v2/documents/",
            headers={"Authorization": f"Api-Key tk_{n}", "X-Forwarded-For": f"203.0.113.{n % 250}"},
        ).status_code
        for n in range(FAILURES * 2)
    }
    assert told == {401, 429}


@pytest.mark.parametrize(
    "path",
    [
        "/files/../../etc/passwd/",
        "/files/..%2f..%2fetc%2fpasswd/",
        "/files/%2e%2e/",
        "/files/" + "a" * 5000 + "/",
        "/files/x.y.z/",
        "/static/../config/settings.py",
        "/static/..%2f..%2fconfig%2fsettings.py",
        "/static//etc/passwd",
    ],
)
def test_no_path_leads_out_of_what_is_served(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 404
    assert b"SECRET_KEY" not in answer.content
    assert b"root:" not in answer.content


def ask(caller: Caller, path: str, **headers: str) -> HttpResponse:
    answer: HttpResponse = Client().get(path, headers={"Authorization": f"Api-Key {caller.key}", **headers})
    return answer
