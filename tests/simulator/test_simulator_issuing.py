import re
from collections.abc import Iterator
from pathlib import Path

import cl_sii
import pytest
import xmlsec
from lxml import etree
from portal_client import COMPANY, PORTAL, Portal, SignPage, alert_of, invoice, read_hidden

from serving import Served, serve_simulator
from timbre.simulator import alerts
from timbre.simulator.store import FolioBehaviour

SCHEMA = Path(cl_sii.__file__).parent / "data/ref/factura_electronica/schemas-xml/DTE_v10.xsd"
TREE = etree.XMLSchema(etree.parse(str(SCHEMA)))
SII = "{http://www.sii.cl/SiiDte}"


@pytest.fixture
def page(portal: Portal) -> SignPage:
    return portal.propose(invoice())


@pytest.fixture
def signed(portal: Portal, page: SignPage) -> str:
    return portal.sign(page.text).text


@pytest.fixture
def colleague(sii: Served) -> Iterator[Portal]:
    with Portal(sii.origin, person="16222333-K") as portal:
        yield portal.enter()


@pytest.mark.parametrize("tipo", [33, 34])
def test_an_invoice_goes_the_whole_way(sii: Served, portal: Portal, tipo: int) -> None:
    page = portal.propose(invoice(tipo))
    certificates = portal.get(f"{PORTAL}getCertDigital.cgi", rut="15111222", dv="6")
    assert certificates.json()[0]["nombre"] == "1"
    signed = portal.sign(page.text).text
    assert sii.store.issued() == []
    sent = portal.send(page, signed)
    assert "DOCUMENTO TRIBUTARIO ELECTRÓNICO ENVIADO EXITOSAMENTE" in sent.text
    assert "N° 1" in sent.text
    assert f"Empresa: {COMPANY}" in sent.text
    (issued,) = sii.store.issued(COMPANY)
    assert f"mipeDisplayPDF.cgi?DHDR_CODIGO={issued.codigo}" in sent.text
    assert (issued.tipo, issued.folio, issued.fecha, issued.receiver) == (tipo, 1, "2026-11-20", "39002002-3")
    assert issued.total == (24275 if tipo == 33 else 20399)
    assert issued.xml == signed.encode("latin-1")
    assert issued.digest in signed


@pytest.mark.parametrize("tipo", [33, 34])
def test_what_is_issued_is_valid_and_verifies_cut_out_of_everything(portal: Portal, tipo: int) -> None:
    signed = portal.sign(portal.propose(invoice(tipo)).text).text
    dte = etree.fromstring(signed.encode("latin-1"))
    TREE.assertValid(dte)
    xmlsec.tree.add_ids(dte, ["ID"])
    node = xmlsec.tree.find_node(dte, xmlsec.constants.NodeSignature)
    verifier = xmlsec.SignatureContext()
    verifier.key = _key_of(node)
    verifier.verify(node)


def _key_of(signature: etree._Element) -> xmlsec.Key:
    certificate = signature.findtext(".//{*}X509Certificate")
    pem = f"-----BEGIN CERTIFICATE-----\n{certificate.strip()}\n-----END CERTIFICATE-----\n"
    return xmlsec.Key.from_memory(pem.encode(), xmlsec.constants.KeyDataFormatCertPem)


def test_the_portals_text_has_the_portals_shape(page: SignPage) -> None:
    assert page.text.startswith(
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<DTE xmlns="http://www.sii.cl/SiiDte"'
    )
    assert re.search(r"<!-- .* central VERSION: v\d+ -->\n<Documento ID=\"MiPE39001001-1\">", page.text)
    assert "<TasaIVA>19.00</TasaIVA>" in page.text
    assert "<QtyItem>1.00</QtyItem>" in page.text
    assert "<PrcItem>221.80</PrcItem><DescuentoPct>10.00</DescuentoPct><DescuentoMonto>56<" in page.text
    assert "<NmbItem>Asesoría &lt;año&gt; &amp; más</NmbItem>" in page.text
    assert "<RSR>PANADERIA PENA HIJOS LIMITADA (SANDBOX)</RSR>" in page.text
    assert "<IT1>Asesoria ano mas</IT1>" in page.text
    assert "<IDK>999</IDK>" in page.text
    assert f"<TmstFirma>{page.fields['TMST_SIGN']}</TmstFirma>" in page.text


def test_payments_codes_and_a_due_date_reach_the_xml(portal: Portal) -> None:
    more = {
        "PAGO_SI_NO": "SiChecked",
        "EFXP_FCH_PAGO_001": "2026-12-20",
        "EFXP_MNT_PAGO_001": "24275",
        "EFXP_GLOSA_PAGOS_001": "Única cuota",
        "EFXP_FCH_VENC": "2026-12-20",
        "COD_SI_NO": "SiChecked",
        "EFXP_TPO_COD_01": "INT1",
        "EFXP_COD_01": "A-1",
        "EFXP_TIPOVENTA_SELECT": "1",
        "EFXP_TIPOCOMPRA_SELECT": "1",
    }
    page = portal.propose(invoice(**more))
    assert "<FchPago>2026-12-20</FchPago><MntPago>24275</MntPago><GlosaPagos>Única cuota<" in page.text
    assert "<CdgItem><TpoCodigo>INT1</TpoCodigo><VlrCodigo>A-1</VlrCodigo></CdgItem>" in page.text
    assert "ENVIADO EXITOSAMENTE" in portal.send(page, portal.sign(page.text).text).text


