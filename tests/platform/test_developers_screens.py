"""One page for whoever writes the program."""

import json
import re
from html import unescape

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from enrolled import enrol
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.simulator.scenarios import CATALOGUE
from visiting import MOST_QUERIES, Visitor, text_of

pytestmark = pytest.mark.django_db
PAGE = "/sandbox/desarrolladores/"


def test_the_page_has_our_address_and_the_users_own_company(user: User, settings: LazySettings) -> None:
    settings.BASE_URL = "https://timbre.example.cl"
    enrol(Scope(user.pk, "sandbox"))
    visitor = Visitor(user)
    with CaptureQueriesContext(connection) as queries:
        page = unescape(text_of(visitor.get(PAGE)))
    assert len(queries) <= MOST_QUERIES
    assert page.count("https://timbre.example.cl/v2") >= 3
    assert '"document_issuer": {"rut": "76543210-3"}' in page
    assert '"document_receiver": {"rut": "39002002-3"}' in page
    assert "127.0.0.1" not in page


def test_the_reference_and_the_openapi_it_leads_to_are_there(user: User) -> None:
    page = text_of(Visitor(user).get(PAGE))
    for path in ("/v2/reference", "/v2/openapi.json"):
        assert f'href="{path}"' in page
        assert Client().get(path).status_code == 200


def test_every_copy_button_names_something_on_the_page(user: User) -> None:
    page = text_of(Visitor(user).get(PAGE))
    sources = re.findall(r'data-copy="([\w-]+)"', page)
    assert len(sources) >= 6
    assert all(page.count(f'id="{source}"') == 1 for source in sources)


def test_examples_of_production_name_no_sandbox_company(user: User) -> None:
    page = text_of(Visitor(user).get("/produccion/desarrolladores/"))
    assert "39001001-K" not in page
    assert "39002002-3" not in page
    assert "RUT-DE-TU-CLIENTE" in page


def test_the_examples_are_python_and_json(user: User) -> None:
    page = unescape(text_of(Visitor(user).get(PAGE)))
    examples = dict(re.findall(r'<pre id="(\w+)" tabindex="0">(.*?)</pre>', page, re.DOTALL))
    for name in ("python", "verify"):
        compile(examples[name], name, "exec")
    assert set(json.loads(examples["error"])["error"]) >= {"type", "code", "message", "param", "request_id"}


def test_the_page_lists_the_scenarios_of_the_sandbox_and_none_in_production(user: User) -> None:
    visitor = Visitor(user)
    page = unescape(text_of(visitor.get(PAGE)))
    assert all(each.name in page and each.spanish in page for each in CATALOGUE.values())
    assert "X-Timbre-Scenario" not in text_of(visitor.get(PAGE.replace("sandbox", "production")))
