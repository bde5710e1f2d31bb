"""A company is enrolled, by RUT and by the login of a person."""

import re

import pytest
from django.utils import timezone

from company_pages import ENROL, HOSTILE, ana, credential, page_of, visitor
from offices import EMISOR, PERSON, Office, folios, office
from timbre.accounts.scope import Scope
from timbre.sii.gateway import Actividad, Contribuyente, Direccion
from timbre.taxpayers import lookups
from timbre.taxpayers.models import Activity, Address, Company, Credential
from visiting import Visitor, text_of

__all__ = ["ana", "credential", "folios", "office", "visitor"]
SECRETS = {"clave": "clave-mala", "certificate_password": "certificada"}


def test_a_wrong_rut_is_told_beside_its_field_and_kept(visitor: Visitor) -> None:
    shown = text_of(visitor.get(ENROL, rut="76.543.210-9"))
    assert "Hay 1 dato que corregir" in shown
    assert 'value="76.543.210-9"' in shown
    assert 'class="fault"' in shown
    shown = text_of(visitor.get(ENROL, rut=HOSTILE))
    assert "<script>alert" not in shown


def test_a_rut_may_be_written_with_blanks(visitor: Visitor) -> None:
    assert "Paso 2 de 2" in text_of(visitor.get(ENROL, rut=" 39 001 001 - k "))


def test_the_first_company_is_enrolled_and_its_name_comes_with_the_log_in(
    ana: Visitor, office: Office
) -> None:
    step = text_of(ana.get(ENROL, rut="39.001.001-K"))
    assert "Por ahora solo sabemos el RUT" in step
    assert "cualquier clave" in step
    fields = {"person_rut": "12.345.678-5", "clave": "secreta-1", "certificate_password": "secreta-2"}
    response = ana.post(f"{ENROL}?rut={EMISOR}", fields)
    company = Company.within(office.scope).get()
    assert response["Location"] == page_of(company)
    pending = ana.get(page_of(company))
    assert "Probándose" in text_of(pending)
    assert 'aria-live="polite"' in text_of(pending)
    (live,) = re.findall(r'data-live="2" hx-get="([^"]+)" hx-trigger="live"', text_of(pending))
    assert ana.get(live).status_code == 204, "nothing new"
    office.work()
    known = text_of(ana.get(live))
    assert "Vigente" in known
    assert "COMERCIAL ÑANDÚ SPA" in known
    assert 'id="datos" hx-swap-oob="true"' in known
    assert '<h1 id="nombre" hx-swap-oob="true">COMERCIAL ÑANDÚ SPA' in known
    assert "data-live" not in known, "there is nothing more to wait for"
    whole = text_of(ana.get(page_of(company)))
    for id_ in (Address.objects.first(), Activity.objects.first()):
        assert id_ is not None
        assert id_.pk in whole


def test_with_a_login_the_second_step_shows_what_the_sii_knows(ana: Visitor, office: Office) -> None:
    office.enroll()
    lookups.remember(
        "sandbox",
        "39003003-7",
        Contribuyente(
            "39003003-7",
            f"TRANSPORTES {HOSTILE}",
            (Direccion(f"RUTA 5 {HOSTILE}", "PUERTO MONTT", "", ""),),
            (Actividad("492300", f"CARGA {HOSTILE}"),),
        ),
        timezone.now(),
    )
    shown = text_of(ana.get(ENROL, rut="39003003-7"))
    assert "TRANSPORTES" in shown
    assert "RUTA 5" in shown
    assert "492300" in shown
    assert "<script>alert" not in shown


def test_a_rut_the_sii_does_not_know_is_told_beside_the_field(ana: Visitor, office: Office) -> None:
    office.enroll()
    lookups.remember("sandbox", "39090001-5", None, timezone.now())
    shown = text_of(ana.get(ENROL, rut="39090001-5"))
    assert "El SII no conoce el RUT 39.090.001-5" in shown


def test_an_sii_that_does_not_answer_keeps_nobody_from_enrolling(
    visitor: Visitor, credential: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "PATIENCE", lookups.PATIENCE / 80)
    shown = text_of(visitor.get(ENROL, rut="39003003-7"))
    assert "El SII no respondió a tiempo. Puedes seguir" in shown
    assert 'name="clave"' in shown


def test_faults_of_a_login_keep_the_rut_and_never_the_claves(visitor: Visitor, scope: Scope) -> None:
    visitor.get(ENROL, rut=EMISOR)
    for person in ("12.345.678-9", HOSTILE):
        fields = {"person_rut": person, "clave": "s3creta-unica", "certificate_password": "0tra-unica"}
        shown = text_of(visitor.post(f"{ENROL}?rut={EMISOR}", fields))
        assert "Hay 1 dato que corregir" in shown
        assert "unica" not in shown
        assert "<script>alert" not in shown
    assert 'value="12.345.678-9"' in text_of(
        visitor.post(f"{ENROL}?rut={EMISOR}", fields | {"person_rut": "12.345.678-9"})
    )
    empty = text_of(visitor.post(f"{ENROL}?rut={EMISOR}", {"person_rut": PERSON}))
    assert "Hay 2 datos que corregir" in empty
    assert not Credential.within(scope).exists()


def test_a_clave_the_sii_refused_is_told_on_the_form_and_on_the_screen(ana: Visitor, office: Office) -> None:
    ana.get(ENROL, rut=EMISOR)
    ana.post(f"{ENROL}?rut={EMISOR}", {"person_rut": PERSON} | SECRETS)
    office.work()
    company = Company.within(office.scope).get()
    shown = text_of(ana.get(page_of(company)))
    assert "Rechazada" in shown
    assert "El SII rechazó la clave tributaria" in shown
    again = text_of(ana.post(f"{ENROL}?rut={EMISOR}", {"person_rut": PERSON} | SECRETS))
    assert re.search(r'id="id_clave_error">El SII rechazó la clave', again)


def test_posting_a_step_out_of_turn_leads_back_to_the_first(visitor: Visitor) -> None:
    fields = {"person_rut": PERSON} | SECRETS
    for query in ("", "?rut=nada", "?rut=39001001-K"):
        response = visitor.post(ENROL + query, fields, page="/sandbox/empresas/enrolar/?rut=39002002-3")
        assert (response.status_code, response["Location"]) == (302, ENROL)
    assert not Company.objects.exists()
