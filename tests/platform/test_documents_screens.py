"""One document on screen: everything known of it, for whoever it belongs to, and what can be done."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from lxml import html

from enrolled import enrol
from furnished import furnish
from offices import Office, documents_of, enrolled, factura, folios, office
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.issuing.causes import CAUSES
from timbre.issuing.models import Batch, Document, DocumentState, Reference, State, StoredFile
from timbre.issuing.states import note
from timbre.webhooks.models import Delivery, Event, Webhook
from timbre.work.environments import Environment
from visiting import MOST_QUERIES, Visitor, text_of

__all__ = ["enrolled", "folios", "office"]

SANDBOX = Environment.SANDBOX
HOSTILE = "\"><script>alert(1)</script>'{{7*7}}<img src=x onerror=alert(1)>"
SENTENCE = (
    "El SII no respondió al último paso. Timbre está averiguando si quedó emitido. No lo envíes de nuevo."
)
SCREENS = ("one", "pdf", "xml", "issued", "not-issued")


def at(document: Document, screen: str = "one", environment: str = SANDBOX) -> str:
    kwargs = {"environment": environment, "document_id": document.pk}
    return reverse(f"documents-{screen}", kwargs=kwargs)


def said(response: HttpResponse) -> str:
    """What can be read in the main part of the page, with one blank between words."""
    (main,) = html.fromstring(text_of(response)).xpath("//main")
    return " ".join(" ".join(main.itertext()).split())


@dataclass
class Desk:
    """Somebody at a screen, with the office's worker within reach."""

    office: Office
    visitor: Visitor

    def issue(self, *documents: dict[str, Any]) -> list[Document]:
        batch = self.office.ask(*documents)
        self.office.work()
        return documents_of(batch)


@pytest.fixture
def desk(enrolled: Office) -> Desk:
    return Desk(enrolled, Visitor(User.objects.get(pk=enrolled.scope.user_id)))


def leave_in_doubt(document: Document, **columns: Any) -> None:
    now = timezone.now()
    Document.objects.filter(pk=document.pk).update(
        **{
            "state": State.IN_DOUBT,
            "folio": 7,
            "sends": 2,
            "send_deadline": now - timedelta(hours=1),
            "due_at": now + timedelta(hours=1),
            **columns,
        }
    )


def test_an_issued_document_is_told_with_its_pdf_and_its_xml(desk: Desk) -> None:
    lines = [
        {"item_name": "Pan amasado", "quantity": "40.5", "unit_price": "1990.5", "unit": "KG"},
        {"item_name": "Flete", "quantity": "1", "unit_price": "10000", "discount_percent": "12.5"},
    ]
    (document,) = desk.issue(factura(details=lines, external_id="venta-9", json_param={"tienda": "Ñuñoa"}))
    shown = desk.visitor.get(at(document))
    page = html.fromstring(text_of(shown))
    (frame,) = page.xpath("//iframe/@src")
    assert frame.startswith(at(document, "pdf"))
    text = said(shown)
    for told in (
        f"Factura {document.folio}", "Emitido", "40,5 KG", "1.990,5", "$ 80.615", "menos 12,5 %", "$ 8.750",
        "Neto $ 89.365", "IVA 19 % $ 16.979", "Total $ 106.344", "39.002.002‑3", "venta-9",
        '"tienda": "Ñuñoa"', document.batch_id, "La copia del SII lleva la misma firma",
        "Recibido: se emitirá",
    ):  # fmt: skip
        assert told in text
    xml = bytes(document.files.get(kind="xml").content)
    (shown_xml,) = page.xpath('//*[@id="xml-text"]')
    assert shown_xml.text.strip() == xml.decode("iso-8859-1").strip()


