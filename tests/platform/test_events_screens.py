"""The log of events: everything that happened, whether a webhook listened or not, and what became of it."""

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enrolled import enrol
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.taxpayers.models import Company
from timbre.webhooks import endpoints
from timbre.webhooks.emit import Telling, emit
from timbre.webhooks.models import Delivery, Event, Webhook
from visiting import MOST_QUERIES, Visitor, text_of

HOSTILE = "\"><script>alert(1)</script>'{{7*7}}"
LIST = "/sandbox/eventos/"


@pytest.fixture
def visitor(user: User) -> Visitor:
    return Visitor(user)


@pytest.fixture
def webhook(company: Company) -> Webhook:
    wanted = {"url": "https://1.1.1.1/hook", "events": ["document.issued"], "now": timezone.now()}
    return endpoints.create(company.scope, company, **wanted)[0]


def happen(company: Company, *, at: datetime | None = None, **told: object) -> Event:
    told = {"type": "document.issued", "data": {"folio": "7"}, **told}
    return emit([Telling(company=company, **told)], now=at or timezone.now())[0]


def path_of(event: Event) -> str:
    return f"{LIST}{event.pk}/"


def shown_in(page: str) -> list[int]:
    """The numbers of the events of a list, in its order."""
    return [int(number) for number in re.findall(rf'href="{LIST}(\d+)/"', page)]


def test_where_nothing_happened_it_says_so(visitor: Visitor) -> None:
    assert "Todavía no ha pasado nada aquí" in text_of(visitor.get(LIST))


def test_the_newest_is_first_with_the_state_of_its_deliveries(
    visitor: Visitor, company: Company, webhook: Webhook
) -> None:
    first, second = happen(company), happen(company)
    Delivery.objects.filter(event=first).update(status=Delivery.Status.FAILED, due_at=None)
    unheard = happen(company, type="batch.completed", batch_id="doba_1")
    page = text_of(visitor.get(LIST))
    assert shown_in(page) == [unheard.pk, second.pk, first.pk]
    rows = page.split("<tr>")[2:]
    assert "ninguno" in rows[0]
    assert "Pendiente</span>" in rows[1]
    assert "Falló</span>" in rows[2]
    assert 'href="/sandbox/lotes/doba_1/"' in rows[0]


def test_it_is_filtered_by_company_type_document_batch_and_event(visitor: Visitor, company: Company) -> None:
    other = enrol(company.scope, "76111111-6", "Otra Ltda.")
    issued = happen(company, document_id="docu_1", batch_id="doba_1")
    failed = happen(company, type="document.issue_failed", document_id="docu_2", batch_id="doba_1")
    theirs = happen(other, document_id="docu_3", batch_id="doba_2")
    for asked, found in (
        ({"empresa": other.pk}, [theirs]),
        ({"tipo": "document.issued"}, [theirs, issued]),
        ({"tipo": "document.issued", "empresa": company.pk}, [issued]),
        ({"de": "docu_2"}, [failed]),
        ({"de": " doba_1 "}, [failed, issued]),
        ({"de": str(issued.id)}, [issued]),
        ({"de": "docu_9"}, []),
        ({"de": HOSTILE}, []),
        ({"de": "docu_ñ"}, []),
        ({"tipo": HOSTILE}, [theirs, failed, issued]),
    ):
        page = text_of(visitor.get(LIST, **asked))
        assert shown_in(page) == [event.pk for event in found], asked
        assert found or "Ningún evento cumple con estos filtros" in page
        assert HOSTILE not in page


def test_a_page_leads_to_what_is_older_and_back(visitor: Visitor, company: Company) -> None:
    emit(
        [Telling(type="batch.completed", company=company, data={"n": n}) for n in range(60)],
        now=timezone.now(),
    )
    happen(company)
    newest = text_of(visitor.get(LIST, tipo="batch.completed"))
    older = re.search(r'href="\?([^"]*antes=\d+)"', newest)
    assert older
    assert "tipo=batch.completed" in older[1]
    rest = text_of(visitor.get(f"{LIST}?{older[1].replace('&amp;', '&')}"))
    numbers = shown_in(newest) + shown_in(rest)
    assert len(shown_in(newest)) == 50
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 60
    assert 'href="?tipo=batch.completed">Los más nuevos' in rest
    assert "Más antiguos" not in rest
    for wrong in ("0", "-1", "x", "9" * 30):
        assert len(shown_in(text_of(visitor.get(LIST, antes=wrong)))) == 50
    assert "No hay nada más antiguo" in text_of(visitor.get(LIST, antes="1"))


def test_an_event_shows_its_body_and_where_it_went(
    visitor: Visitor, company: Company, webhook: Webhook
) -> None:
    event = happen(
        company, data={"name": HOSTILE}, files={"pdf_file": "file_p"}, document_id="docu_1", batch_id="doba_1"
    )
    page = text_of(visitor.get(path_of(event)))
    delivery = Delivery.objects.get()
    assert f'href="/sandbox/webhooks/{webhook.pk}/envios/{delivery.pk}/"' in page
    assert 'href="/sandbox/documentos/docu_1/"' in page
    assert 'href="/sandbox/lotes/doba_1/"' in page
    assert str(event.id) in page
    assert "&quot;pdf_file&quot;: &quot;(enlace nuevo en cada intento)&quot;" in page
    assert "/files/" not in page
    assert "{{7*7}}" in page
    assert HOSTILE not in page


def test_an_event_nobody_listened_to_says_how_to_hear_of_it(visitor: Visitor, company: Company) -> None:
    assert "Ningún webhook activo pedía este evento" in text_of(visitor.get(path_of(happen(company))))


def test_events_are_nobody_elses_and_of_their_own_environment(user: User, company: Company) -> None:
    event = happen(company, document_id="docu_1")
    eva = User.objects.named("eva@example.com")
    for who, environment in ((eva, "sandbox"), (eva, "produccion"), (user, "produccion")):
        enrol(Scope(who.pk, "production" if environment == "produccion" else "sandbox"))
        visitor = Visitor(who)
        for asked in ({}, {"de": "docu_1"}, {"de": str(event.id)}, {"empresa": company.pk}):
            assert "docu_1</a>" not in text_of(visitor.get(f"/{environment}/eventos/", **asked))
        assert visitor.get(f"/{environment}/eventos/{event.pk}/").status_code == 404
    for wrong in ("x", "0", "9" * 40, str(event.id)):
        assert Visitor(user).get(f"{LIST}{wrong}/").status_code == 404


def test_a_page_of_events_costs_a_handful_of_queries_however_many_there_are(
    visitor: Visitor, company: Company, webhook: Webhook
) -> None:
    told = [Telling(type="document.issued", company=company, data={"n": n}) for n in range(120)]
    event = emit(told, now=timezone.now() - timedelta(minutes=1))[0]
    for page in (LIST, f"{LIST}?antes={event.pk + 60}", path_of(event)):
        with CaptureQueriesContext(connection) as queries:
            assert visitor.get(page).status_code == 200
        assert len(queries) <= MOST_QUERIES, page
        fat = [each["sql"] for each in queries if '"webhooks_event"."data"' in each["sql"]]
        assert not fat or page == path_of(event)
