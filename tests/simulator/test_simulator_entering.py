from datetime import datetime, timedelta
from pathlib import Path

import pytest
from portal_client import COMPANY, PERSON, PORTAL, Portal, alert_of
from werkzeug.test import Client

from serving import Served, serve_simulator
from timbre.simulator import alerts
from timbre.simulator.app import CHILE, create_app
from timbre.simulator.taxpayers import COMPANIES, NOT_REPRESENTED, UNKNOWN


def test_any_person_logs_in_and_gets_the_cookies_of_sii_cl(sii: Served) -> None:
    with Portal(sii.origin) as portal:
        answer = portal.log_in()
        assert 'location.replace("https://misiir.sii.cl/cgi_misii/siihome.cgi")' in answer.text
        assert portal.cookies["RUT_NS"] == "15111222"
        assert portal.cookies["DV_NS"] == "6"
        assert {
            "TOKEN",
            "CSESSIONID",
            "NETSCAPE_LIVEWIRE.rut",
            "NETSCAPE_LIVEWIRE.locexp",
        } <= portal.cookies.keys()
        assert '"rut": "15111222"' in portal.get("/cgi_misii/siihome.cgi").text


@pytest.mark.parametrize(
    ("clave", "code"),
    [
        ("clave-mala", "20"),
        ("", "20"),
        ("clave-ultimos-intentos", "55"),
        ("clave-bloqueada", "09"),
        ("clave-sesiones", "27"),
    ],
)
def test_documented_claves_fail_with_their_support_code(sii: Served, clave: str, code: str) -> None:
    with Portal(sii.origin) as portal:
        answer = portal.log_in(clave)
        assert answer.status_code == 200
        assert f"CODIGO: 01.01.203.500.720.{code}" in answer.text
        assert portal.cookies == {}


def test_a_wrong_check_digit_is_a_wrong_login(sii: Served) -> None:
    with Portal(sii.origin, person="15111222-7") as portal:
        assert "La Clave Tributaria ingresada no es correcta" in portal.log_in().text


def test_sessions_are_limited_and_logging_out_frees_one(tmp_path: Path) -> None:
    with serve_simulator(tmp_path, session_limit=2) as served:
        first, second, third = (Portal(served.origin) for _ in range(3))
        first.log_in()
        second.log_in()
        assert "720.27" in third.log_in().text
        first.log_out()
        third.log_in()
        assert third.cookies["TOKEN"]
        for portal in (first, second, third):
            portal.http.close()


def test_a_session_ends_after_two_hours(tmp_path: Path) -> None:
    times = [datetime(2026, 3, 14, 9, tzinfo=CHILE)]
    client = Client(create_app(tmp_path / "s.sqlite3", clock=lambda: times[-1]), use_cookies=False)
    body, dv = PERSON.split("-")
    answer = client.post("/cgi_AUT2000/CAutInicio.cgi", data={"rut": body, "dv": dv, "clave": "x"})
    cookies = dict(line.partition(";")[0].split("=", 1) for line in answer.headers.getlist("Set-Cookie"))
    headers = {"Cookie": f"TOKEN={cookies['TOKEN']}; CSESSIONID={cookies['CSESSIONID']}"}
    times.append(times[0] + timedelta(hours=1, minutes=59))
    assert b"fPrmEmpPOP" in client.get(f"{PORTAL}mipeSelEmpresa.cgi", headers=headers).data
    times.append(times[0] + timedelta(hours=2))
    assert b"720.29" in client.get(f"{PORTAL}mipeSelEmpresa.cgi", headers=headers).data


@pytest.mark.parametrize(
    "path", ["mipeSelEmpresa.cgi", "mipeGenFacEx.cgi?PTDC_CODIGO=33", "mipeAdminDocsEmi.cgi"]
)
def test_nothing_is_shown_without_a_session(sii: Served, path: str) -> None:
    with Portal(sii.origin) as portal:
        answer = portal.get(PORTAL + path)
        assert answer.status_code == 200
        assert "Usted no se encuentra autenticado" in answer.text
        assert "720.28" in answer.text


def test_a_session_needs_both_of_its_cookies(portal: Portal) -> None:
    portal.cookies["TOKEN"] = "0" * 32
    assert "720.28" in portal.get(f"{PORTAL}mipeSelEmpresa.cgi").text


def test_logging_out_ends_the_session(portal: Portal) -> None:
    cookies = dict(portal.cookies)
    portal.log_out()
    portal.cookies = cookies
    assert "720.28" in portal.get(f"{PORTAL}mipeSelEmpresa.cgi").text


@pytest.mark.parametrize("path", ["mipeGenFacEx.cgi?PTDC_CODIGO=33", "mipeAdminDocsEmi.cgi", "auth.cgi"])
def test_every_page_asks_for_a_company_first(sii: Served, path: str) -> None:
    with Portal(sii.origin) as portal:
        portal.log_in()
        assert alert_of(portal.get(PORTAL + path)).startswith("Usted no ha seleccionado una Empresa")


def test_the_chooser_offers_every_documented_company_but_the_forbidden_one(portal: Portal) -> None:
    chooser = portal.get(f"{PORTAL}mipeSelEmpresa.cgi").text
    for company in COMPANIES:
        assert (f'<option value="{company.rut}">' in chooser) == (company.rut != NOT_REPRESENTED)


def test_a_company_asked_for_once_is_offered_from_then_on(portal: Portal) -> None:
    asked = "76543210-3"
    assert f'value="{asked}"' not in portal.get(f"{PORTAL}mipeSelEmpresa.cgi").text
    assert "/factura_sii/factura_sii.htm" in portal.choose(asked).text
    assert f'value="{asked}"' in portal.get(f"{PORTAL}mipeSelEmpresa.cgi").text


@pytest.mark.parametrize(
    ("rut", "alert"),
    [
        (NOT_REPRESENTED, alerts.EMPRESA_NO_AUTORIZADA),
        (min(UNKNOWN), alerts.EMPRESA_NO_AUTORIZADA),
        ("76543210-4", alerts.RUT_EMPRESA_INCORRECTO),
        ("", alerts.RUT_EMPRESA_INCORRECTO),
    ],
)
def test_a_refused_company_leaves_the_chosen_one(portal: Portal, rut: str, alert: str) -> None:
    assert alert_of(portal.choose(rut)) == alert
    assert f"Rut {COMPANY}" in portal.get(f"{PORTAL}mipeGenFacEx.cgi", PTDC_CODIGO="33").text


def test_two_sessions_of_a_person_act_for_different_companies(sii: Served, portal: Portal) -> None:
    with Portal(sii.origin) as other:
        other.enter("39003003-7")
        assert "Rut 39003003-7" in other.get(f"{PORTAL}mipeGenFacEx.cgi", PTDC_CODIGO="33").text
        assert f"Rut {COMPANY}" in portal.get(f"{PORTAL}mipeGenFacEx.cgi", PTDC_CODIGO="33").text
