"""What the simulator does under each scenario, seen over HTTP, by the header that names it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import pytest
from forms import TOTALS, form
from portal_client import PERSON, PORTAL, Portal, alert_of, invoice, read_hidden

from serving import Served
from timbre.simulator import alerts
from timbre.simulator.app import CHILE
from timbre.simulator.effects import OTHER_ITEM
from timbre.simulator.entering import FAILURES
from timbre.simulator.scenarios import CATALOGUE, STEPS

LIST, BACKUP = f"{PORTAL}mipeAdminDocsEmi.cgi", f"{PORTAL}download.cgi"
QUERY = {"RUT_EMP": "39001001", "DV_EMP": "K", "TPO_DOC": "33", "ORIGEN": "ENV", "DOWNLOAD": "XML"}


class Told(Portal):
    """A person whose every request names a scenario, and one document."""

    def under(self, scenario: str, document: str = "docu_1") -> "Told":
        self.told = f"{scenario} {document}"
        return self

    def _headers(self) -> dict[str, str]:
        told = getattr(self, "told", "")
        return super()._headers() | ({"X-Timbre-Scenario": told} if told else {})


@pytest.fixture
def told(sii: Served) -> Iterator[Told]:
    with Told(sii.origin) as told:
        yield told.enter()


def signed(portal: Portal) -> tuple[object, str]:
    page = portal.propose(invoice())
    return page, portal.sign(page.text).text


def test_a_refusal_is_an_alert_at_the_preview_each_time(sii: Served, told: Told) -> None:
    told.under("refusal")
    assert [alert_of(told.preview(invoice())) for _ in range(2)] == [alerts.RECHAZADO] * 2
    assert sii.store.issued() == []


def test_an_objection_is_shown_in_list_and_document_only_later(sii: Served, told: Told) -> None:
    told.under("objection").issue(invoice())
    (issued,) = sii.store.issued()
    page = {"CODIGO": str(issued.codigo)}
    assert "<td>Documento Emitido</td>" in told.get(LIST).text
    assert "<td>Documento Emitido\n" in told.get(f"{PORTAL}mipeGesDocEmi.cgi", **page).text
    httpx.post(f"{sii.origin}/_simulator/clock/", json={"offset": 6})
    assert "<td>Documento con Reparos</td>" in told.get(LIST).text
    assert "<td>Documento con Reparos\n" in told.get(f"{PORTAL}mipeGesDocEmi.cgi", **page).text


def test_an_outage_lasts_for_three_requests_of_a_document(told: Told) -> None:
    told.under("outage")
    statuses = [told.get(f"{PORTAL}mipeGenFacEx.cgi", PTDC_CODIGO="33").status_code for _ in range(4)]
    assert statuses == [503, 503, 503, 200]
    assert told.under("outage", "docu_2").get(LIST).status_code == 503


def test_html_comes_once_instead_of_signature_pdf_and_backup(sii: Served, told: Told) -> None:
    page = told.propose(invoice())
    told.under("html_instead")
    assert "<html>" in told.sign(page.text).text
    told.send(page, told.sign(page.text).text)
    pdf = {"DHDR_CODIGO": str(sii.store.issued()[0].codigo)}
    for path, query, magic in ((f"{PORTAL}mipeDisplayPDF.cgi", pdf, "%PDF"), (BACKUP, QUERY, "<?xml")):
        assert "<html>" in told.get(path, **query).text
        assert told.get(path, **query).content.decode("latin-1").startswith(magic)


@pytest.mark.parametrize(("scenario", "issued"), [("cut_before", 0), ("cut_after", 1), ("lost_answer", 1)])
def test_a_connection_is_really_cut_before_after_or_amid_the_answer(
    sii: Served, told: Told, scenario: str, issued: int
) -> None:
    page, text = signed(told)
    with pytest.raises(httpx.RemoteProtocolError) as cut:
        told.under(scenario).send(page, text)
    assert len(sii.store.issued()) == issued
    assert ("complete message body" in str(cut.value)) == (scenario == "lost_answer")
    again = told.send(page, text).text
    assert ("EXITOSAMENTE" in again) == (not issued)


def test_an_unknown_page_hides_what_the_sii_has_done(sii: Served, told: Told) -> None:
    page, text = signed(told)
    shown = told.under("unknown_page").send(page, text).text
    assert "Aviso a los contribuyentes" in shown
    assert "alert(" not in shown
    assert len(sii.store.issued()) == 1


def test_a_folio_is_called_used_although_it_was_issued_just_now(sii: Served, told: Told) -> None:
    page, text = signed(told)
    assert alert_of(told.under("duplicate_answer").send(page, text)) == alerts.FOLIO_YA_UTILIZADO
    assert len(sii.store.issued()) == 1


def test_a_session_reaches_its_two_hours(told: Told) -> None:
    assert "720.29" in told.under("expired_session").preview(invoice()).text
    told.enter()
    assert read_hidden(told.preview(invoice()).text, "PreViewDTE")


def test_a_captcha_comes_twice(told: Told) -> None:
    told.under("captcha")
    pages = [told.preview(invoice()).text for _ in range(3)]
    assert ["g-recaptcha" in page for page in pages] == [True, True, False]


def test_a_tampered_preview_shows_another_item(told: Told) -> None:
    told.under("tampered_preview")
    assert read_hidden(told.preview(invoice()).text, "PreViewDTE")["EFXP_NMB_01"] == OTHER_ITEM


def test_a_tampered_xml_is_one_that_the_sii_would_issue(sii: Served, told: Told) -> None:
    page = told.under("tampered_xml").propose(invoice())
    assert f"<NmbItem>{OTHER_ITEM}</NmbItem>" in page.text
    assert "EXITOSAMENTE" in told.send(page, told.sign(page.text).text).text
    assert OTHER_ITEM.encode() in sii.store.issued()[0].xml


@pytest.mark.parametrize("tipo", TOTALS)
def test_every_type_runs_into_its_scenarios(sii: Served, told: Told, tipo: int) -> None:
    fields = form(tipo)
    assert alert_of(told.under("refusal", "docu_1").preview(fields)) == alerts.RECHAZADO
    page = told.under("tampered_xml", "docu_2").propose(fields)
    assert f"<NmbItem>{OTHER_ITEM}</NmbItem>" in page.text
    with pytest.raises(httpx.HTTPError):
        told.under("cut_after", "docu_3").issue(fields)
    told.under("objection", "docu_4").issue(fields)
    later, issued = sii.store.issued()
    assert (issued.tipo, issued.folio, later.folio) == (tipo, 1, 2)
    assert issued.objected_at is None
    assert later.objected_at is not None


def test_folios_are_taken_as_the_document_says(told: Told) -> None:
    sending = [told.under("folios_sending").propose(invoice()).folio for _ in range(2)]
    signing = [told.under("folios_signing").propose(invoice()).folio for _ in range(2)]
    assert (sending, signing) == ([1, 1], [2, 3])


def test_a_skewed_clock_dates_what_is_built(told: Told) -> None:
    told.under("clock_skew").enter()
    dated = told.propose(invoice()).text.split("<TmstFirma>")[1][:10]
    assert dated == (datetime.now(CHILE) - timedelta(hours=26)).date().isoformat()


@pytest.mark.parametrize(
    ("scenario", "code"), [("wrong_clave", "20"), ("locked", "09"), ("session_limit", "27")]
)
def test_the_log_in_is_refused_once_after_the_session_was_lost(told: Told, scenario: str, code: str) -> None:
    told.under(scenario)
    assert FAILURES["28"] in told.get(LIST).text
    assert f"720.{code}" in told.log_in().text
    told.enter()
    assert 'id="tablaDatos"' in told.get(LIST).text


def test_a_company_or_a_certificate_is_missing_once(told: Told) -> None:
    told.under("company_not_authorised").get(LIST)
    told.log_in()
    assert alert_of(told.choose()) == alerts.EMPRESA_NO_AUTORIZADA
    body, dv = PERSON.split("-")
    told.under("no_certificate").get(LIST)
    told.enter()
    asked = [told.get(f"{PORTAL}getCertDigital.cgi", rut=body, dv=dv).json() for _ in range(2)]
    assert (asked[0], len(asked[1])) == ([], 1)


def test_nobody_else_runs_into_a_documents_scenario(told: Told, portal: Portal) -> None:
    page, text = signed(portal)
    told.under("cut_before", "docu_2").propose(invoice())
    assert "EXITOSAMENTE" in portal.send(page, text).text


def test_every_scenario_strikes_at_a_step_there_is() -> None:
    assert {step for each in CATALOGUE.values() for step in each.steps} <= STEPS.keys()


def test_what_the_sii_itself_refuses_is_no_occasion(sii: Served, told: Told) -> None:
    page, text = signed(told)
    told.under("lost_answer")
    assert alert_of(told.send(page, text, clave="certificado-malo")) == alerts.FIRMA_NO_RECONOCIDA
    with pytest.raises(httpx.RemoteProtocolError):
        told.send(page, text)
    assert len(sii.store.issued()) == 1
