"""Keys: listed, made with what was asked, shown once, revoked."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calling import Caller
from timbre.accounts.models import ApiKey, Session, User
from timbre.dte.clock import CHILE, today_in_chile
from timbre.work.environments import Environment
from visiting import MOST_QUERIES, Visitor, text_of

pytestmark = pytest.mark.django_db

KEYS, NEW = "/sandbox/claves/", "/sandbox/claves/nueva/"
HOSTILE = "\"><script>alert(1)</script>'{{7*7}}"
ASKED = {"name": "ERP bodega", "scopes": ["read", "issue"], "unknown": "strict", "expiry": "never"}


@pytest.fixture
def visitor(user: User) -> Visitor:
    return Visitor(user)


def create(visitor: Visitor, path: str = NEW, **changes: Any) -> str:
    """The address where the new key is shown."""
    answer = visitor.post(path, ASKED | changes)
    assert answer.status_code == 302, text_of(answer)
    return str(answer["Location"])


def shown_at(visitor: Visitor, path: str) -> str:
    found = re.search(r'id="new-key">(\w+-?[\w-]*)<', text_of(visitor.get(path)))
    return found.group(1) if found else ""


def test_a_new_key_is_shown_once_and_opens_the_api(visitor: Visitor) -> None:
    created = create(visitor)
    page = visitor.get(created)
    text = re.search(r'id="new-key">([^<]+)<', text_of(page))
    assert text
    assert page["Cache-Control"] == "no-store"
    assert text_of(page).count(text.group(1)) == 2  # itself, and in the line to try it
    assert Caller(text.group(1)).get("/v2/documents/").status_code == 200
    assert Caller(text.group(1)).get("/v2/webhooks/").status_code == 200
    again = text_of(visitor.get(created))
    assert "ya se mostró" in again
    assert text.group(1) not in again
    assert text.group(1) not in text_of(visitor.get(KEYS))


def test_the_text_of_a_key_is_nowhere_in_the_database_in_clear(visitor: Visitor) -> None:
    created = create(visitor)
    waiting = Session.objects.get(user=visitor.user)
    decoded = str(visitor.client.session.items())
    text = shown_at(visitor, created)
    assert text.startswith("tk_sandbox_")
    assert text not in decoded
    assert text not in waiting.session_data
    assert text not in str(list(ApiKey.objects.values()))
    assert text not in created


def test_a_key_is_what_was_asked_for(visitor: Visitor) -> None:
    create(visitor, scopes=["manage"], unknown="lenient", name=" Pruebas ")
    key = ApiKey.objects.get()
    assert (key.name, key.scopes, key.lenient, key.expires_at) == ("Pruebas", ["manage"], True, None)
    assert (key.user, key.environment) == (visitor.user, "sandbox")


@pytest.mark.parametrize("days", [30, 90, 365])
def test_a_key_expires_after_the_days_chosen(visitor: Visitor, days: int) -> None:
    create(visitor, expiry=str(days))
    expires = ApiKey.objects.get().expires_at
    assert expires
    assert abs(expires - timezone.now() - timedelta(days=days)) < timedelta(minutes=1)


def test_a_key_lasts_to_the_end_of_its_last_day_in_chile(visitor: Visitor) -> None:
    last = today_in_chile(timezone.now()) + timedelta(days=10)
    create(visitor, expiry="date", last_day=last.isoformat())
    expires = ApiKey.objects.get().expires_at
    assert expires
    after = last + timedelta(days=1)
    assert expires == datetime(after.year, after.month, after.day, tzinfo=CHILE)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": ""}, "obligatorio"),
        ({"name": "   "}, "obligatorio"),
        ({"name": "x" * 81}, "80 caracteres"),
        ({"scopes": []}, "Elige al menos un permiso."),
        ({"scopes": ["todo"]}, "todo"),
        ({"unknown": "otra"}, "otra"),
        ({"expiry": "mañana"}, "mañana"),
        ({"expiry": "never", "last_day": "2099-12-31"}, "Escribiste un último día"),
        ({"expiry": "date"}, "Indica el último día"),
        ({"expiry": "date", "last_day": "ayer"}, "fecha válida"),
        ({"expiry": "date", "last_day": "2020-01-01"}, "Ese día ya pasó."),
        ({"expiry": "date", "last_day": "9999-12-31"}, "próximos diez años"),
        ({"name": HOSTILE, "scopes": []}, "Elige al menos un permiso."),
    ],
)
def test_a_fault_stands_beside_its_field_and_nothing_is_lost(
    visitor: Visitor, changes: dict[str, Any], fault: str
) -> None:
    asked = ASKED | {"name": "Mi ERP", "unknown": "lenient"} | changes
    page = text_of(visitor.post(NEW, asked))
    assert re.search(rf'class="fault"[^<]*>[^<]*{fault}', page)
    assert not ApiKey.objects.exists()
    assert "<script>alert" not in page
    if changes.get("name", "Mi ERP") == "Mi ERP":
        assert 'value="Mi ERP"' in page
    if "unknown" not in changes:
        assert re.search(r'value="lenient"[^>]*checked', page)


def test_keys_are_listed_newest_first_with_all_there_is_to_know(visitor: Visitor, user: User) -> None:
    now = timezone.now()
    ApiKey.create(user, Environment.SANDBOX, name="Vieja", expires_at=now - timedelta(days=1))
    ApiKey.create(user, Environment.SANDBOX, name="Nueva", scopes=["read"], lenient=True)
    ApiKey.objects.filter(name="Nueva").update(last_used_at=now - timedelta(minutes=5))
    ApiKey.create(user, Environment.SANDBOX, name=HOSTILE)
    ApiKey.objects.get(name=HOSTILE).revoke(now)
    page = text_of(visitor.get(KEYS))
    assert page.index("{{7*7}}") < page.index("Nueva") < page.index("Vieja")
    for word in ("Activa", "Vencida", "Revocada", "hace 5\u00a0min", "Leer", "Los advierte"):
        assert word in page
    assert page.count(">Revocar<") == 2
    assert "<script>alert" not in page


def test_a_list_of_many_keys_asks_no_more_of_the_database(visitor: Visitor, user: User) -> None:
    for number in range(60):
        ApiKey.create(user, Environment.SANDBOX, name=f"Clave {number}")
    with CaptureQueriesContext(connection) as queries:
        page = text_of(visitor.get(KEYS))
    assert len(queries) <= MOST_QUERIES
    assert page.count("<tr>") == 51
    assert "Clave 9<" not in page
    assert "Clave 9<" in text_of(visitor.get(KEYS, pagina=2))


def test_revoking_asks_first_and_then_the_key_opens_nothing(visitor: Visitor) -> None:
    text = shown_at(visitor, create(visitor))
    path = f"{KEYS}{ApiKey.objects.get().pk}/revocar/"
    assert "¿Revocar la clave ERP bodega?" in text_of(visitor.get(path))
    assert Caller(text).get("/v2/documents/").status_code == 200
    assert visitor.post(path)["Location"] == KEYS
    assert "quedó revocada" in text_of(visitor.get(KEYS))
    assert Caller(text).get("/v2/documents/").status_code == 401


def test_production_says_what_a_key_of_it_opens(visitor: Visitor) -> None:
    assert "emite ante el SII" in text_of(visitor.get("/produccion/claves/nueva/"))
    assert "emite ante el SII" not in text_of(visitor.get(NEW))
    create(visitor, path="/produccion/claves/nueva/")
    assert ApiKey.objects.get().environment == "production"
    assert "ERP bodega" not in text_of(visitor.get(KEYS))


def test_a_strangers_key_and_one_of_the_other_environment_are_404(visitor: Visitor, user: User) -> None:
    ApiKey.create(user, Environment.PRODUCTION, name="Real")
    ApiKey.create(User.objects.named("extrana@example.com"), Environment.SANDBOX, name="Ajena")
    for key in ApiKey.objects.all():
        for button in ("revocar", "creada"):
            path = f"{KEYS}{key.pk}/{button}/"
            assert visitor.get(path).status_code == 404
            assert visitor.post(path, page=NEW).status_code == 404
        assert key.name not in text_of(visitor.get(KEYS))
    assert not ApiKey.objects.exclude(revoked_at=None).exists()


def test_what_waits_to_be_seen_is_seen_by_its_own_browser_alone(visitor: Visitor, user: User) -> None:
    created = create(visitor)
    assert shown_at(Visitor(user), created) == ""
    assert shown_at(visitor, created)


def test_nobody_makes_or_revokes_a_key_from_another_page(visitor: Visitor, user: User) -> None:
    ApiKey.create(user, Environment.SANDBOX)
    assert visitor.client.post(NEW, ASKED).status_code == 403
    assert visitor.client.post(f"{KEYS}{ApiKey.objects.get().pk}/revocar/").status_code == 403
    assert ApiKey.objects.get().revoked_at is None


def test_without_log_in_there_is_nothing_to_see(db: None) -> None:
    for path in (KEYS, NEW, f"{KEYS}akey_x/creada/", f"{KEYS}akey_x/revocar/"):
        assert Client().get(path)["Location"].startswith("/entrar/?next=/sandbox/claves/")


def test_each_permission_says_what_the_api_lets_it_do(visitor: Visitor) -> None:
    """Marking as paid is a POST under /v2/documents/: ``issue``."""
    shown = text_of(visitor.get(NEW))
    assert "resolver dudas y anotar pagos" in shown
    assert "Administrar: empresas, credenciales y webhooks" in shown
