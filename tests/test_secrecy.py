"""The watch over secrets can fail: it knows the secrets of a test, sees what is told, and finds one in it."""

import json
import os
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from django.test import Client

import secrecy
from calling import make_credential
from timbre.accounts import audit, people
from timbre.accounts.models import ApiKey, User
from timbre.taxpayers.models import Company
from timbre.webhooks import signing
from timbre.webhooks.models import Webhook
from timbre.work.environments import Environment

SECRET = "una clave & 4 letras más"


@pytest.mark.parametrize("form", [SECRET, quote_plus(SECRET)])
def test_a_line_that_holds_a_secret_is_found(form: str) -> None:
    lines = ["nada", json.dumps({"event": "login", "body": f"x={form}&y"}, ensure_ascii=False), SECRET[:-1]]
    assert list(secrecy.spill({SECRET, "otra-9999999"}, lines)) == [(lines[1], SECRET)]


def test_the_tests_own_words_are_no_secrets() -> None:
    assert list(secrecy.spill({"secreta", "certificada"}, ["La clave certificada es secreta"])) == []


@pytest.mark.django_db
def test_the_secrets_of_a_test_are_known_where_they_come_into_being(user: User, company: Company) -> None:
    make_credential(company).keep_secrets(clave=SECRET)
    webhook, secret = Webhook(), signing.new_secret()
    webhook.keep_secret(secret)
    key = ApiKey.create(user, Environment.SANDBOX)
    link = people.token_for(user, now=user.created_at)
    client = Client()
    client.force_login(user)
    cookie = client.cookies["timbre"].value
    assert {SECRET, secret, key, link, cookie} <= secrecy._secrets.keys()


@pytest.mark.django_db
def test_what_is_told_is_written_down(user: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(secrecy.DIRECTORY, str(tmp_path))
    Client().get("/v2/no-such-thing/")
    audit.note(user_id=user.pk, action="key.created", detail={"seen": "in the log"}, now=user.created_at)
    where = ("tests/x.py", 1, "x")
    sections = [("Captured stderr call", "and on stderr")]
    secrecy.pytest_runtest_logreport(pytest.TestReport("x", where, {}, "passed", None, "call", sections))
    told = (tmp_path / f"told-{os.getpid()}").read_text()
    assert all(each in told for each in ("/v2/no-such-thing/", "in the log", "and on stderr"))
