"""The portal's own note of annulment: from the issued document's page straight to a filled preview."""

import re
from html import unescape
from urllib.parse import parse_qsl

import pytest
from forms import annulment, form, taxed
from portal_client import COMPANY, PORTAL, RECEIVER, Portal, alert_of, read_hidden, read_sign_page

from serving import Served
from timbre.simulator import alerts
from timbre.simulator.app import chile_now
from timbre.simulator.fields import PREVIEW_FIELDS

LINK = "Generar Nota de Cr&eacute;dito de Anulaci&oacute;n"
SENT = "ENVIADO EXITOSAMENTE"
OBJECTED = "Documento con Reparos"


def code_of_issued(portal: Portal, fields: dict[str, str]) -> str:
    found = re.search(r"DHDR_CODIGO=([0-9]+)", portal.issue(fields).text)
    assert found
    return found[1]


def link_of(portal: Portal, codigo: str) -> str | None:
    """The link that annuls, on the page of an issued document."""
    html = portal.get(f"{PORTAL}mipeGesDocEmi.cgi", ALL_PAGE_ANT="2", CODIGO=codigo).text
    found = re.search(rf'<a href="([^"]+)">{LINK}</a>', html)
    return unescape(found[1]) if found else None


def preview_of(portal: Portal, original: dict[str, str]) -> dict[str, str]:
    """The filled preview that the link of a document just issued leads to."""
    codigo = code_of_issued(portal, original)
    link = link_of(portal, codigo)
    assert link
    assert link.endswith(f"?EHDR_CODIGO={codigo}&TIPO_NOTA=61")
    path, _, query = link.partition("?")
    return read_hidden(portal.get(path, **dict(parse_qsl(query))).text, "PreViewDTE")


def issue(portal: Portal, preview: dict[str, str]) -> str:
    page = read_sign_page(portal.sign_page(preview))
    assert SENT in portal.send(page, portal.sign(page.text).text).text
    return page.text


def test_the_preview_repeats_the_document_and_is_dated_today(portal: Portal) -> None:
    preview = preview_of(portal, form(34))
    assert tuple(preview) == PREVIEW_FIELDS
    said = {name: value for name, value in preview.items() if value}
    for name, value in {
        "PTDC_CODIGO": "61",
        "EFXP_FCH_EMIS": chile_now().date().isoformat(),
        "EFXP_RUT_RECEP": RECEIVER[:-2],
        "EFXP_NMB_01": "Harina",
        "EFXP_IND_EXE_01": "1",
        "EFXP_TPO_DOC_REF_001": "34",
        "EFXP_FOLIO_REF_001": "1",
        "EFXP_FCH_REF_001": form(34)["EFXP_FCH_EMIS"],
        "EFXP_CODIGO_REF_001": "1",
        "EFXP_MNT_NETO": "3939",
        "EFXP_MNT_TOTAL": "3939",
    }.items():
        assert said[name] == value
    assert not said.keys() & {"EFXP_FMA_PAGO", "EFXP_TASA_IVA", "EFXP_IVA", "AGENTE_RETENEDOR"}


def test_an_exempt_invoice_is_annulled_line_by_exempt_line(portal: Portal, sii: Served) -> None:
    text = issue(portal, preview_of(portal, form(34)))
    assert "<NroLinDet>1</NroLinDet><IndExe>1</IndExe><NmbItem>Harina</NmbItem>" in text
    assert "<Totales><MntExe>3939</MntExe><MntTotal>3939</MntTotal></Totales>" in text
    assert "<ValorDR>12.50</ValorDR><IndExeDR>1</IndExeDR>" in text
    note = sii.store.issued(COMPANY)[0]
    assert (note.tipo, str(note.total), note.objected_at) == (61, "3939", None)