@pytest.mark.parametrize(
    "field", ["EFXP_MNT_TOTAL", "EFXP_DIR_RECEP", "EFXP_NMB_01", "PTDC_CODIGO", "CANT_DET"]
)
def test_only_what_was_previewed_can_be_signed(sii: Served, portal: Portal, field: str) -> None:
    hidden = read_hidden(portal.preview(invoice()).text, "PreViewDTE")
    assert alert_of(portal.sign_page(hidden | {field: "34"})) == alerts.PREVIEW_ALTERADO
    assert alert_of(portal.sign_page(hidden | {"EFXP_INVENTADO": "1"})) == alerts.PREVIEW_ALTERADO
    without = {name: value for name, value in hidden.items() if name != field}
    assert alert_of(portal.sign_page(without)) == alerts.PREVIEW_ALTERADO
    assert sii.store.next_folio(COMPANY, 33) == 1


def test_a_preview_is_of_one_session_and_one_company(portal: Portal, colleague: Portal) -> None:
    hidden = read_hidden(portal.preview(invoice()).text, "PreViewDTE")
    assert alert_of(colleague.sign_page(hidden)) == alerts.PREVIEW_ALTERADO
    portal.choose("39003003-7")
    assert alert_of(portal.sign_page(hidden)) == alerts.PREVIEW_ALTERADO


def test_a_wrong_certificate_password_signs_nothing(portal: Portal, page: SignPage) -> None:
    assert portal.sign(page.text, clave="certificado-malo").text == ""
    assert portal.sign(page.text, clave="").text == ""


def test_a_body_in_latin1_breaks_the_stamp(portal: Portal, page: SignPage) -> None:
    assert alert_of(portal.sign(page.text, encoding="latin-1")) == alerts.TIMBRE_INCORRECTO


@pytest.mark.parametrize(
    ("was", "becomes"),
    [("<IVA>3876", "<IVA>3877"), ("Cuaderno", "Cuadern0"), ("\n</DTE>", "</DTE>"), ("MiPE", "MiPX")],
)
def test_one_wrong_byte_in_the_text_is_not_signed(
    portal: Portal, page: SignPage, was: str, becomes: str
) -> None:
    assert alert_of(portal.sign(page.text.replace(was, becomes, 1))) == alerts.TIMBRE_INCORRECTO


@pytest.mark.parametrize("field", ["nombre", "nodo", "nodoId", "nameSpace"])
def test_signing_names_what_it_signs(portal: Portal, page: SignPage, field: str) -> None:
    assert alert_of(portal.sign(page.text, **{field: "otro"})) == alerts.FIRMA_NO_RECONOCIDA


def test_nobody_signs_with_anothers_certificate(portal: Portal, page: SignPage) -> None:
    assert alert_of(portal.sign(page.text, rut="16222333", dv="K")) == alerts.CERTIFICADO_AJENO
    assert portal.get(f"{PORTAL}getCertDigital.cgi", rut="16222333", dv="K").json() == []


def test_a_person_without_a_centralised_certificate_signs_nothing(sii: Served) -> None:
    with Portal(sii.origin) as portal:
        portal.log_in("clave-sin-certificado")
        portal.choose()
        assert portal.get(f"{PORTAL}getCertDigital.cgi", rut="15111222", dv="6").json() == []
        page = portal.propose(invoice())
        assert alert_of(portal.sign(page.text)) == alerts.CERTIFICADO_AJENO


@pytest.mark.parametrize(
    ("field", "value", "alert"),
    [
        ("TMST_SIGN", "2026-01-01T00:00:00", alerts.FOLIO_INCONSISTENTE),
        ("PTDC_CODIGO", "34", alerts.FOLIO_INCONSISTENTE),
        ("EFXP_FOLIO", "2", alerts.FOLIO_INCONSISTENTE),
        ("EFXP_RUT_RUT_EMP", "39003003-7", alerts.FOLIO_INCONSISTENTE),
        ("nombre", "", alerts.FIRMA_NO_RECONOCIDA),
        ("clave", "", alerts.FIRMA_NO_RECONOCIDA),
        ("clave", "certificado-malo", alerts.FIRMA_NO_RECONOCIDA),
        ("nodo", "", alerts.FIRMA_NO_RECONOCIDA),
        ("nodoId", "dte:DTE", alerts.FIRMA_NO_RECONOCIDA),
        ("nameSpace", "", alerts.FIRMA_NO_RECONOCIDA),
        ("txtPlainText", "", alerts.DOCUMENTO_ALTERADO),
        ("txtSignText", "", alerts.ESQUEMA),
    ],
)
def test_one_wrong_field_of_the_sending_takes_no_folio(
    sii: Served, portal: Portal, page: SignPage, signed: str, field: str, value: str, alert: str
) -> None:
    assert alert_of(portal.send(page, signed, **{field: value})) == alert
    assert sii.store.issued() == []
    assert "ENVIADO EXITOSAMENTE" in portal.send(page, signed).text


