"""Webhooks on screen: made, listed, and whose they are."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enrolled import enrol
from hook_pages import HOSTILE, LIST, NEW, path_of, tell, visitor, webhook
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.taxpayers.models import Company
from timbre.webhooks import endpoints
from timbre.webhooks.emit import Telling, emit
from timbre.webhooks.models import Delivery, Webhook
from visiting import MOST_QUERIES, Visitor, text_of

__all__ = ["visitor", "webhook"]


def filled(company: Company, **changes: object) -> dict[str, object]:
    plain = {"company": company.pk, "url": "https://1.1.1.1/hook", "events": ["document.issued"]}
    return {**plain, "is_active": "on", **changes}


def test_who_has_none_is_told_what_a_webhook_does_and_how_to_make_one(visitor: Visitor) -> None:
    shown = text_of(visitor.get(LIST))
    assert "Crear el primero" in shown
    assert "/v2/webhooks/" in shown
    assert "aún no hay ninguna enrolada" in text_of(visitor.get(NEW))


def test_a_webhook_is_made_and_its_secret_shown_once(visitor: Visitor, company: Company) -> None:
    response = visitor.post(NEW, filled(company, events=["document.issued", "batch.completed"]))
    webhook = Webhook.objects.get()
    assert (response.status_code, response["Location"]) == (302, path_of(webhook))
    secret = webhook.open_secret()
    assert secret not in str(visitor.client.session.items())
    first, second = visitor.get(path_of(webhook)), visitor.get(path_of(webhook))
    assert secret in text_of(first)
    assert "no se vuelve a mostrar" in text_of(first)
    for page in (second, visitor.get(LIST), visitor.get(path_of(webhook, "editar/"))):
        assert secret not in text_of(page)
        assert "no-store" in page["Cache-Control"]
    assert webhook.events == ["document.issued", "batch.completed"]
    assert not webhook.both


def test_a_secret_waits_for_the_page_of_its_own_webhook(
    visitor: Visitor, company: Company, webhook: Webhook
) -> None:
    visitor.post(NEW, filled(company))
    made = Webhook.objects.exclude(pk=webhook.pk).get()
    assert made.open_secret() not in text_of(visitor.get(path_of(webhook)))
    live = visitor.client.get(path_of(made), headers={"HX-Request": "true"})
    assert made.open_secret() not in text_of(live)
    assert made.open_secret() in text_of(visitor.get(path_of(made)))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"url": "ftp://1.1.1.1/"}, "debe empezar con https://"),
        ({"url": "https://10.0.0.7/secreto"}, "10.0.0.7 está en una red privada o reservada"),
        ({"url": "https://ana:clave@1.1.1.1/"}, "no puede llevar usuario ni contraseña"),
        ({"url": HOSTILE}, "La URL del webhook"),
        ({"url": ""}, "obligatorio"),
        ({"events": []}, "Elige al menos un evento."),
        ({"events": ["document.issued", HOSTILE]}, "alert(1)"),
        ({"company": "comp_de_otra"}, "comp_de_otra"),
    ],
)
def test_a_fault_stands_beside_its_field_and_nothing_typed_is_lost(
    visitor: Visitor, company: Company, changes: dict[str, object], fault: str
) -> None:
    asked = filled(company, url="https://1.1.1.1/typed", is_active="") | changes
    response = visitor.post(NEW, asked)
    shown = text_of(response)
    assert response.status_code == 422
    assert not Webhook.objects.exists()
    assert "Hay 1 dato que corregir." in shown
    [name] = changes
    [beside] = re.findall(r'<p class="fault" id="id_(\w+)_error">([^<]*)', shown)
    assert beside[0] == name
    assert fault in beside[1]
    assert HOSTILE not in shown
    assert "<script>alert" not in shown
    if name != "url":
        assert 'value="https://1.1.1.1/typed"' in shown
    assert not re.search(r'name="is_active"[^>]*checked', shown)


def test_the_same_url_twice_is_told_beside_the_url(
    visitor: Visitor, company: Company, webhook: Webhook
) -> None:
    shown = text_of(visitor.post(NEW, filled(company, url=webhook.url)))
    assert re.search(r'id="id_url_error">[^<]*ya', shown)
    assert Webhook.objects.count() == 1


def test_a_company_is_chosen_beforehand(visitor: Visitor, company: Company) -> None:
    enrol(company.scope, "76111111-6", "Otra Ltda.")
    shown = text_of(visitor.get(NEW, empresa=company.pk))
    assert re.search(rf'<option value="{company.pk}" selected>', shown.partition("<main")[2])


def test_the_list_is_narrowed_to_the_company_of_the_frame(visitor: Visitor, webhook: Webhook) -> None:
    other = enrol(webhook.scope, "76111111-6", HOSTILE)
    endpoints.create(
        other.scope, other, url="https://1.1.1.1/otra", events=["document.paid"], now=timezone.now()
    )
    everything = text_of(visitor.get(LIST))
    assert "https://1.1.1.1/otra" in everything
    assert HOSTILE not in everything
    assert "Ninguno" in everything
    narrowed = text_of(visitor.get(LIST, empresa=webhook.company_id))
    assert webhook.url in narrowed
    assert "https://1.1.1.1/otra" not in narrowed


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({"is_active": False}, "En pausa"),
        ({"sent": 3, "delivered": 3, "last_status_code": 200}, "Activo"),
        ({"failing_since": timezone.now()}, "Con fallas"),
        ({"failing_since": timezone.now(), "is_active": False}, "En pausa"),
        ({"rest_until": timezone.now() + timedelta(hours=1)}, "Pidió esperar"),
        ({"rest_until": timezone.now() - timedelta(hours=1)}, "Activo"),
        ({"disabled_at": timezone.now(), "disabled_reason": "gone", "is_active": False}, "Desactivado"),
    ],
)
def test_the_state_of_a_webhook_is_one_word(
    visitor: Visitor, webhook: Webhook, row: dict[str, object], word: str
) -> None:
    Webhook.objects.update(last_sent_at=timezone.now(), **row)
    assert re.search(rf'class="state \w+"><svg.*</svg>{word}</span>', text_of(visitor.get(LIST)))


@pytest.fixture
def outsiders(user: User, webhook: Webhook) -> Iterator[tuple[Visitor, str]]:
    """Who must not see it, and the environment they look from."""
    eva = User.objects.named("eva@example.com")
    for who, environment in ((eva, "sandbox"), (eva, "produccion"), (user, "produccion")):
        enrol(Scope(who.pk, "production" if environment == "produccion" else "sandbox"))
    return iter([(Visitor(eva), "sandbox"), (Visitor(eva), "produccion"), (Visitor(user), "produccion")])


def test_a_webhook_is_nobody_elses_and_of_its_own_environment(
    outsiders: Iterator[tuple[Visitor, str]], company: Company, webhook: Webhook
) -> None:
    delivery = tell(company)
    due = delivery.due_at
    log = f"envios/{delivery.pk}/"
    screens = ["", "editar/", "secreto/", "reenviar/", "borrar/", log]
    buttons = ["pausar/", "activar/", "probar/", *screens[1:5], f"{log}reenviar/"]
    for outsider, environment in outsiders:
        mine = f"/{environment}/webhooks/"
        assert webhook.url not in text_of(outsider.get(mine))
        for rest in screens:
            response = outsider.get(f"{mine}{webhook.pk}/{rest}")
            assert response.status_code == 404, rest
            assert webhook.url not in text_of(response)
        for rest in buttons:
            assert outsider.post(f"{mine}{webhook.pk}/{rest}", page=f"{mine}nuevo/").status_code == 404, rest
        shown = text_of(outsider.post(f"{mine}nuevo/", filled(company)))
        assert "id_company_error" in shown
    assert Webhook.objects.get().is_active
    assert Delivery.objects.get().due_at == due


def test_another_webhooks_delivery_is_not_found(visitor: Visitor, company: Company, webhook: Webhook) -> None:
    delivery = tell(company)
    other, _ = endpoints.create(
        company.scope, company, url="https://1.1.1.1/", events=["document.paid"], now=timezone.now()
    )
    for wrong in (path_of(other, f"envios/{delivery.pk}/"), path_of(webhook, "envios/no-es-uuid/")):
        assert visitor.get(wrong).status_code == 404


def test_in_production_alone_sandbox_s_events_can_be_asked_for_too(
    visitor: Visitor, company: Company
) -> None:
    assert 'name="both"' not in text_of(visitor.get(NEW))
    visitor.post(NEW, filled(company, both="on"))
    assert not Webhook.objects.get().both
    twin = enrol(Scope(company.user_id, "production"))
    response = visitor.post("/produccion/webhooks/nuevo/", filled(twin, both="on"))
    both = Webhook.objects.get(environment="production")
    assert both.both
    assert "Producción y sandbox" in text_of(visitor.get(response["Location"]))
    tell(company)
    page = text_of(visitor.get(response["Location"]))
    assert "(sandbox)" in page
    assert 'href="/sandbox/documentos/docu_1/"' in page


def test_production_takes_https_alone(visitor: Visitor, company: Company) -> None:
    twin = enrol(Scope(company.user_id, "production"))
    shown = text_of(visitor.post("/produccion/webhooks/nuevo/", filled(twin, url="http://1.1.1.1/")))
    assert "En producción la URL del webhook debe empezar con https://." in shown


def test_a_dozen_queries_suffice_for_two_hundred_deliveries(
    visitor: Visitor, company: Company, webhook: Webhook
) -> None:
    told = [Telling(type="document.issued", company=company, data={"n": n}) for n in range(200)]
    emit(told, now=timezone.now())
    for number in range(endpoints.MOST - 1):
        endpoints.create(
            company.scope,
            company,
            url=f"https://1.1.1.1/{number}",
            events=["document.paid"],
            now=timezone.now(),
        )
    last = Delivery.objects.first()
    assert last is not None
    for page in (LIST, path_of(webhook), path_of(webhook, f"envios/{last.pk}/"), NEW):
        with CaptureQueriesContext(connection) as queries:
            assert visitor.get(page).status_code == 200
        assert len(queries) <= MOST_QUERIES, page
    assert "1–50 de 200" in text_of(visitor.get(path_of(webhook)))
    assert "151–200 de 200" in text_of(visitor.get(path_of(webhook), pagina="4"))
