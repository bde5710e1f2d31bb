"""One company: all that is known of it, asked again, and retired."""

import pytest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calling import make_credential
from company_pages import (
    ENROL,
    HOSTILE,
    LIST,
    ana,
    button_of,
    captured,
    credential,
    page_of,
    queries_of,
    visitor,
)
from offices import Office, folios, office
from timbre.accounts.scope import Scope
from timbre.enrolling import enroll
from timbre.sii.gateway import Actividad, Contribuyente, Direccion
from timbre.taxpayers import lookups
from timbre.taxpayers.models import Activity, Address, Company, Credential, MasterEntity
from timbre.webhooks.models import Webhook
from visiting import MOST_QUERIES, Visitor, text_of

__all__ = ["ana", "captured", "credential", "folios", "office", "visitor"]


def test_a_company_tells_everything_in_a_dozen_queries(
    visitor: Visitor, company: Company, scope: Scope, captured: CaptureQueriesContext
) -> None:
    known = Contribuyente(
        company.entity.rut,
        "ÑANDÚ",
        tuple(Direccion(f"CALLE {n}", "ÑUÑOA", "", "") for n in range(5)),
        tuple(Actividad(f"10710{n}", "PAN") for n in range(5)),
    )
    lookups.remember("sandbox", company.entity.rut, known, timezone.now())
    for person in ("12345678-5", "11111111-1", "22222222-2"):
        enroll.change(
            make_credential(company, person), clave="otra", certificate_password=None, now=timezone.now()
        )
    for number in range(3):
        Webhook.objects.create(
            user_id=scope.user_id,
            environment="sandbox",
            company=company,
            url=f"https://a.cl/{number}",
            created_at=timezone.now(),
        )
    assert queries_of(visitor, page_of(company), captured) <= MOST_QUERIES
    shown = text_of(visitor.get(page_of(company)))
    webhook = Webhook.objects.first()
    assert webhook is not None
    assert f'href="/sandbox/webhooks/{webhook.pk}/"' in shown
    assert f'href="/sandbox/webhooks/nuevo/?empresa={company.pk}"' in shown
    assert f'href="/sandbox/documentos/?empresa={company.pk}"' in shown


def test_hostile_names_stay_text(visitor: Visitor, company: Company, credential: Credential) -> None:
    MasterEntity.objects.update(name=HOSTILE)
    Address.objects.create(entity=company.entity, position=0, direccion=HOSTILE, comuna=HOSTILE)
    Activity.objects.create(entity=company.entity, position=0, codigo="107100", glosa=HOSTILE)
    Company.objects.update(email=HOSTILE[:80], phone="'\"><b>")
    for path in (
        LIST,
        page_of(company),
        page_of(company) + "valores/",
        page_of(company) + "logo/cambiar/",
        page_of(company) + "retirar/",
        button_of(credential),
        button_of(credential, "quitar/"),
        f"{ENROL}?rut={company.entity.rut}",
    ):
        shown = text_of(visitor.get(path))
        assert "<script>alert" not in shown, path
        assert "&lt;script&gt;alert(1)&lt;/script&gt;&#x27;{{7*7}}" in shown, path


def test_the_sii_is_asked_again_what_it_has_on_file(
    ana: Visitor, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.enroll()
    company = Company.within(office.scope).get()
    MasterEntity.objects.update(name="ANTES")

    def work_meanwhile(_: float) -> None:
        office.work()

    monkeypatch.setattr(lookups.time, "sleep", work_meanwhile)
    ana.post(page_of(company) + "preguntar/", page=page_of(company))
    shown = text_of(ana.get(page_of(company)))
    assert "El SII respondió" in shown
    assert "COMERCIAL ÑANDÚ SPA" in shown


def test_without_a_login_there_is_nobody_to_ask_with(visitor: Visitor, company: Company) -> None:
    assert "Preguntar al SII ahora" not in text_of(visitor.get(page_of(company)))
    visitor.post(page_of(company) + "preguntar/", page=page_of(company) + "retirar/")
    assert "Sin una credencial vigente" in text_of(visitor.get(page_of(company)))


def test_a_company_is_retired_once_confirmed_and_stays_to_be_seen(
    visitor: Visitor, credential: Credential
) -> None:
    company = credential.company
    path = page_of(company) + "retirar/"
    asked = text_of(visitor.get(path))
    assert "¿Retirar Panadería Ñandú SpA?" in asked
    assert "Sus documentos, sus archivos y sus webhooks se quedan" in asked
    assert visitor.post(path)["Location"] == LIST
    credential.refresh_from_db()
    assert credential.clave == ""
    assert "fue retirada" in text_of(visitor.get(LIST))
    assert "Panadería" not in text_of(visitor.get(LIST))
    assert "Panadería" in text_of(visitor.get(LIST, retiradas="1"))
    shown = text_of(visitor.get(page_of(company)))
    assert "Retirada el" in shown
    assert f"{ENROL}?rut=76543210-3" in shown
    for gone in ("valores/", "logo/cambiar/"):
        assert visitor.get(page_of(company) + gone).status_code == 404
    assert visitor.post(path, page=path).status_code == 404
