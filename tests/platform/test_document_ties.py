"""What a document is tied to: references, defaults, deliveries; and hostile words in all of it."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from desks import HOSTILE, SANDBOX, Desk, at, desk, said
from enrolled import enrol
from furnished import furnish
from offices import enrolled, factura, folios, office
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.issuing.models import Document, DocumentState, Reference
from timbre.webhooks.models import Delivery, Event, Webhook
from visiting import Visitor, text_of

__all__ = ["desk", "enrolled", "folios", "office"]


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
