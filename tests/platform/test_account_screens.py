"""One's own account: the sessions there are, the password, and from where."""

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from knocking import ACCOUNT, HOSTILE, OTHER, PHRASE, ana, hashing, post_office
from timbre.accounts.addresses import client_address
from timbre.accounts.models import Session, User
from timbre.accounts.sessions import SessionStore
from timbre.platform.account.where import in_words
from visiting import MOST_QUERIES, Visitor, text_of

__all__ = ["ana", "hashing"]
pytestmark = pytest.mark.django_db


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
