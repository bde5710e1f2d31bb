"""Logging in and leaving, with what a form may cost."""

import re
from datetime import timedelta

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from knocking import ACCOUNT, OTHER, PHRASE, ana, browser, hashing, inside, log_in
from timbre.accounts.models import Attempt, Session, User
from visiting import text_of

__all__ = ["ana", "browser", "hashing"]
pytestmark = pytest.mark.django_db


def test_who_logs_in_gets_where_they_were_going(browser: Client, ana: User) -> None:
    sent = browser.get("/sandbox/claves/?pagina=2")
    assert sent.url == "/entrar/?next=/sandbox/claves/%3Fpagina%3D2"
    assert log_in(browser, path=sent.url).url == "/sandbox/claves/?pagina=2"
    assert browser.get("/entrar/?next=/sandbox/cuenta/").url == ACCOUNT


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "https://evil.example",
        "http:///evil.example",
        "javascript:alert(1)",
        "/\\evil.example",
        "\\\\evil.example",
        "////evil.example",
        "http://testserver/sandbox/",
        "data:text/html,x",
        " //evil.example",
        "\x08//evil.example",
    ],
)
def test_nobody_is_sent_elsewhere_after_the_log_in(browser: Client, ana: User, elsewhere: str) -> None:
    path = f"/entrar/?{RequestFactory().get('/', {'next': elsewhere}).META['QUERY_STRING']}"
    assert log_in(browser, path=path).url == "/"
    assert browser.get(path).url == "/"


def test_a_wrong_password_and_an_unknown_address_are_told_alike(ana: User) -> None:
    pages = []
    for email in ("ana@example.com", "nadie@example.com"):
        browser = Client()
        answer = browser.post("/entrar/", {"email": email, "password": OTHER})
        assert answer.status_code == 200
        page = re.sub(r'value="\w{64}"', "", text_of(answer).replace(email, ""))
        assert "El correo o la contraseña no coinciden." in page
        assert OTHER not in page
        assert not inside(browser)
        pages.append(page)
    assert pages[0] == pages[1]


def test_too_many_log_ins_must_wait_and_are_told_for_how_long(browser: Client, ana: User) -> None:
    for _ in range(5):
        log_in(browser, OTHER)
    answer = log_in(browser)
    assert answer.status_code == 429
    assert "Demasiados intentos. Espera 15 minutos" in text_of(answer)
    assert 800 < int(answer["Retry-After"]) <= 900
    assert 'value="ana@example.com"' in text_of(answer)
    Attempt.objects.update(at=timezone.now() - timedelta(minutes=15))
    assert log_in(browser).status_code == 302


def test_forms_without_their_token_do_nothing(ana: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ana)
    session = Session.objects.get().pk
    for path in (
        "/entrar/",
        "/crear-cuenta/",
        "/recuperar/",
        "/salir/",
        ACCOUNT,
        f"{ACCOUNT}sesiones/cerrar-otras/",
        f"{ACCOUNT}sesiones/{session}/cerrar/",
    ):
        answer = browser.post(path, {"email": "ana@example.com", "password": PHRASE})
        assert answer.status_code == 403, path
    assert inside(browser)


def test_the_session_gets_a_new_key_at_log_in(browser: Client, ana: User) -> None:
    planted = browser.session
    planted["x"] = "planted"
    planted.save()
    browser.cookies["timbre"] = planted.session_key
    log_in(browser)
    assert browser.cookies["timbre"].value != planted.session_key
    thief = Client()
    thief.cookies["timbre"] = planted.session_key
    assert not inside(thief)


def test_the_cookie_is_for_the_server_alone(browser: Client, ana: User) -> None:
    log_in(browser)
    cookie = browser.cookies["timbre"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_leaving_ends_the_session(browser: Client, ana: User) -> None:
    log_in(browser)
    key = browser.cookies["timbre"].value
    assert browser.get("/salir/").status_code == 405
    token = re.search(r'value="(\w{64})"', text_of(browser.get(ACCOUNT)))
    assert token
    assert browser.post("/salir/", {"csrfmiddlewaretoken": token.group(1)}).url == "/entrar/"
    again = Client()
    again.cookies["timbre"] = key
    assert not inside(again)


@pytest.mark.parametrize("path", ["/entrar/", "/crear-cuenta/", "/sandbox/claves/nueva/"])
def test_a_form_of_megabytes_is_refused_unread_with_a_page(browser: Client, ana: User, path: str) -> None:
    form = {"csrfmiddlewaretoken": "a" * 32, "email": "a" * 1024 * 1024}
    response = browser.post(path, form)
    assert response.status_code == 413
    assert "Es demasiado grande" in text_of(response)
    assert response["X-Frame-Options"] == "DENY"
    huge = browser.post(path, form | {"password": "a" * 10 * 1024 * 1024})
    assert (huge.status_code, huge["Content-Type"]) == (413, "text/html; charset=utf-8")
