"""Companies: enrolled, looked after, narrowed to their owner, and retired, through the screens alone."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calling import make_credential
from enrolled import enrol
from offices import EMISOR, PERSON, Office, folios, office
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.dte.rut import check_digit
from timbre.enrolling import enroll
from timbre.sii.gateway import Actividad, Contribuyente, Direccion
from timbre.taxpayers import lookups
from timbre.taxpayers.models import Activity, Address, Company, Credential, MasterEntity
from timbre.webhooks.models import Webhook
from timbre.work.models import Lane
from visiting import MOST_QUERIES, Visitor, text_of

__all__ = ["folios", "office"]

LIST, ENROL = "/sandbox/empresas/", "/sandbox/empresas/enrolar/"
HOSTILE = "\"><script>alert(1)</script>'{{7*7}}"
SECRETS = {"clave": "clave-mala", "certificate_password": "certificada"}


@pytest.fixture
def visitor(user: User) -> Visitor:
    return Visitor(user)


@pytest.fixture
def ana(office: Office) -> Visitor:
    """The visitor whose SII is the simulated one."""
    return Visitor(User.objects.get(pk=office.scope.user_id))


@pytest.fixture
def credential(company: Company) -> Credential:
    return make_credential(company)


@pytest.fixture
def stranger(db: None) -> Visitor:
    return Visitor(User.objects.named("extrana@example.com"))


def page_of(company: Company, *, environment: str = "sandbox") -> str:
    return f"/{environment}/empresas/{company.pk}/"


def button_of(credential: Credential, what: str = "", environment: str = "sandbox") -> str:
    return f"/{environment}/empresas/credenciales/{credential.pk}/{what}"


def queries_of(visitor: Visitor, path: str, captured: Any, **query: Any) -> int:
    with captured as asked:
        assert visitor.get(path, **query).status_code == 200
    return len(asked)


@pytest.fixture
def captured(db: None) -> CaptureQueriesContext:
    return CaptureQueriesContext(connection)


# The list


def test_without_companies_the_list_leads_to_enrolling(visitor: Visitor) -> None:
    shown = text_of(visitor.get(LIST))
    assert "necesitas su RUT y el acceso al SII" in shown
    assert f'href="{ENROL}"' in shown


def test_the_list_tells_how_each_company_stands(visitor: Visitor, scope: Scope) -> None:
    words = {"VALID": "Vigente", "PENDING": "Probándose", "INVALID": "Rechazada", "": "Sin credencial"}
    for number, status in enumerate(words):
        company = enrol(
            scope, f"{39_100_000 + number}-{check_digit(39_100_000 + number)}", f"Empresa {status}"
        )
        if status:
            make_credential(company)
            Credential.objects.filter(company=company).update(status=status)
    Webhook.objects.create(
        user_id=scope.user_id,
        environment="sandbox",
        company=company,
        url="https://a.cl/",
        created_at=timezone.now(),
    )
    shown = text_of(visitor.get(LIST))
    rows = re.findall(r"<tr>(.*?)</tr>", shown, re.DOTALL)[1:]
    assert [word in row for word, row in zip(words.values(), sorted(rows, key=_order), strict=True)] == [
        True
    ] * 4
    assert "39.100.000\u2011" in shown
    assert '<td class="amount">1</td>' in shown


def _order(row: str) -> int:
    return ["Empresa VALID", "Empresa PENDING", "Empresa INVALID", "Empresa <"].index(
        re.search(r"Empresa (?:VALID|PENDING|INVALID|<)", row).group(0)  # type: ignore[union-attr]
    )


def test_thirty_companies_with_three_credentials_cost_no_more_than_one(
    visitor: Visitor, scope: Scope, captured: CaptureQueriesContext
) -> None:
    for number in range(39_100_000, 39_100_030):
        company = enrol(scope, f"{number}-{check_digit(number)}", f"Empresa {number}")
        for person in ("12345678-5", "11111111-1", "22222222-2"):
            make_credential(company, person)
    assert queries_of(visitor, LIST, captured) <= MOST_QUERIES
    assert text_of(visitor.get(LIST)).count("Vigente") == 30


@pytest.mark.parametrize("text", ["ñandu", "NANDÚ", "76.543", "76543210-3", "panaderia  ñ"])
def test_a_company_is_found_by_a_piece_of_its_name_or_the_beginning_of_its_rut(
    visitor: Visitor, scope: Scope, company: Company, text: str
) -> None:
    enrol(scope, "39001001-K", "Molino El Roble")
    shown = text_of(visitor.get(LIST, buscar=text))
    table = shown[shown.index("<table") :]
    assert "Ñandú" in table
    assert "Molino" not in table


def test_what_is_not_found_says_so_and_keeps_the_text(visitor: Visitor, company: Company) -> None:
    shown = text_of(visitor.get(LIST, buscar=HOSTILE))
    assert "Ninguna empresa tiene ese nombre o RUT" in shown
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


def test_long_lists_have_pages(visitor: Visitor, scope: Scope) -> None:
    for number in range(39_100_000, 39_100_051):
        enrol(scope, f"{number}-{check_digit(number)}", f"Empresa {number}")
    assert "51 empresas" in text_of(visitor.get(LIST))
    assert "Empresa 39100050" in text_of(visitor.get(LIST, pagina="2"))


# Enrolling


def test_a_wrong_rut_is_told_beside_its_field_and_kept(visitor: Visitor) -> None:
    shown = text_of(visitor.get(ENROL, rut="76.543.210-9"))
    assert "Hay 1 dato que corregir" in shown
    assert 'value="76.543.210-9"' in shown
    assert 'class="fault"' in shown
    shown = text_of(visitor.get(ENROL, rut=HOSTILE))
    assert "<script>alert" not in shown


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


# Credentials


def test_another_credential_is_chosen_to_issue_with(visitor: Visitor, credential: Credential) -> None:
    company = credential.company
    enroll.make_default(credential, now=timezone.now())
    other = make_credential(company, "11111111-1")
    shown = text_of(visitor.get(page_of(company)))
    assert shown.count("Con esta se emite") == 1
    assert button_of(other, "usar/") in shown
    assert button_of(credential, "usar/") not in shown
    visitor.post(button_of(other, "usar/"), page=page_of(company))
    other.refresh_from_db()
    assert other.is_default
    assert "La empresa emite ahora con la credencial de 11.111.111-1" in text_of(
        visitor.get(page_of(company))
    )


def test_a_new_clave_is_kept_and_tried(visitor: Visitor, credential: Credential) -> None:
    path = button_of(credential)
    nothing = text_of(visitor.post(path, {}))
    assert "Escribe al menos una" in nothing
    response = visitor.post(path, {"clave": "la-nueva-unica"})
    assert response["Location"] == page_of(credential.company)
    credential.refresh_from_db()
    assert credential.status == "PENDING"
    assert (credential.login().clave, credential.login().certificate_password) == (
        "la-nueva-unica",
        "certificada",
    )
    for path in (button_of(credential), page_of(credential.company), LIST):
        assert "unica" not in text_of(visitor.get(path))


def test_a_credential_is_tried_again_as_it_is(visitor: Visitor, credential: Credential) -> None:
    Credential.objects.update(status="INVALID", reason="certificate_missing")
    page = page_of(credential.company)
    assert "no tiene un certificado digital centralizado" in text_of(visitor.get(page))
    visitor.post(button_of(credential, "probar/"), page=page)
    credential.refresh_from_db()
    assert (credential.status, credential.reason) == ("PENDING", "")


def test_a_kept_clave_that_no_longer_opens_asks_for_a_new_one(
    visitor: Visitor, credential: Credential
) -> None:
    Credential.objects.update(clave="dañada", status="INVALID", reason="login_refused")
    page = page_of(credential.company)
    visitor.post(button_of(credential, "probar/"), page=page)
    assert "Timbre ya no puede leer la clave guardada" in text_of(visitor.get(page))


def test_a_locked_person_is_told_why_nothing_happens(visitor: Visitor, credential: Credential) -> None:
    Lane.objects.update(
        closed_until=timezone.now() + timezone.timedelta(hours=1), closed_reason="credential_locked"
    )
    page = page_of(credential.company)
    assert "tiene bloqueada a esta persona" in text_of(visitor.get(page))
    visitor.post(button_of(credential, "probar/"), page=page)
    assert 'class="error"' in text_of(visitor.get(page))


def test_a_credential_is_removed_once_confirmed(visitor: Visitor, credential: Credential) -> None:
    path = button_of(credential, "quitar/")
    assert "¿Quitar la credencial de 12.345.678-5?" in text_of(visitor.get(path))
    credential.refresh_from_db()
    assert credential.deactivated_at is None
    visitor.post(path)
    credential.refresh_from_db()
    assert (credential.clave, credential.certificate_password) == ("", "")
    assert visitor.get(button_of(credential)).status_code == 404


# The company


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


# Whose they are


def test_a_stranger_and_the_other_environment_get_nothing(
    stranger: Visitor, visitor: Visitor, credential: Credential
) -> None:
    company = credential.company
    rooms = ["", "resultado/", "retirar/", "valores/", "logo/", "logo/cambiar/", "logo/quitar/"]
    forms = {stranger.user: ENROL + "?rut=39002002-3", visitor.user: page_of(company) + "retirar/"}
    for who, environment in ((stranger, "sandbox"), (visitor, "produccion")):
        paths = [page_of(company, environment=environment) + room for room in rooms]
        paths += [button_of(credential, room, environment) for room in ("", "quitar/")]
        for path in paths:
            shown = who.get(path)
            assert shown.status_code == 404, path
            assert "Ñandú" not in text_of(shown)
        posts = [page_of(company, environment=environment) + "preguntar/", *paths]
        posts += [button_of(credential, room, environment) for room in ("usar/", "probar/")]
        for path in posts:
            assert who.post(path, page=forms[who.user]).status_code in {404, 405}, path
        assert "Ñandú" not in text_of(who.get(f"/{environment}/empresas/"))
    credential.refresh_from_db()
    company.refresh_from_db()
    assert (credential.status, credential.deactivated_at, company.unenrolled_at) == ("VALID", None, None)


def test_buttons_take_no_get(visitor: Visitor, credential: Credential) -> None:
    for path in (button_of(credential, "usar/"), button_of(credential, "probar/")):
        assert visitor.get(path).status_code == 405
    assert visitor.get(page_of(credential.company) + "preguntar/").status_code == 405
