"""The control API and the magic values: scenarios without a header."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from portal_client import COMPANY, PERSON, PORTAL, Portal, alert_of, invoice

from serving import Served, serve_simulator
from timbre.dte.rut import check_digit
from timbre.simulator import alerts
from timbre.simulator.scenarios import CATALOGUE
from timbre.simulator.taxpayers import find_taxpayer

LIST = f"{PORTAL}mipeAdminDocsEmi.cgi"
OTHER_PERSON, OTHER_COMPANY = "12345678-5", "39003003-7"


def tell(sii: Served, **order: Any) -> httpx.Response:
    return httpx.post(f"{sii.origin}/_simulator/scenarios/", json=order)


def in_force(sii: Served) -> list[dict[str, Any]]:
    orders: list[dict[str, Any]] = httpx.get(f"{sii.origin}/_simulator/scenarios/").json()["scenarios"]
    return orders


def test_an_order_strikes_as_often_as_it_says_and_is_then_no_longer_in_force(
    sii: Served, portal: Portal
) -> None:
    told = tell(sii, scenario="outage", times=2)
    assert (told.status_code, told.json()["scenario"], told.json()["struck"]) == (201, "outage", 0)
    assert portal.get(LIST).status_code == 503
    assert [(each["times"], each["struck"]) for each in in_force(sii)] == [(2, 1)]
    assert [portal.get(LIST).status_code for _ in range(2)] == [503, 200]
    assert in_force(sii) == []


def test_an_order_without_end_holds_until_it_is_cleared(sii: Served, portal: Portal) -> None:
    tell(sii, scenario="outage", times=None)
    assert {portal.get(LIST).status_code for _ in range(10)} == {503}
    assert httpx.delete(f"{sii.origin}/_simulator/scenarios/").status_code == 204
    assert portal.get(LIST).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "other"),
    [
        ({"company": COMPANY}, {"company": OTHER_COMPANY}),
        ({"person": PERSON}, {"person": OTHER_PERSON}),
        ({"receiver": "39.002.002-3"}, {"receiver": "39003003-7"}),
    ],
    ids=["company", "person", "receiver"],
)
def test_an_order_strikes_only_whom_it_names(
    sii: Served, portal: Portal, wanted: dict[str, str], other: dict[str, str]
) -> None:
    tell(sii, scenario="refusal", times=1, **other)
    assert "PreViewDTE" in portal.preview(invoice()).text
    tell(sii, scenario="refusal", times=1, **wanted)
    assert alert_of(portal.preview(invoice())) == alerts.RECHAZADO


def test_an_order_strikes_at_the_step_it_names(sii: Served, portal: Portal) -> None:
    tell(sii, scenario="cut_after", step="choose_company")
    assert portal.get(LIST).status_code == 200
    with pytest.raises(httpx.RemoteProtocolError):
        portal.choose(OTHER_COMPANY)
    assert OTHER_COMPANY in portal.get(f"{PORTAL}mipeGenFacEx.cgi", PTDC_CODIGO="33").text


def test_a_slow_answer_comes_after_its_seconds(sii: Served, portal: Portal) -> None:
    tell(sii, scenario="slow", step="list", seconds=0.3)
    assert [portal.get(LIST).elapsed > timedelta(seconds=0.3) for _ in range(2)] == [True, False]


def test_folios_are_switched_at_run_time(sii: Served, portal: Portal) -> None:
    tell(sii, scenario="folios_signing", times=None)
    assert [portal.propose(invoice()).folio for _ in range(2)] == [1, 2]
    httpx.delete(f"{sii.origin}/_simulator/scenarios/")
    assert [portal.propose(invoice()).folio for _ in range(2)] == [1, 1]


def test_a_wrong_clave_of_one_person_is_told_at_the_next_log_in(sii: Served, portal: Portal) -> None:
    tell(sii, scenario="wrong_clave", person=PERSON)
    assert "no se encuentra autenticado" in portal.get(LIST).text
    with Portal(sii.origin, OTHER_PERSON) as other:
        assert "location.replace" in other.log_in().text
    assert "clave-" not in portal.log_in().text
    assert "location.replace" in portal.log_in().text


@pytest.mark.parametrize(
    ("order", "param"),
    [
        ({}, "scenario"),
        ({"scenario": "earthquake"}, "scenario"),
        ({"scenario": ["outage"]}, "scenario"),
        ({"scenario": "outage", "step": "nowhere"}, "step"),
        ({"scenario": "duplicate_answer", "step": "preview"}, "step"),
        ({"scenario": "outage", "company": "39001001-1"}, "company"),
        ({"scenario": "outage", "person": 5}, "person"),
        ({"scenario": "outage", "receiver": ""}, "receiver"),
        ({"scenario": "outage", "times": 0}, "times"),
        ({"scenario": "outage", "times": True}, "times"),
        ({"scenario": "outage", "seconds": 3}, "seconds"),
        ({"scenario": "slow", "seconds": 301}, "seconds"),
        ({"scenario": "slow", "seconds": -1}, "seconds"),
        ({"scenario": "outage", "often": 1}, "often"),
    ],
)
def test_an_order_that_makes_no_sense_is_told_why(sii: Served, order: dict[str, Any], param: str) -> None:
    refused = tell(sii, **order)
    assert refused.status_code == 400
    assert refused.json()["error"]["param"] == param
    assert in_force(sii) == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"[1]", "application/json"),
        (b"{", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"\xff", "application/json"),
        (b'{"scenario": "outage"}', "text/plain"),
        (b"", "application/json"),
    ],
    ids=["list", "broken", "deep", "bytes", "plain", "empty"],
)
def test_a_body_that_is_no_json_object_is_told_so(sii: Served, body: bytes, kind: str) -> None:
    url = f"{sii.origin}/_simulator/scenarios/"
    refused = httpx.post(url, content=body, headers={"Content-Type": kind})
    assert (refused.status_code, "JSON" in refused.json()["error"]["message"]) == (400, True)


def test_other_addresses_and_verbs_are_refused(sii: Served) -> None:
    assert httpx.get(f"{sii.origin}/_simulator/nothing/").status_code == 404
    refused = httpx.put(f"{sii.origin}/_simulator/scenarios/", json={})
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, POST, DELETE")


@pytest.mark.parametrize("offset", ["1", None, True, 1e12])
def test_a_clock_is_set_in_seconds(sii: Served, offset: Any) -> None:
    refused = httpx.post(f"{sii.origin}/_simulator/clock/", json={"offset": offset})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "offset")


def test_the_clock_dates_sessions_documents_cafs_and_forms(sii: Served, portal: Portal) -> None:
    """Eight days ahead: what was open has ended, and everything new bears the new day."""
    assert httpx.post(f"{sii.origin}/_simulator/clock/", json={"offset": 8 * 86_400}).status_code == 200
    told = httpx.get(f"{sii.origin}/_simulator/clock/").json()
    day = told["now"][:10]
    assert "720.29" in portal.get(LIST).text
    portal.enter()
    assert f'value="{day}"' in portal.get(f"{PORTAL}mipeGenFacEx.cgi", PTDC_CODIGO="33").text
    text = portal.propose(invoice()).text
    assert f"<TmstFirma>{day}" in text
    assert f"<FA>{day}</FA>" in text


def test_what_was_told_survives_a_restart(tmp_path: Path) -> None:
    with serve_simulator(tmp_path) as sii, Portal(sii.origin) as portal:
        tell(sii, scenario="outage", step="list", times=3)
        httpx.post(f"{sii.origin}/_simulator/clock/", json={"offset": 60})
        portal.enter()
        assert portal.get(LIST).status_code == 503
    with serve_simulator(tmp_path) as again, Portal(again.origin) as portal:
        assert [(each["times"], each["struck"]) for each in in_force(again)] == [(3, 1)]
        assert httpx.get(f"{again.origin}/_simulator/clock/").json()["offset"] == 60
        portal.enter()
        assert [portal.get(LIST).status_code for _ in range(3)] == [503, 503, 200]


# -- magic values


def magic(number: int) -> dict[str, str]:
    """A right invoice for the receiver whose RUT has that body."""
    receiver = find_taxpayer(f"{number}-{check_digit(number)}")
    assert receiver
    return invoice(
        EFXP_RUT_RECEP=str(number),
        EFXP_DV_RECEP=receiver.rut[-1],
        EFXP_RZN_SOC_RECEP=receiver.razon_social,
        EFXP_DIR_RECEP=receiver.addresses[0].direccion,
        EFXP_CMNA_RECEP=receiver.addresses[0].comuna,
        EFXP_GIRO_RECEP=receiver.activities[0].glosa[:40].rstrip(),
    )


def test_a_magic_receiver_asks_for_its_scenario(sii: Served, portal: Portal) -> None:
    number = CATALOGUE["refusal"].number
    assert number
    assert alert_of(portal.preview(magic(number))) == alerts.RECHAZADO
    assert "EXITOSAMENTE" in portal.issue(invoice()).text


@pytest.mark.parametrize(("name", "issued"), [("cut_before", 0), ("lost_answer", 1)])
def test_a_magic_receiver_strikes_the_same_document_once(
    sii: Served, portal: Portal, name: str, issued: int
) -> None:
    form = magic(CATALOGUE[name].number or 0)
    page = portal.propose(form)
    signed = portal.sign(page.text).text
    with pytest.raises(httpx.RemoteProtocolError):
        portal.send(page, signed)
    assert len(sii.store.issued()) == issued
    portal.send(page, signed)
    assert len(sii.store.issued()) == 1


def test_a_magic_price_asks_for_its_scenario_too(portal: Portal) -> None:
    price = CATALOGUE["tampered_preview"].number or 0
    form = invoice(
        EFXP_PRC_01=str(price),
        EFXP_SUBT_01=str(price),
        EFXP_SUBTOTAL=str(price + 499),
        EFXP_MNT_NETO=str(price + 499),
    )
    neto = price + 499
    iva = (neto * 19 + 50) // 100
    shown = portal.preview(form | {"EFXP_IVA": str(iva), "EFXP_MNT_TOTAL": str(neto + iva)}).text
    assert "Otra cosa que nadie pidio" in shown


def test_a_price_of_ten_thousand_digits_is_no_magic(portal: Portal) -> None:
    number = CATALOGUE["refusal"].number
    form = invoice(EFXP_PRC_01="9" * 10_000, EFXP_PRC_02=str(number))
    assert alert_of(portal.preview(form)) == alerts.RECHAZADO


def test_a_magic_pdf_is_a_page_the_first_time(sii: Served, portal: Portal) -> None:
    form = magic(CATALOGUE["html_instead"].number or 0)
    page = portal.propose(form)
    assert "<html>" in portal.sign(page.text).text
    portal.send(page, portal.sign(page.text).text)
    query = {"DHDR_CODIGO": str(sii.store.issued()[0].codigo)}
    pages = [portal.get(f"{PORTAL}mipeDisplayPDF.cgi", **query).content[:4] for _ in range(2)]
    assert pages[0] != pages[1] == b"%PDF"


def test_magic_numbers_are_few_and_each_its_own() -> None:
    numbers = [each.number for each in CATALOGUE.values() if each.number]
    assert len(set(numbers)) == len(numbers) == 17
    assert all(str(number).startswith("39091") for number in numbers)