def test_the_files_are_the_bytes_as_stored_and_only_our_page_frames_them(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    stored = {f.kind: bytes(f.content) for f in document.files.filter(current=True)}
    pdf, xml = (desk.visitor.get(at(document, kind)) for kind in ("pdf", "xml"))
    assert (pdf.content, xml.content) == (stored["pdf"], stored["xml"])
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf["X-Frame-Options"] == "SAMEORIGIN"
    assert pdf["Content-Security-Policy"] == "frame-ancestors 'self'"
    assert pdf["X-Content-Type-Options"] == "nosniff"
    assert pdf["Content-Disposition"] == f'inline; filename="F33-{document.folio}.pdf"'
    saved = desk.visitor.get(at(document, "pdf"), descargar="1")
    assert saved["Content-Disposition"].startswith("attachment")
    assert xml["Content-Type"] == "application/xml; charset=iso-8859-1"
    assert xml["X-Frame-Options"] == "DENY"
    assert xml["Content-Disposition"] == f'attachment; filename="F33-{document.folio}.xml"'


def test_signed_bytes_that_were_never_issued_are_not_handed_out(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    StoredFile.objects.filter(document=document).update(current=False)
    assert [desk.visitor.get(at(document, kind)).status_code for kind in ("pdf", "xml")] == [404, 404]
    assert "No hay PDF" in said(desk.visitor.get(at(document)))


def test_the_page_reads_no_pdf_and_asks_little_however_much_there_is(desk: Desk) -> None:
    first, *_ = desk.issue(*[factura() for _ in range(3)])
    now = timezone.now()
    DocumentState.objects.bulk_create(
        DocumentState(document=first, at=now, code="x", description=f"Paso {n}", evidence={"n": n})
        for n in range(60)
    )
    hook = Webhook.objects.create(
        user_id=first.user_id,
        environment=SANDBOX,
        company=first.company,
        url="https://a.cl/x",
        created_at=now,
    )
    for _ in range(60):
        event = Event.objects.create(
            user_id=first.user_id, environment=SANDBOX, type="document.issued", company=first.company,
            document_id=first.pk, data={}, created_at=now,
        )  # fmt: skip
        Delivery.objects.create(event=event, webhook=hook)
        Reference.objects.create(document=first, company=first.company, tipo="33", folio=str(first.folio))
    with CaptureQueriesContext(connection) as queries:
        shown = desk.visitor.get(at(first))
    assert shown.status_code == 200
    assert len(queries) <= MOST_QUERIES
    contents = [q["sql"] for q in queries if '"content"' in q["sql"]]
    assert len(contents) == 1
    assert "'xml'" in contents[0]


def test_a_stranger_finds_none_of_it(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    leave_in_doubt(document)
    stranger = Visitor(User.objects.named("extrana@example.com"))
    page = reverse("account", kwargs={"environment": SANDBOX})
    for screen in SCREENS:
        assert stranger.get(at(document, screen)).status_code == 404
        assert desk.visitor.get(at(document, screen, Environment.PRODUCTION)).status_code == 404
    for button in ("pay", "issued", "not-issued"):
        sent = stranger.post(at(document, button), {"pagado": "si"}, page=page)
        assert sent.status_code == 404
        assert document.receiver_rut not in text_of(sent)
    document.refresh_from_db()
    assert (document.state, document.is_paid) == (State.IN_DOUBT, False)
    assert stranger.client.get(at(document)).status_code == 404
    stranger.client.logout()
    for screen in SCREENS:
        assert stranger.get(at(document, screen))["Location"].startswith(reverse("login"))


def test_paid_and_unpaid_are_a_button_each(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    sent = desk.visitor.post(at(document, "pay"), {"pagado": "si"}, page=at(document))
    assert sent["Location"] == at(document)
    document.refresh_from_db()
    assert document.is_paid
    shown = said(desk.visitor.get(at(document)))
    assert "Quedó marcado como pagado." in shown
    assert "Marcar como no pagado" in shown
    assert f"{desk.visitor.user.email} Marcado como pagado." in shown
    desk.visitor.post(at(document, "pay"), {"pagado": "no"}, page=at(document))
    document.refresh_from_db()
    assert not document.is_paid
    assert desk.visitor.get(at(document, "pay")).status_code == 405


def test_what_is_not_issued_cannot_be_marked_as_paid(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    Document.objects.filter(pk=document.pk).update(state=State.REFUSED, error_code="sii_rejected")
    assert "Marcar como" not in said(desk.visitor.get(at(document)))
    desk.visitor.post(
        at(document, "pay"), {"pagado": "si"}, page=reverse("account", kwargs={"environment": SANDBOX})
    )
    assert "Solo un documento emitido puede marcarse" in said(desk.visitor.get(at(document)))


def test_a_doubt_is_told_honestly_and_settled_by_a_person(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    leave_in_doubt(document, absent_since=timezone.now())
    shown = said(desk.visitor.get(at(document)))
    assert SENTENCE in shown
    assert "Se envió 2 veces con el folio 7; desde" in shown
    assert "La próxima mirada a la lista del SII:" in shown
    question = said(desk.visitor.get(at(document, "not-issued")))
    assert "¿El SII no emitió el folio 7?" in question
    assert document.company.entity.name in question
    document.refresh_from_db()
    assert document.state == State.IN_DOUBT
    desk.visitor.post(at(document, "not-issued"))
    document.refresh_from_db()
    assert (document.state, document.error_code) == (State.REFUSED, "resolved_not_issued")
    latest = document.states.first()
    assert latest is not None
    assert latest.actor == f"person:{desk.visitor.user.email}"


def test_that_the_sii_issued_it_is_said_with_the_other_button(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    Document.objects.filter(pk=document.pk).update(
        state=State.INCOMPLETE, error_code="files_missing", sends=1
    )
    assert "El SII lo emitió" in said(desk.visitor.get(at(document)))
    sent = desk.visitor.post(at(document, "issued"))
    assert sent["Location"] == at(document)
    document.refresh_from_db()
    assert document.state == State.ISSUED
    assert "El SII lo emitió No lo emitió" not in said(desk.visitor.get(at(document)))


def test_nobody_may_say_no_while_the_sending_may_still_arrive(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    leave_in_doubt(document, send_deadline=timezone.now() + timedelta(hours=1))
    shown = said(desk.visitor.get(at(document)))
    assert "podrás decir que no se emitió desde" in shown
    assert "No lo emitió" not in shown
    desk.visitor.post(at(document, "not-issued"))
    assert "El envío puede estar en camino todavía" in said(desk.visitor.get(at(document)))
    document.refresh_from_db()
    assert document.state == State.IN_DOUBT


def test_what_is_settled_already_is_refused_in_words(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    desk.visitor.post(at(document, "issued"))
    assert "Este documento no está en duda" in said(desk.visitor.get(at(document)))


def test_an_error_has_the_siis_words_what_it_means_and_its_code(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    Document.objects.filter(pk=document.pk).update(
        state=State.REFUSED, error_code="receiver_not_found", error_param="document_receiver.rut",
        sii_words="RUT NO EXISTE",
    )  # fmt: skip
    shown = said(desk.visitor.get(at(document)))
    assert "RUT NO EXISTE No se emitió. Revisa el RUT" in shown
    assert "Dato: RUT del receptor" in shown
    assert "receiver_not_found" in shown


def test_the_error_box_tells_cause_the_siis_words_the_way_out_and_whether_the_same_may_go_again(
    desk: Desk,
) -> None:
    (document,) = desk.issue(factura())
    for code, state, again in (("sii_rejected", State.REFUSED, "No."), ("expired", State.EXPIRED, "Sí.")):
        words = "El receptor no tiene giro" if code == "sii_rejected" else ""
        Document.objects.filter(pk=document.pk).update(state=state, error_code=code, sii_words=words)
        text = said(desk.visitor.get(at(document)))
        assert CAUSES[code].cause in text
        assert CAUSES[code].fix in text
        assert f"¿Sirve enviarlo otra vez sin cambiar nada? {again}" in text
        assert (f"Dice el SII: {words}" in text) == bool(words)


def test_the_history_tells_its_evidence_in_words(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    leave_in_doubt(document)
    now = timezone.now()
    note(
        document,
        "not_listed",
        "El SII no lista el folio 7.",
        now=now,
        asked="Lista de emitidos, folio 7.",
        listed=12,
        absent_since=now.isoformat(),
        digest="q3sDk0=",
        strange={"ñ": HOSTILE},
    )
    shown = desk.visitor.get(at(document))
    page = html.fromstring(text_of(shown))
    (step,) = page.xpath("//ol[@class='timeline']/li[1]")
    assert step.xpath(".//details/@open")
    told = dict(zip(step.xpath(".//dt/text()"), step.xpath(".//dd"), strict=True))
    assert list(told) == [
        "Se preguntó",
        "Documentos que listó el SII",
        "Huella de lo firmado",
        "El SII no lo lista desde",
        "strange",
    ]
    assert told["Documentos que listó el SII"].text_content() == "12"
    assert told["Huella de lo firmado"].xpath("code/text()") == ["q3sDk0="]
    assert told["El SII no lo lista desde"].xpath("time")
    assert "{{7*7}}" in told["strange"].text_content()
    assert HOSTILE not in text_of(shown)


def test_a_document_and_its_batch_name_the_scenario_they_were_made_with(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    batch = f"/sandbox/lotes/{document.batch_id}/"
    assert not any("Escenario" in text_of(desk.visitor.get(path)) for path in (at(document), batch))
    Batch.objects.update(scenario="answer_lost")
    for path in (at(document), batch):
        page = text_of(desk.visitor.get(path))
        assert "<dt>Escenario</dt><dd><code>answer_lost</code>" in page
        assert 'href="/sandbox/eventos/?de=do' in page


def test_while_it_is_on_its_way_the_page_asks_for_itself_until_there_is_news(desk: Desk) -> None:
    (document,) = documents_of(desk.office.ask(factura()))
    waiting = desk.visitor.get(at(document))
    (part,) = html.fromstring(text_of(waiting)).xpath('//*[@id="document"]')
    assert part.get("data-live")
    seen = re.fullmatch(r"\?visto=(.+)", part.get("hx-get"))
    assert seen
    asking = {"HTTP_HX_REQUEST": "true"}
    assert desk.visitor.client.get(at(document), {"visto": seen[1]}, **asking).status_code == 204
    assert "El PDF aparecerá aquí" in said(waiting)
    desk.office.work()
    news = desk.visitor.client.get(at(document), {"visto": seen[1]}, **asking)
    (part,) = html.fromstring(text_of(news)).xpath('//*[@id="document"]')
    assert part.get("data-live") is None
    assert html.fromstring(text_of(news)).xpath("//iframe")


def test_references_lead_to_what_they_name_and_back(desk: Desk) -> None:
    (first,) = desk.issue(factura())
    told = [
        {"dte_type_code": "33", "reference_folio": str(first.folio), "reference_date": "2026-03-01",
         "reference_reason": "Complementa"},
        {"dte_type_code": "801", "reference_folio": "OC-7", "reference_date": "2026-03-02"},
        {"dte_type_code": "33", "reference_folio": "9999", "reference_date": "2026-03-03"},
    ]  # fmt: skip
    (second,) = desk.issue(factura(references=told))
    Reference.objects.get_or_create(
        document=second, company=second.company, tipo="33", folio=str(first.folio)
    )
    shown = desk.visitor.get(at(second))
    assert f"Factura {first.folio} del 1 mar 2026: Complementa" in said(shown)
    assert "Orden de compra OC-7 del 2 mar 2026" in said(shown)
    assert "Factura 9999 del 3 mar 2026" in said(shown)
    assert at(first) in text_of(shown)
    back = desk.visitor.get(at(first))
    assert "Documentos que lo nombran" in said(back)
    assert at(second) in text_of(back)


def test_what_was_filled_in_says_from_where(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    Document.objects.filter(pk=document.pk).update(
        filled={
            "document_issuer.address": "address_id",
            "document_receiver.business_activity": "master_entity",
            "header.payment_method": "company",
            "date_issued": "timbre",
        }
    )
    shown = said(desk.visitor.get(at(document)))
    for told in (
        "Dirección del emisor de la dirección elegida",
        "Giro del receptor de lo que el SII tiene registrado",
        "Forma de pago de los valores por defecto de la empresa",
        "Fecha de emisión lo pone Timbre",
    ):
        assert told in shown


def test_deliveries_of_its_events_stand_below(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    now = timezone.now()
    owner = {"user_id": document.user_id, "environment": SANDBOX}
    hook = Webhook.objects.create(
        **owner, company=document.company, url="https://cliente.cl/aviso", created_at=now
    )
    event = Event.objects.get(document_id=document.pk, type="document.issued")
    delivery = Delivery.objects.create(
        event=event, webhook=hook, attempts=1, status_code=503, sent_at=now, due_at=now + timedelta(minutes=5)
    )
    shown = desk.visitor.get(at(document))
    assert "Emitido https://cliente.cl/aviso Pendiente 503" in said(shown)
    assert "Próximo en" in said(shown)
    to_delivery = reverse(
        "hooks-delivery",
        kwargs={"environment": SANDBOX, "webhook_id": hook.pk, "delivery_id": str(delivery.pk)},
    )
    assert to_delivery in text_of(shown)


def test_a_delivery_to_a_webhook_of_production_leads_to_production(desk: Desk) -> None:
    (document,) = desk.issue(factura())
    twin = enrol(Scope(document.user_id, "production"), document.company.entity.rut)
    hook = Webhook.objects.create(
        user_id=document.user_id,
        environment="production",
        both=True,
        company=twin,
        url="https://cliente.cl/ambos",
        created_at=timezone.now(),
    )
    event = Event.objects.get(document_id=document.pk, type="document.issued")
    delivery = Delivery.objects.create(event=event, webhook=hook)
    there = f"/produccion/webhooks/{hook.pk}/envios/{delivery.pk}/"
    assert f'href="{there}"' in text_of(desk.visitor.get(at(document)))
    assert desk.visitor.get(there).status_code == 200


def test_hostile_words_in_every_field_are_only_text(user: User) -> None:
    furnish(user, hostile=True)
    visitor = Visitor(user)
    script = "<script>alert"
    for document in Document.objects.filter(user=user, environment=SANDBOX):
        changed = {"external_id": f"{document.pk}{HOSTILE}"[:128], "sii_words": HOSTILE}
        own = {"json_param": {HOSTILE: [HOSTILE]}, "additional_info": HOSTILE}
        named = {"dte_type_code": HOSTILE[:8], "reference_folio": HOSTILE[:18], "reference_reason": HOSTILE}
        reference = {"references": [named | {"reference_date": "2026-03-01"}]}
        Document.objects.filter(pk=document.pk).update(
            request=document.request | own | reference, filled={HOSTILE: HOSTILE}, **changed
        )
        DocumentState.objects.create(
            document=document, at=timezone.now(), code="x", description=HOSTILE, actor=HOSTILE[:60],
            evidence={HOSTILE: HOSTILE},
        )  # fmt: skip
        for screen in ("one", "issued", "not-issued"):
            text = text_of(visitor.get(at(document, screen)))
            assert script not in text
            assert "{{7*7}}" in text or screen != "one"
            assert "<img src=x" not in text
