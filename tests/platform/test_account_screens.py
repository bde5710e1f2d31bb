"""Creating an account, entering, leaving, a password forgotten, and the sessions there are."""

import re
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.messages import get_messages
from django.core import mail
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone
from structlog.testing import capture_logs

from timbre.accounts import letters, people
from timbre.accounts.addresses import client_address
from timbre.accounts.models import Attempt, Session, User
from timbre.accounts.sessions import SessionStore
from timbre.platform.account.where import in_words
from timbre.platform.errors import log_failure
from visiting import MOST_QUERIES, Visitor, text_of

pytestmark = pytest.mark.django_db

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


# The front door


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


# Signing up


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


def test_sign_ups_from_one_address_are_throttled(ana: User) -> None:
    for number in range(10):
        Client().post("/crear-cuenta/", {"email": f"p{number}@example.com", "password": PHRASE})
    answer = Client().post("/crear-cuenta/", {"email": "otro@example.com", "password": PHRASE})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 3000
    assert "Demasiados intentos" in text_of(answer)
    assert not User.objects.filter(email="otro@example.com").exists()


# Logging in


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


# A password forgotten


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


def test_letters_to_one_address_are_few(ana: User) -> None:
    codes = [Client().post("/recuperar/", {"email": "ana@example.com"}).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    assert len(post_office()) == 3


@pytest.mark.parametrize("tail", ["user_x/y-z/", "user_" + "0" * 16 + "/abc-" + "0" * 32 + "/"])
def test_a_link_that_is_no_link_says_so(browser: Client, tail: str) -> None:
    answer = browser.get(f"/recuperar/{tail}")
    assert answer.status_code == 410
    assert "El enlace ya no sirve" in text_of(answer)


# The account


def test_the_account_lists_where_one_is_logged_in(ana: User) -> None:
    here, there = Client(), Client()
    here.post(
        "/entrar/",
        {"email": ana.email, "password": PHRASE},
        headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/130.0"},
    )
    there.post(
        "/entrar/",
        {"email": ana.email, "password": PHRASE},
        headers={"User-Agent": HOSTILE, "X-Forwarded-For": "10.0.0.1, 203.0.113.9"},
    )
    with CaptureQueriesContext(connection) as queries:
        page = text_of(here.get(ACCOUNT))
    assert len(queries) <= MOST_QUERIES
    assert "Firefox en Windows" in page
    assert "Navegador desconocido" in page
    assert "203.0.113.9" in page
    assert "10.0.0.1" not in page
    assert page.count("Esta</span>") == 1
    assert "<script>alert" not in page
    assert here.cookies["timbre"].value not in page


def test_a_session_that_is_ended_is_over_at_once(ana: User) -> None:
    visitor, other = Visitor(ana), Visitor(ana)
    ended = SessionStore.digest_of(other.client.session.session_key)
    assert f"/sesiones/{ended}/cerrar/" in text_of(visitor.get(ACCOUNT))
    assert visitor.post(f"{ACCOUNT}sesiones/{ended}/cerrar/", page=ACCOUNT).url == ACCOUNT
    assert other.get(ACCOUNT).status_code == 302
    assert visitor.get(ACCOUNT).status_code == 200


def test_all_other_sessions_end_at_once(ana: User) -> None:
    here, *others = (Visitor(ana) for _ in range(3))
    assert here.post(f"{ACCOUNT}sesiones/cerrar-otras/", page=ACCOUNT).url == ACCOUNT
    assert here.get(ACCOUNT).status_code == 200
    assert [other.get(ACCOUNT).status_code for other in others] == [302, 302]


def test_ending_the_present_session_is_leaving(ana: User) -> None:
    visitor = Visitor(ana)
    session = Session.objects.get().pk
    assert visitor.post(f"{ACCOUNT}sesiones/{session}/cerrar/", page=ACCOUNT).url == "/entrar/"
    assert not Session.objects.filter(user=ana).exists()


def test_a_strangers_session_is_a_404(ana: User) -> None:
    Visitor(ana)
    hers = Session.objects.get().pk
    stranger = Visitor(User.objects.named("extrana@example.com"))
    assert stranger.post(f"{ACCOUNT}sesiones/{hers}/cerrar/", page=ACCOUNT).status_code == 404
    assert Session.objects.filter(pk=hers).exists()
    assert hers not in text_of(stranger.get(ACCOUNT))


def test_changing_the_password_keeps_this_session_and_ends_the_others(ana: User) -> None:
    here, other = Visitor(ana), Visitor(ana)
    key = here.client.session.session_key
    answer = here.post(ACCOUNT, {"present": PHRASE, "password": OTHER})
    assert answer.url == ACCOUNT
    page = text_of(here.get(ACCOUNT))
    assert "Tu contraseña cambió" in page
    assert here.client.session.session_key != key
    assert other.get(ACCOUNT).status_code == 302
    assert post_office()[0].subject == "Tu contraseña cambió"


@pytest.mark.parametrize(
    ("present", "password", "fault"),
    [
        ("no es esta", OTHER, "No es tu contraseña actual."),
        ("", OTHER, "obligatorio"),
        (PHRASE, "corta", "demasiado corta"),
        (PHRASE, "ana@example.com", "Se parece demasiado a tu correo"),
    ],
)
def test_a_password_is_not_changed_without_the_present_one_or_to_a_weak_one(
    ana: User, present: str, password: str, fault: str
) -> None:
    visitor = Visitor(ana)
    page = text_of(visitor.post(ACCOUNT, {"present": present, "password": password}))
    assert fault in page
    assert f'value="{present or password}"' not in page
    ana.refresh_from_db()
    assert ana.check_password(PHRASE)


def test_guesses_at_the_present_password_are_throttled(ana: User) -> None:
    visitor = Visitor(ana)
    for _ in range(5):
        visitor.post(ACCOUNT, {"present": "no es esta", "password": OTHER})
    answer = visitor.post(ACCOUNT, {"present": PHRASE, "password": OTHER})
    assert answer.status_code == 429
    assert "Demasiados intentos" in text_of(answer)


def test_a_user_without_password_is_told_how_to_get_one(user: User) -> None:
    page = text_of(Visitor(user).get(ACCOUNT))
    assert "Tu cuenta no tiene contraseña" in page
    assert 'name="present"' not in page


# What it leaves in the log, and what it may cost


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


@pytest.mark.parametrize("path", ["/entrar/", "/crear-cuenta/", "/sandbox/claves/nueva/"])
def test_a_form_of_megabytes_is_refused_unread_with_a_page(browser: Client, ana: User, path: str) -> None:
    form = {"csrfmiddlewaretoken": "a" * 32, "email": "a" * 1024 * 1024}
    response = browser.post(path, form)
    assert response.status_code == 413
    assert "Es demasiado grande" in text_of(response)
    assert response["X-Frame-Options"] == "DENY"
    huge = browser.post(path, form | {"password": "a" * 10 * 1024 * 1024})
    assert (huge.status_code, huge["Content-Type"]) == (413, "text/html; charset=utf-8")


# Where from


@pytest.mark.parametrize(
    ("peer", "forwarded", "believed"),
    [
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "10.9.8.7, 198.51.100.1", "198.51.100.1"),
        ("::1", "2001:db8::1", "2001:db8::1"),
        ("127.0.0.1", "<script>", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1, ", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("", "198.51.100.1", "198.51.100.1"),
        # Listening on ::, where IPv4 arrives within IPv6
        ("::ffff:203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("::ffff:127.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
    ],
)
def test_a_forwarded_address_is_believed_of_a_proxy_on_this_host_alone(
    peer: str, forwarded: str, believed: str
) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers={"X-Forwarded-For": forwarded})
    assert client_address(request) == believed


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit Chrome/130.0 Safari/537.36", "Chrome en Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/130 Safari/537 Edg/130", "Edge en Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604",
            "Safari en iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit Chrome/130 Mobile Safari/537", "Chrome en Android"),
        ("curl/8.0", "Navegador desconocido"),
        ("", "Navegador desconocido"),
    ],
)
def test_a_browser_is_told_in_words(agent: str, words: str) -> None:
    assert in_words(agent) == words