@pytest.mark.parametrize(
    ("was", "becomes", "alert"),
    [
        ("<MntTotal>24275", "<MntTotal>24274", alerts.DOCUMENTO_ALTERADO),
        ("Cuaderno", "Cuadernos", alerts.DOCUMENTO_ALTERADO),
        ("<F>1<", "<F>2<", alerts.DOCUMENTO_ALTERADO),
        ("central VERSION", "local VERSION", alerts.DOCUMENTO_ALTERADO),
        ("<TipoDTE>33", "<TipoDTE>99", alerts.ESQUEMA),
        ("<Signature xmlns", "<Firma xmlns", alerts.ESQUEMA),
        ("<DTE xmlns", '<!DOCTYPE DTE [<!ENTITY e "x">]>\n<DTE xmlns', alerts.ESQUEMA),
        ("<DigestValue>", "<DigestValue>AAAA", alerts.FIRMA_NO_RECONOCIDA),
        ("<SignatureValue>\n", "<SignatureValue>\nAAAA", alerts.FIRMA_NO_RECONOCIDA),
        ("<X509Certificate>\n", "<X509Certificate>\nAAAA", alerts.FIRMA_NO_RECONOCIDA),
        ("<Exponent>AQAB", "<Exponent>AQAD", alerts.FIRMA_NO_RECONOCIDA),
        ("<Modulus>\n", "<Modulus>\nAQAB", alerts.FIRMA_NO_RECONOCIDA),
        ('URI="#MiPE39001001-1"', 'URI=""', alerts.FIRMA_NO_RECONOCIDA),
    ],
)
def test_one_wrong_byte_of_the_signed_text_takes_no_folio(
    sii: Served, portal: Portal, page: SignPage, signed: str, was: str, becomes: str, alert: str
) -> None:
    assert was in signed
    assert alert_of(portal.send(page, signed.replace(was, becomes, 1))) == alert
    assert sii.store.issued() == []
    assert sii.store.next_folio(COMPANY, 33) == 1


def test_a_document_is_sent_once(sii: Served, portal: Portal, page: SignPage, signed: str) -> None:
    portal.send(page, signed)
    assert alert_of(portal.send(page, signed)) == alerts.FOLIO_YA_UTILIZADO
    assert len(sii.store.issued()) == 1


def test_the_same_bytes_can_be_sent_from_a_later_session(sii: Served, page: SignPage, signed: str) -> None:
    with Portal(sii.origin) as later:
        later.enter()
        assert "N° 1" in later.send(page, signed).text


def test_a_colleague_cannot_send_what_another_person_signed(
    sii: Served, colleague: Portal, page: SignPage, signed: str
) -> None:
    assert alert_of(colleague.send(page, signed)) == alerts.FIRMA_NO_RECONOCIDA
    assert sii.store.issued() == []


def test_a_document_is_of_the_company_that_was_chosen(portal: Portal, page: SignPage, signed: str) -> None:
    portal.choose("39003003-7")
    assert alert_of(portal.send(page, signed)) == alerts.DOCUMENTO_ALTERADO


def test_twins_are_two_documents(sii: Served, portal: Portal) -> None:
    assert "N° 1" in portal.issue(invoice()).text
    assert "N° 2" in portal.issue(invoice()).text
    second, first = sii.store.issued(COMPANY)
    assert (first.receiver, first.total, first.fecha) == (second.receiver, second.total, second.fecha)
    assert first.digest != second.digest


def test_each_type_counts_its_own_folios(portal: Portal) -> None:
    assert "N° 1" in portal.issue(invoice(33)).text
    assert "N° 1" in portal.issue(invoice(34)).text


def test_a_folio_taken_at_sending_is_proposed_until_somebody_sends_it(sii: Served, portal: Portal) -> None:
    first, second = portal.propose(invoice()), portal.propose(invoice())
    assert (first.folio, second.folio) == (1, 1)
    assert "N° 1" in portal.send(second, portal.sign(second.text).text).text
    assert alert_of(portal.send(first, portal.sign(first.text).text)) == alerts.FOLIO_YA_UTILIZADO
    assert portal.propose(invoice()).folio == 2
    assert [document.folio for document in sii.store.issued()] == [1]


def test_a_folio_taken_at_signing_belongs_to_its_document(tmp_path: Path) -> None:
    with serve_simulator(tmp_path, folios=FolioBehaviour.SIGNING) as served, Portal(served.origin) as portal:
        portal.enter()
        first, second = portal.propose(invoice()), portal.propose(invoice())
        assert (first.folio, second.folio) == (1, 2)
        assert "N° 2" in portal.send(second, portal.sign(second.text).text).text
        assert "N° 1" in portal.send(first, portal.sign(first.text).text).text
        assert portal.propose(invoice()).folio == 3
