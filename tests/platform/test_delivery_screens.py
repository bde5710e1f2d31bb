"""The log of what was sent and answered, and sending again."""

from hook_pages import HOSTILE, path_of, tell, visitor, webhook, work_off
from receiving import Receiver, saying
from timbre.taxpayers.models import Company
from timbre.webhooks import endpoints
from timbre.webhooks.models import Webhook
from visiting import Visitor, text_of

__all__ = ["visitor", "webhook"]


def test_the_log_is_filtered_by_status(visitor: Visitor, company: Company, webhook: Webhook) -> None:
    tell(company)
    work_off()
    tell(company, document_id="docu_2")
    both = text_of(visitor.get(path_of(webhook)))
    assert "docu_1" in both
    assert "docu_2" in both
    delivered = text_of(visitor.get(path_of(webhook), estado="delivered"))
    assert "docu_1" in delivered
    assert "docu_2" not in delivered
    assert "Ningún envío está en ese estado" in text_of(visitor.get(path_of(webhook), estado="failed"))
    assert "docu_2" in text_of(visitor.get(path_of(webhook), estado=HOSTILE))


def test_one_delivery_shows_what_is_sent_and_each_answer(
    visitor: Visitor, company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    answer = b"\x1b[31m\x00\xff" + HOSTILE.encode() + b"x" * 10_000_000
    receiver.answers.append(saying(answer, 500))
    delivery = tell(company, data={"name": HOSTILE}, files={"pdf_file": "file_p"})
    work_off()
    shown = text_of(visitor.get(path_of(webhook, f"envios/{delivery.pk}/")))
    assert "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert HOSTILE not in shown
    assert "\ufffd[31m\ufffd\ufffd" in shown
    assert "\x1b" not in shown
    assert "\x00" not in shown
    assert "Respondió 500." in shown
    assert f"X-Pana-Event-Id: {delivery.event.id}" in shown
    assert "X-Pana-Signature: (no se muestra)" in shown
    assert "(enlace nuevo en cada intento)" in shown
    assert "/files/" not in shown
    assert 'href="/sandbox/documentos/docu_1/"' in shown
    assert webhook.open_secret() not in shown
    assert receiver.requests[0].headers["x-pana-signature"] not in shown
    assert len(shown) < 50_000


def test_a_refusal_of_the_guard_is_told_in_words(
    visitor: Visitor, company: Company, webhook: Webhook
) -> None:
    Webhook.objects.update(url="https://169.254.169.254/latest/")
    delivery = tell(company)
    work_off()
    for page in (path_of(webhook), path_of(webhook, f"envios/{delivery.pk}/")):
        assert "169.254.169.254 está en una red privada o reservada" in text_of(visitor.get(page))


def test_a_delivery_sent_again_arrives_again(
    visitor: Visitor, company: Company, webhook: Webhook, receiver: Receiver
) -> None:
    delivery = tell(company)
    work_off()
    page = path_of(webhook, f"envios/{delivery.pk}/")
    assert visitor.post(f"{page}reenviar/", page=page)["Location"] == page
    assert "Pendiente</span>" in text_of(visitor.get(page))
    work_off()
    first, second = receiver.requests
    assert first.headers["x-pana-event-id"] == second.headers["x-pana-event-id"]
    shown = text_of(visitor.client.get(page, headers={"HX-Request": "true"}))
    assert "Enviar de nuevo</button>" in shown
    assert shown.count("Respondió 200.") == 2
    endpoints.update(webhook, is_active=False)
    visitor.post(f"{page}reenviar/", page=path_of(webhook))
    assert "está en pausa" in text_of(visitor.get(page))
