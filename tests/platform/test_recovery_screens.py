"""A password forgotten, and the link that is in no log."""

import re

import pytest
from django.conf import LazySettings
from django.core import mail
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import resolve
from django.utils import timezone
from structlog.testing import capture_logs

from knocking import OTHER, ana, browser, hashing, inside, log_in, post_office, send
from timbre.accounts import people
from timbre.accounts.models import User
from timbre.platform.errors import log_failure
from visiting import text_of

__all__ = ["ana", "browser", "hashing"]
pytestmark = pytest.mark.django_db


def link_in(letter: mail.EmailMessage) -> str:
    found = re.search(r"^http://127\.0\.0\.1:8000(/recuperar/\S+/)$", str(letter.body), re.MULTILINE)
    assert found, letter.body
    return found.group(1)


def test_a_link_by_mail_leads_to_a_new_password(browser: Client, ana: User) -> None:
    elsewhere = Client()
    log_in(elsewhere)
    assert send(browser, "/recuperar/", email="Ana@example.com").status_code == 200
    (letter,) = post_office()
    assert letter.to == ["ana@example.com"]
    link = link_in(letter)
    assert inside(elsewhere)
    ana.refresh_from_db()
    assert "demasiado corta" in text_of(send(browser, link, password="corta"))
    assert send(browser, link, password=OTHER).url == "/entrar/"
    assert not inside(elsewhere)
    assert log_in(browser, OTHER).status_code == 302
    assert browser.get(link).status_code == 410
    assert "Tu contraseña cambió" in [sent.subject for sent in post_office()]


def test_the_link_is_made_from_our_address_not_from_the_host_header(ana: User) -> None:
    Client().post("/recuperar/", {"email": "ana@example.com"}, headers={"Host": "evil.example"})
    (letter,) = post_office()
    assert "evil" not in str(letter.body)
    assert link_in(letter)


def test_the_answer_is_the_same_whether_the_address_is_known_or_not(ana: User) -> None:
    answers = [
        text_of(Client().post("/recuperar/", {"email": email})).replace(email, "")
        for email in ("ana@example.com", "nadie@example.com")
    ]
    assert answers[0] == answers[1]
    assert [letter.to for letter in post_office()] == [["ana@example.com"]]


def test_where_no_mail_is_sent_nobody_is_told_to_wait_for_one(ana: User, settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "timbre.accounts.outbox.PrivateFiles"
    said = [
        text_of(Client().post("/recuperar/", {"email": email})).replace(email, "")
        for email in ("ana@example.com", "nadie@example.com")
    ]
    assert said[0] == said[1]
    assert "no envía correos" in said[0]
    assert "timbre people link" in said[0]
    assert "Revisa tu correo" not in said[0]


def test_letters_to_one_address_are_few(ana: User) -> None:
    codes = [Client().post("/recuperar/", {"email": "ana@example.com"}).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    assert len(post_office()) == 3


@pytest.mark.parametrize("tail", ["user_x/y-z/", "user_" + "0" * 16 + "/abc-" + "0" * 32 + "/"])
def test_a_link_that_is_no_link_says_so(browser: Client, tail: str) -> None:
    answer = browser.get(f"/recuperar/{tail}")
    assert answer.status_code == 410
    assert "El enlace ya no sirve" in text_of(answer)


def test_a_link_that_sets_a_password_is_in_no_log(ana: User, caplog: pytest.LogCaptureFixture) -> None:
    token = people.token_for(ana, now=timezone.now())
    path = f"/recuperar/{ana.pk}/{token}/"
    assert Client(enforce_csrf_checks=True).post(path, {"password": OTHER}).status_code == 403
    request = RequestFactory().post(path)
    request.resolver_match = resolve(path)
    with capture_logs() as written:
        log_failure(request, OperationalError("database is locked"))
        log_failure(request, RuntimeError())
    assert [line["event"] for line in written] == ["database_busy", "unexpected_error"]
    assert token not in f"{written} {caplog.text}"
