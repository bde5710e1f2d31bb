"""The front door, and creating an account."""

import re

import pytest
from django.conf import LazySettings
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from knocking import HOSTILE, OTHER, PHRASE, ana, browser, hashing, inside, post_office, send
from timbre.accounts import people
from timbre.accounts.models import Session, User
from visiting import text_of

__all__ = ["ana", "browser", "hashing"]
pytestmark = pytest.mark.django_db


def test_a_new_installation_leads_to_the_first_user(browser: Client, settings: LazySettings) -> None:
    settings.SIGNUP = False
    assert browser.get("/").url == "/crear-cuenta/"
    assert "Crea el primer usuario" in text_of(browser.get("/crear-cuenta/"))
    assert send(browser, "/crear-cuenta/", email="ana@example.com", password=PHRASE).url == "/"
    assert browser.get("/").url == "/sandbox/"
    assert "De cero a la primera factura" in text_of(browser.get("/sandbox/"))
    assert Session.objects.get().user == User.objects.get(email="ana@example.com")


def test_an_installation_with_users_leads_to_the_log_in(browser: Client, ana: User) -> None:
    assert browser.get("/").url == "/entrar/"


def test_closed_sign_up_says_so(browser: Client, ana: User, settings: LazySettings) -> None:
    settings.SIGNUP = False
    browser.get("/entrar/")
    token = browser.cookies["timbre_form"].value
    for answer in (
        browser.get("/crear-cuenta/"),
        browser.post(
            "/crear-cuenta/",
            {"csrfmiddlewaretoken": token, "email": "beto@example.com", "password": PHRASE},
        ),
    ):
        assert answer.status_code == 403
        assert "No se admiten cuentas nuevas" in text_of(answer)
    assert User.objects.count() == 1
    assert "crear-cuenta" not in text_of(browser.get("/entrar/"))


def test_the_answer_is_the_same_for_a_new_and_for_a_known_address(ana: User) -> None:
    told = []
    for email in ("beto@example.com", "ANA@example.com"):
        browser = Client()
        answer = browser.post("/crear-cuenta/", {"email": email, "password": OTHER})
        said = [str(message) for message in get_messages(browser.get("/entrar/").wsgi_request)]
        told.append((answer.status_code, answer.url, text_of(answer), said))
        assert not inside(browser)
    assert told[0] == told[1]
    welcome, already = post_office()
    assert (welcome.to, already.to) == (["beto@example.com"], ["ana@example.com"])
    assert "ya tiene una" in already.body
    assert people.log_in("beto@example.com", OTHER, address="", now=timezone.now())
    assert people.log_in("ana@example.com", OTHER, address="", now=timezone.now()) is None


def test_an_e_mail_is_promised_only_where_one_leaves(ana: User, settings: LazySettings) -> None:
    beto = {"email": "beto@example.com", "password": PHRASE}
    assert "con la de siempre. Te escribimos" in text_of(Client().post("/crear-cuenta/", beto, follow=True))
    settings.EMAIL_BACKEND = "timbre.accounts.outbox.PrivateFiles"
    again = text_of(Client().post("/crear-cuenta/", beto, follow=True))
    assert "con la de siempre." in again
    assert "Te escribimos" not in again


@pytest.mark.parametrize(
    ("email", "password", "fault"),
    [
        ("", PHRASE, "obligatorio"),
        ("ana", PHRASE, "correo electrónico válid"),
        (HOSTILE + "@x.cl", PHRASE, "correo electrónico válid"),
        ("a" * 250 + "@example.com", PHRASE, "254 caracteres"),
        ("a\x00b@example.com", PHRASE, "correo electrónico válid"),
        ("beto@example.com", "", "obligatorio"),
        ("beto@example.com", "breve", "demasiado corta"),
        ("beto@example.com", "password123", "demasiado común"),
        ("roberto.gonzalez@example.com", "roberto.gonzalez", "Se parece demasiado a tu correo"),
        ("beto@example.com", "x" * 201, "200 caracteres"),
    ],
)
def test_a_fault_stands_beside_its_field_and_the_address_stays(
    browser: Client, ana: User, email: str, password: str, fault: str
) -> None:
    answer = send(browser, "/crear-cuenta/", email=email, password=password)
    page = text_of(answer)
    assert answer.status_code == 200
    assert re.search(rf'class="fault"[^<]*>[^<]*{fault}', page), page
    assert User.objects.count() == 1
    if password:
        assert f'"{password}"' not in page
    assert "<script>alert" not in page
    if "@" in email and "\x00" not in email and "<" not in email:
        assert f'value="{email}"' in page


def test_faults_are_counted_on_top(db: None) -> None:
    wrong = {"email": "ana", "password": "x"}
    assert "Hay 2 datos que corregir." in text_of(Client().post("/crear-cuenta/", wrong))
    assert "que corregir" not in text_of(Client().get("/crear-cuenta/"))


def test_sign_ups_from_one_address_are_throttled(ana: User) -> None:
    for number in range(10):
        Client().post("/crear-cuenta/", {"email": f"p{number}@example.com", "password": PHRASE})
    answer = Client().post("/crear-cuenta/", {"email": "otro@example.com", "password": PHRASE})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 3000
    assert "Demasiados intentos" in text_of(answer)
    assert not User.objects.filter(email="otro@example.com").exists()
