"""A webhook is changed, paused, tried, given another secret, and deleted."""

import re
from datetime import timedelta

from django.utils import timezone

from hook_pages import LIST, path_of, visitor, webhook, work_off
from receiving import Receiver
from timbre.webhooks import endpoints
from timbre.webhooks.models import Delivery, Webhook
from visiting import Visitor, text_of

__all__ = ["visitor", "webhook"]


def test_a_webhook_is_changed_and_keeps_its_secret(visitor: Visitor, webhook: Webhook) -> None:
    before = webhook.open_secret()
    asked = {"url": "https://1.1.1.1/nueva", "events": ["document.paid"]}
    response = visitor.post(path_of(webhook, "editar/"), asked)
    assert response.status_code == 302
    webhook.refresh_from_db()
    assert (webhook.url, webhook.events, webhook.is_active) == (asked["url"], asked["events"], False)
    assert webhook.open_secret() == before
    shown = text_of(visitor.post(path_of(webhook, "editar/"), asked | {"url": "https://10.0.0.7/typed"}))
    assert 'value="https://10.0.0.7/typed"' in shown
    assert re.search(r'id="id_url_error">[^<]*red privada', shown)
    assert Webhook.objects.get().url == asked["url"]


def test_it_is_paused_and_made_active_again(visitor: Visitor, webhook: Webhook) -> None:
    visitor.post(path_of(webhook, "pausar/"), page=path_of(webhook))
    webhook.refresh_from_db()
    assert not webhook.is_active
    assert "Enviar prueba" not in text_of(visitor.get(path_of(webhook)))
    visitor.post(path_of(webhook, "activar/"), page=path_of(webhook))
    webhook.refresh_from_db()
    assert webhook.is_active


def test_a_test_appears_in_the_log_by_itself(visitor: Visitor, webhook: Webhook, receiver: Receiver) -> None:
    visitor.post(path_of(webhook, "probar/"), page=path_of(webhook))
    waiting = text_of(visitor.get(path_of(webhook)))
    assert "Pendiente</span>" in waiting
    assert f'data-live="2" hx-get="{path_of(webhook)}"' in waiting
    work_off()
    live = text_of(visitor.client.get(path_of(webhook), headers={"HX-Request": "true"}))
    assert "Entregado</span>" in live
    assert "<html" not in live
    assert "data-live" not in live
    assert receiver.requests[0].json["event"] == "webhook.test"


def test_a_paused_webhook_says_why_it_cannot_be_tried(visitor: Visitor, webhook: Webhook) -> None:
    page = visitor.get(path_of(webhook))
    endpoints.update(webhook, is_active=False)
    assert page.status_code == 200
    visitor.post(path_of(webhook, "probar/"), page=path_of(webhook, "editar/"))
    assert "está en pausa" in text_of(visitor.get(path_of(webhook)))
    assert not Delivery.objects.exists()


def test_a_new_secret_is_asked_for_once_and_shown_once_and_the_old_one_signs_on_for_a_while(
    visitor: Visitor, webhook: Webhook
) -> None:
    before = webhook.open_secret()
    assert webhook.company.entity.name in text_of(visitor.get(path_of(webhook, "secreto/")))
    assert Webhook.objects.get().open_secret() == before
    visitor.post(path_of(webhook, "secreto/"))
    changed, now = Webhook.objects.get(), timezone.now()
    after = changed.open_secret()
    assert changed.open_secrets(now=now) == [after, before]
    assert changed.open_secrets(now=now + timedelta(hours=25)) == [after]
    shown = text_of(visitor.get(path_of(webhook)))
    assert after in shown
    assert "también el anterior hasta" in shown
    again = text_of(visitor.get(path_of(webhook)))
    assert after not in again
    assert before not in again
    assert "también el anterior hasta" in again


def test_a_secret_somebody_else_knows_stops_at_once(visitor: Visitor, webhook: Webhook) -> None:
    visitor.post(path_of(webhook, "secreto/"), {"hours": "0"})
    changed = Webhook.objects.get()
    assert changed.open_secrets(now=timezone.now()) == [changed.open_secret()]
    assert "también el anterior" not in text_of(visitor.get(path_of(webhook)))
    before = changed.open_secret()
    assert visitor.post(path_of(webhook, "secreto/"), {"hours": "9999"}).status_code == 422
    assert Webhook.objects.get().open_secret() == before


def test_it_is_deleted_once_confirmed(visitor: Visitor, webhook: Webhook) -> None:
    assert webhook.company.entity.name in text_of(visitor.get(path_of(webhook, "borrar/")))
    assert Webhook.objects.exists()
    response = visitor.post(path_of(webhook, "borrar/"))
    assert response["Location"] == LIST
    assert not Webhook.objects.exists()
    assert visitor.get(path_of(webhook)).status_code == 404