def test_a_purchase_is_annulled_with_the_iva_it_withheld(portal: Portal, sii: Served) -> None:
    text = issue(portal, preview_of(portal, form(46)))
    assert "<NroLinDet>1</NroLinDet><Retenedor><IndAgente>R</IndAgente></Retenedor>" in text
    assert "<CodImpAdic>15</CodImpAdic><MontoItem>4502</MontoItem>" in text
    assert (
        "<IVA>855</IVA><ImptoReten><TipoImp>15</TipoImp><TasaImp>19.00</TasaImp><MontoImp>855</MontoImp>"
        "</ImptoReten><MntTotal>4502</MntTotal>"
    ) in text
    note = sii.store.issued(COMPANY)[0]
    assert (note.tipo, str(note.total), note.objected_at) == (61, "4502", None)


def test_an_affected_invoice_is_annulled_with_its_taxes_and_its_discount(portal: Portal) -> None:
    text = issue(portal, preview_of(portal, taxed()))
    assert "<ImptoReten><TipoImp>26</TipoImp><TasaImp>20.50</TasaImp><MontoImp>1794</MontoImp>" in text
    assert "<MntTotal>17856</MntTotal>" in text


@pytest.mark.parametrize("tipo", [52, 56, 61, 110])
def test_what_no_credit_note_annuls_here_has_no_such_link(portal: Portal, tipo: int) -> None:
    codigo = code_of_issued(portal, form(tipo))
    assert link_of(portal, codigo) is None
    address = f"{PORTAL}mipeGenNotaAnulacion.cgi"
    assert alert_of(portal.get(address, EHDR_CODIGO=codigo, TIPO_NOTA="61")) == alerts.SIN_ANULACION


@pytest.mark.parametrize("tipo_nota", ["", "56"])
def test_the_link_makes_credit_notes_alone(portal: Portal, tipo_nota: str) -> None:
    codigo = code_of_issued(portal, form(34))
    refused = portal.get(f"{PORTAL}mipeGenNotaAnulacion.cgi", EHDR_CODIGO=codigo, TIPO_NOTA=tipo_nota)
    assert alert_of(refused) == alerts.SIN_ANULACION


@pytest.mark.parametrize("codigo", ["2", "", "x", "9" * 19])
def test_a_document_that_is_not_there_is_not_annulled(portal: Portal, codigo: str) -> None:
    assert SENT in portal.issue(form(34)).text
    refused = portal.get(f"{PORTAL}mipeGenNotaAnulacion.cgi", EHDR_CODIGO=codigo, TIPO_NOTA="61")
    assert alert_of(refused) == alerts.DOCUMENTO_INEXISTENTE


def test_nobody_annuls_for_another_company(portal: Portal) -> None:
    codigo = code_of_issued(portal, form(34))
    portal.choose("39003003-7")
    refused = portal.get(f"{PORTAL}mipeGenNotaAnulacion.cgi", EHDR_CODIGO=codigo, TIPO_NOTA="61")
    assert alert_of(refused) == alerts.DOCUMENTO_INEXISTENTE


@pytest.mark.parametrize("name", ["EFXP_FCH_EMIS", "EFXP_IND_EXE_01", "EFXP_MNT_TOTAL", "EFXP_RAZON_REF_001"])
def test_nothing_of_the_filled_preview_can_be_changed(portal: Portal, name: str) -> None:
    preview = preview_of(portal, form(34))
    assert alert_of(portal.sign_page(preview | {name: "2026-01-01"})) == alerts.PREVIEW_ALTERADO


@pytest.mark.parametrize("changes", [{"EFXP_IND_EXE_01": "1"}, {"AGENTE_RETENEDOR": "62"}])
def test_the_blank_form_has_neither_exemption_nor_withholding(
    portal: Portal, changes: dict[str, str]
) -> None:
    assert SENT in portal.issue(form(34)).text
    note = annulment(EFXP_TPO_DOC_REF_001="34", **changes)
    unknown = alerts.NO_SIMULADO.format(n="EFXP_IND_EXE_01")
    expected = alerts.AGENTE_RETENEDOR if "AGENTE_RETENEDOR" in changes else unknown
    assert alert_of(portal.preview(note)) == expected
