"""How a webhook does, told on its page, in the list and on the first screen; and sending a stretch again."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from hook_pages import LIST, path_of, visitor, webhook, work_off
from receiving import Receiver
from timbre.dte.clock import CHILE
from timbre.taxpayers.models import Company
from timbre.webhooks.emit import Telling, emit
from timbre.webhooks.models import Delivery, Webhook
from visiting import Visitor, text_of

__all__ = ["visitor", "webhook"]
START = "/sandbox/"
Status = Delivery.Status


def happen(company: Company, minutes_ago: int) -> None:
    at = timezone.now() - timedelta(minutes=minutes_ago)
    emit([Telling(type="document.issued", company=company, data={"folio": "7"})], now=at)


def minute(minutes_ago: int) -> str:
    """As a browser's field says it, in Chile."""
    return f"{(timezone.now() - timedelta(minutes=minutes_ago)).astimezone(CHILE):%Y-%m-%dT%H:%M}"


def test_what_got_through_lately_is_told(visitor: Visitor, company: Company, webhook: Webhook) -> None:
    assert "Nada enviado" in text_of(visitor.get(path_of(webhook)))
    happen(company, 3)
    happen(company, 2)
    work_off()
    Delivery.objects.filter(pk=Delivery.objects.latest("event_id").pk).update(status=Status.FAILED)
    happen(company, 1)
    page = text_of(visitor.get(path_of(webhook)))
    assert "<strong>50&nbsp;%</strong> llegó: 1 de 2 envíos" in page
    assert "<dt>Por enviar</dt><dd>1" in page
    assert "50&nbsp;%" in text_of(visitor.get(LIST))


def test_one_that_nothing_reaches_says_since_when_and_what_comes_of_it(
    visitor: Visitor, webhook: Webhook
) -> None:
    now = timezone.now()
    Webhook.objects.update(
        failing_since=now - timedelta(days=2), last_status_code=503, rest_until=now + timedelta(minutes=9)
    )
    page = text_of(visitor.get(path_of(webhook)))
    assert "Nada le llega desde" in page
    assert "respondió 503 la última vez" in page
    assert "lo desactivará" in page
    assert "porque tu servidor pidió tiempo" in page
    assert "Con fallas</span>" in text_of(visitor.get(LIST))
    start = text_of(visitor.get(START))
    assert f'href="{path_of(webhook)}"' in start
    assert "nada le llega desde" in start


@pytest.mark.parametrize(
    ("reason", "told"), [("gone", "tu servidor respondió 410"), ("failing", "nada le llegó durante días")]
)
def test_one_that_was_disabled_says_why_and_is_activated_again(
    visitor: Visitor, webhook: Webhook, reason: str, told: str
) -> None:
    now = timezone.now()
    Webhook.objects.update(
        is_active=False, disabled_at=now, disabled_reason=reason, failing_since=now - timedelta(days=5)
    )
    page = text_of(visitor.get(path_of(webhook)))
    assert told in page
    assert "Enviar prueba" not in page
    assert page.count("Activar de nuevo</button>") == 1
    assert "Desactivado</span>" in text_of(visitor.get(LIST))
    start = text_of(visitor.get(START))
    assert "no recibe nada desde que se desactivó" in start
    assert re.search(r"Recibir los resultados por webhook <span class=\"state good\">", start)
    assert "está desactivado: actívalo antes" in text_of(visitor.get(path_of(webhook, "reenviar/")))
    visitor.post(path_of(webhook, "activar/"), page=path_of(webhook))
    webhook.refresh_from_db()
    assert webhook.is_active
    assert webhook.disabled_at is None
    assert "Desactivado" not in text_of(visitor.get(START))


def test_one_that_a_person_paused_waits_for_nobody(visitor: Visitor, webhook: Webhook) -> None:
    Webhook.objects.update(is_active=False, failing_since=timezone.now())
    assert path_of(webhook) not in text_of(visitor.get(START))


def test_what_changes_is_told_without_a_reload(visitor: Visitor, company: Company, webhook: Webhook) -> None:
    happen(company, 1)
    work_off()
    live = text_of(visitor.client.get(path_of(webhook), headers={"HX-Request": "true"}))
    assert '<div id="health" hx-swap-oob="true">' in live
    assert "100&nbsp;%" in live
    assert "<html" not in live


def test_what_did_not_arrive_is_sent_again(
    visitor: Visitor, company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    happen(company, 300)
    happen(company, 30)
    happen(company, 20)
    work_off()
    assert len(receiver.requests) == 3
    lost = Delivery.objects.order_by("event_id")[1]
    Delivery.objects.filter(pk=lost.pk).update(status=Status.FAILED)
    replay = path_of(webhook, "reenviar/")
    visitor.post(replay, {"since": minute(60), "until": minute(0)})
    assert "1 envío va en camino." in text_of(visitor.get(path_of(webhook)))
    work_off()
    assert receiver.requests[-1].headers["x-pana-event-id"] == str(lost.event.id)
    visitor.post(replay, {"since": minute(60)})
    assert "No hay nada que reenviar" in text_of(visitor.get(path_of(webhook)))
    visitor.post(replay, {"since": minute(60), "everything": "all"})
    assert "2 envíos van en camino." in text_of(visitor.get(path_of(webhook)))
    work_off()
    assert len(receiver.requests) == 6


def test_the_form_of_a_replay_begins_before_the_trouble_did(visitor: Visitor, webhook: Webhook) -> None:
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=3))
    page = text_of(visitor.get(path_of(webhook, "reenviar/")))
    assert f'value="{minute(3 * 24 * 60 + 1)}"' in page


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"since": ""}, "since"),
        ({"since": "ayer"}, "since"),
        ({"since": "2026-03-02T10:00", "until": "2026-03-01T10:00"}, "until"),
        ({"since": "2126-03-02T10:00"}, "since"),
        ({"since": "2026-03-02T10:00", "until": '"><script>'}, "until"),
        ({"since": "2026-03-02T10:00", "everything": "x"}, "everything"),
    ],
)
def test_a_stretch_that_is_none_is_told_beside_its_field(
    visitor: Visitor, webhook: Webhook, asked: dict[str, str], field: str
) -> None:
    response = visitor.post(path_of(webhook, "reenviar/"), asked)
    assert response.status_code == 422
    assert f'id="id_{field}_error"' in text_of(response)
    assert '"><script>' not in text_of(response)


def test_files_can_be_asked_for_within_the_delivery(visitor: Visitor, webhook: Webhook) -> None:
    asked = {"url": webhook.url, "events": ["document.issued"], "is_active": "on", "inline_files": "on"}
    visitor.post(path_of(webhook, "editar/"), asked)
    assert Webhook.objects.get().inline_files
    assert "Dentro del envío, en base64" in text_of(visitor.get(path_of(webhook)))
    assert (
        'name="inline_files" aria-describedby="id_inline_files_helptext" id="id_inline_files" checked'
        in text_of(visitor.get(path_of(webhook, "editar/")))
    )
    visitor.post(path_of(webhook, "editar/"), {**asked, "inline_files": ""})
    assert not Webhook.objects.get().inline_files
