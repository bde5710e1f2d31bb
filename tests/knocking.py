"""A browser before and after the log-in, and the letters that reach its user."""

import re

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import mail
from django.http import HttpResponse
from django.test import Client

from timbre.accounts import letters
from timbre.accounts.models import User
from visiting import text_of

PHRASE, OTHER = "una frase larga y propia", "otra frase bien distinta"
HOSTILE = "\"><script>alert(1)</script>'{{7*7}}"
ACCOUNT = "/sandbox/cuenta/"


@pytest.fixture(autouse=True)
def hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hash, made with less work: a hundred of them are made here."""
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 512)
    monkeypatch.setattr(Argon2PasswordHasher, "parallelism", 1)


@pytest.fixture
def ana(user: User) -> User:
    user.set_password(PHRASE)
    user.save()
    return user


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def send(browser: Client, path: str, **data: str) -> HttpResponse:
    """Fills in the form of ``path``, as a browser does."""
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text_of(browser.get(path)))
    assert found
    return browser.post(path, {"csrfmiddlewaretoken": found.group(1)} | data)


def log_in(browser: Client, password: str = PHRASE, path: str = "/entrar/") -> HttpResponse:
    return send(browser, path, email="ana@example.com", password=password)


def inside(browser: Client) -> bool:
    return browser.get(ACCOUNT).status_code == 200


def post_office() -> list[mail.EmailMessage]:
    """What was sent, once the postman, who carries one letter at a time, is back."""
    letters.postman.submit(int).result(10)
    return mail.outbox
