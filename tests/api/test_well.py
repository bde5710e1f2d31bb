"""Whether Timbre is well: /healthz, /readyz, /metrics, and the line each request leaves in the log."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as present
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from structlog.testing import capture_logs

from calling import factura, make_credential, make_key
from enrolled import enrol
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.api.metrics import forget_the_dead
from timbre.issuing.models import Document, State
from timbre.taxpayers.models import Company
from timbre.work import alive
from timbre.work.environments import Environment

pytestmark = pytest.mark.django_db
MOST_QUERIES = 6


def checks() -> tuple[int, dict[str, str]]:
    response = Client().get("/readyz")
    return response.status_code, response.json()["checks"]


def scrape(**headers: str) -> dict[str, float]:
    response = Client().get("/metrics", headers=headers)
    assert response.status_code == 200
    lines = [line for line in response.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_timbre_is_ready_while_a_worker_is_alive() -> None:
    assert checks() == (503, {"database": "ok", "migrations": "ok", "workers": "none_alive"})
    alive.beat(timezone.now())
    assert checks() == (200, {"database": "ok", "migrations": "ok", "workers": "ok"})
    alive.end()
    assert checks()[0] == 503


def test_a_worker_that_was_killed_is_not_alive_for_long() -> None:
    alive.beat(timezone.now() - alive.DEAD_AFTER)
    assert checks()[1]["workers"] == "none_alive"
    assert Client().get("/healthz").status_code == 200


def test_a_database_of_an_earlier_version_is_not_ready() -> None:
    alive.beat(timezone.now())
    MigrationRecorder(connection).record_unapplied("work", "0003_beats")
    assert checks() == (503, {"database": "ok", "migrations": "pending", "workers": "unknown"})


def test_metrics_say_how_everything_stands(user: User, company: Company) -> None:
    make_credential(company)
    assert make_key(user).issue(factura(), factura()).status_code == 202
    alive.beat(timezone.now())
    Document.objects.filter(index=1).update(state=State.IN_DOUBT)
    old = timezone.now() - timedelta(hours=1)
    Document.objects.filter(index=0).update(accepted_at=old)
    found = scrape()
    assert found['timbre_documents{environment="sandbox",state="received"}'] == 1
    assert found['timbre_documents{environment="sandbox",state="in_doubt"}'] == 1
    assert found['timbre_lanes_in_doubt{environment="sandbox"}'] == 1
    assert found['timbre_lanes_in_doubt{environment="production"}'] == 0
    assert 3600 <= found['timbre_oldest_document_seconds{environment="sandbox"}'] < 3700
    assert found["timbre_workers_alive"] == 1
    posted = 'timbre_http_request_seconds_count{method="POST",route="/v2/documents/batch/",status="202"}'
    assert found[posted] >= 1


def test_a_scrape_asks_the_database_six_times_however_much_there_is(user: User, company: Company) -> None:
    enrol(Scope(user.pk, Environment.PRODUCTION), "39003003-7", "Otra")
    with CaptureQueriesContext(connection) as asked:
        scrape()
    assert len(asked) <= MOST_QUERIES


def test_with_a_token_metrics_want_it_and_elsewhere_there_are_none_without(settings: Any) -> None:
    settings.METRICS_TOKEN = "un token de métricas"
    assert Client().get("/metrics").status_code == 401
    assert Client().get("/metrics", headers={"Authorization": "Bearer otro"}).status_code == 401
    settings.METRICS_TOKEN = "un-token-de-metricas-1"
    assert scrape(Authorization="Bearer un-token-de-metricas-1")
    settings.METRICS_TOKEN, settings.LOCAL = "", False
    assert Client().get("/metrics").status_code == 404


def test_without_a_token_nobody_from_elsewhere_gets_metrics_through_a_proxy(settings: Any) -> None:
    assert (settings.METRICS_TOKEN, settings.LOCAL) == ("", True)
    assert Client().get("/metrics").status_code == 200
    assert Client().get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404


def test_what_the_dead_have_counted_is_forgotten_and_the_living_count_on() -> None:
    dead, mine = (present.METRICS_DIR / f"counter_{pid}.db" for pid in (2**22 + 1, "1"))
    dead.touch()
    mine.touch()
    forget_the_dead()
    assert (dead.exists(), mine.exists()) == (False, True)
    mine.unlink()


def test_a_request_leaves_one_line_with_its_id_and_its_key(user: User, company: Company) -> None:
    caller = make_key(user)
    with capture_logs() as lines:
        response = caller.get(f"/v2/companies/{company.pk}/", fields="name")
    [line] = [line for line in lines if line["event"] == "request"]
    assert line["route"] == "/v2/companies/<company_id>/"
    assert (line["method"], line["status"], line["company_id"]) == ("GET", 200, company.pk)
    assert response["X-Request-Id"].startswith("req_")
    assert "fields" not in json.dumps(line)


@pytest.mark.parametrize("path", ["/files/un.enlace.secreto/", "/recuperar/user_1/enlace-secreto/"])
def test_a_link_that_opens_something_is_in_no_line(path: str) -> None:
    with capture_logs() as lines:
        Client().get(path)
    assert any(re.fullmatch(r"/(files|recuperar)/.*<str:token>/", line["route"]) for line in lines)
    assert "secreto" not in json.dumps(lines)


def test_what_nobody_catches_is_in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(alive, "workers", broken)
    alive_client = Client(raise_request_exception=False)
    with capture_logs() as lines:
        response = alive_client.get("/readyz")
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "internal_error"
    assert [line["route"] for line in lines if line["event"] == "unexpected_error"] == ["/readyz"]
