"""Registro de actividad: one's own, of this environment and of the account, newest first."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from timbre.accounts import audit
from timbre.accounts.models import AuditEntry, User
from visiting import MOST_QUERIES, Visitor, text_of

HOSTILE = "\"><script>alert(1)</script>'{{7*7}}"
LOG = "/sandbox/registro/"


@pytest.fixture
def visitor(user: User) -> Visitor:
    return Visitor(user)


def note(user: User, action: str = "batch.created", **told: object) -> None:
    audit.note(
        **{"user_id": user.pk, "environment": "sandbox", "action": action, "now": timezone.now(), **told}
    )


def rows(page: str) -> list[str]:
    """The lines of the log, in their order."""
    return page.partition("<tbody>")[2].split("<tr>")[1:]


def test_who_did_nothing_yet_is_told_so(visitor: Visitor) -> None:
    AuditEntry.objects.all().delete()
    assert "Todavía no hay actividad en este ambiente" in text_of(visitor.get(LOG))


def test_an_entry_says_who_did_what_on_what_from_where(visitor: Visitor, user: User) -> None:
    note(user, target="doba_1", actor="api:tk_sandbox_Ab0d", detail={"documents": 54})
    AuditEntry.objects.update(address="190.98.1.7", request_id="req_1")
    note(user, "key.created", target="akey_1", actor=f"person:{user.email}", detail={"scopes": ["read"]})
    note(user, "document.resolved", target="docu_1", actor="x", detail={"outcome": "not_issued", "ok": True})
    resolved, key, batch = rows(text_of(visitor.get(LOG)))
    for part in ("API, clave tk_sandbox_Ab0d…", "Envió un lote", "documentos: 54", "190.98.1.7", "req_1"):
        assert part in batch
    assert 'href="/sandbox/lotes/doba_1/"' in batch
    assert "permisos: Leer" in key
    assert "ana@example.com" in key
    assert "<a " not in key
    assert "se dijo: no lo emitió el SII" in resolved
    assert "ok: sí" in resolved
    assert 'href="/sandbox/documentos/docu_1/"' in resolved


def test_it_has_the_accounts_own_and_not_the_other_environments(visitor: Visitor, user: User) -> None:
    note(user, "account.logged_in", environment="")
    note(user, "batch.cancelled", environment="production")
    here, there = text_of(visitor.get(LOG)), text_of(visitor.get("/produccion/registro/"))
    assert [("Entró" in page, "Canceló un lote</td>" in page) for page in map(_only_rows, (here, there))] == [
        (True, False),
        (True, True),
    ]
    assert "(cuenta)" in here


def _only_rows(page: str) -> str:
    return "".join(rows(page)).replace("\n", "")


def test_it_is_filtered_by_action_and_by_text(visitor: Visitor, user: User) -> None:
    note(user, "webhook.created", target="dowe_1", actor="person:ana@example.com")
    note(user, "webhook.removed", target="dowe_2", actor="api:tk_sandbox_Ab0d")
    for asked, found in (
        ({"accion": "webhook.removed"}, ["dowe_2"]),
        ({"texto": "tk_sandbox"}, ["dowe_2"]),
        ({"texto": "DOWE_1"}, ["dowe_1"]),
        ({"texto": "ana@", "accion": "webhook.removed"}, []),
        ({"texto": HOSTILE}, []),
        ({"accion": HOSTILE}, ["dowe_2", "dowe_1"]),
    ):
        page = text_of(visitor.get(LOG, **asked))
        assert re.findall(r"dowe_\d", _only_rows(page).replace("/webhooks/dowe_1/", "")) == found, asked
        assert HOSTILE not in page
    assert "Nada en el registro cumple con estos filtros" in text_of(visitor.get(LOG, texto="nada de eso"))


def test_what_anybody_wrote_is_only_text(visitor: Visitor, user: User) -> None:
    note(user, target=HOSTILE, actor=f"person:{HOSTILE}", detail={HOSTILE: HOSTILE})
    page = text_of(visitor.get(LOG))
    assert page.count("{{7*7}}") == 4
    assert HOSTILE not in page


def test_it_is_nobody_elses(visitor: Visitor, user: User) -> None:
    note(user, target="doba_1")
    eva = Visitor(User.objects.named("eva@example.com"))
    newest = AuditEntry.objects.latest("pk").pk
    for asked in ({}, {"texto": "doba_1"}, {"antes": str(newest + 1)}):
        assert "doba_1</a>" not in text_of(eva.get(LOG, **asked))
    note(eva.user, target="doba_2")
    assert rows(text_of(eva.get(LOG, antes=str(newest)))) == []


def test_a_page_leads_to_what_is_older_even_when_all_happened_at_once(visitor: Visitor, user: User) -> None:
    AuditEntry.objects.all().delete()
    now = timezone.now()
    for number in range(120):
        note(user, target=f"doba_{number:03}", now=now - timedelta(seconds=number // 40))
    seen, query = [], ""
    for _ in range(3):
        page = text_of(visitor.get(f"{LOG}{query}"))
        seen += re.findall(r">(doba_\d+)<", page)
        query = next(iter(re.findall(r'href="(\?antes=\d+)"', page)), "")
    assert len(seen) == len(set(seen)) == 120
    assert not query
    assert seen == [f"doba_{n:03}" for block in (39, 79, 119) for n in range(block, block - 40, -1)]


def test_a_page_costs_a_handful_of_queries(visitor: Visitor, user: User) -> None:
    for _ in range(70):
        note(user)
    last = AuditEntry.objects.latest("pk").pk
    for page in (LOG, f"{LOG}?antes={last}&texto=doba"):
        with CaptureQueriesContext(connection) as queries:
            assert visitor.get(page).status_code == 200
        assert len(queries) <= MOST_QUERIES
