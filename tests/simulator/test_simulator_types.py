"""Each type the portal issues, from its form to its lists, its PDF and its backup."""

from pathlib import Path

import cl_sii
import pytest
from forms import NOTHING, SERVICE, TOTALS, TRUCK, form, taxed
from lxml import etree
from portal_client import COMPANY, ENTRY, PORTAL, Portal, alert_of

from serving import Served
from timbre.simulator import alerts
from timbre.simulator.pages.listing import NAMES

SCHEMA = Path(cl_sii.__file__).parent / "data/ref/factura_electronica/schemas-xml/DTE_v10.xsd"
TREE = etree.XMLSchema(etree.parse(str(SCHEMA)))
SENT = "ENVIADO EXITOSAMENTE"
TYPES = tuple(TOTALS)
DETALLE = "<NroLinDet>1</NroLinDet>"


def xml_of(portal: Portal, fields: dict[str, str]) -> str:
    """The text the portal proposes, once what is signed of it has been issued."""
    page = portal.propose(fields)
    signed = portal.sign(page.text).text
    TREE.assertValid(etree.fromstring(signed.encode("latin-1")))
    assert SENT in portal.send(page, signed).text
    return page.text


@pytest.mark.parametrize("tipo", TYPES)
def test_every_type_is_issued_listed_printed_and_backed_up(sii: Served, portal: Portal, tipo: int) -> None:
    xml_of(portal, form(tipo))
    (issued,) = sii.store.issued(COMPANY)
    assert (issued.tipo, issued.folio, str(issued.total)) == (tipo, 1, TOTALS[tipo])
    listed = portal.get(f"{PORTAL}mipeAdminDocsEmi.cgi", TPO_DOC=str(tipo)).text
    assert f"<td>{NAMES[tipo]}</td>" in listed
    assert f"<td>{TOTALS[tipo]}</td>\n<td>Documento Emitido</td>" in listed
    other = portal.get(f"{PORTAL}mipeAdminDocsEmi.cgi", TPO_DOC="33" if tipo != 33 else "34").text
    assert NAMES[tipo] not in other
    pdf = portal.get(f"{PORTAL}mipeDisplayPDF.cgi", DHDR_CODIGO=str(issued.codigo))
    assert pdf.content.startswith(b"%PDF")
    body, dv = COMPANY.split("-")
    backup = {"RUT_EMP": body, "DV_EMP": dv, "TPO_DOC": str(tipo), "ORIGEN": "ENV", "FOLIO": "1"}
    assert f"<TipoDTE>{tipo}</TipoDTE>" in portal.get(f"{PORTAL}download.cgi", **backup).text


@pytest.mark.parametrize("tipo", TYPES)
def test_every_form_is_opened_in_its_own_way_and_no_other(portal: Portal, tipo: int) -> None:
    address, entry = f"{PORTAL}mipeGenFacEx.cgi", ENTRY.get(tipo, {})
    opened = portal.get(address, PTDC_CODIGO=str(tipo), **entry).text
    for name in ("TIPO_PLANTILLA", "AGENTE_RETENEDOR"):
        assert f'value="{entry.get(name, "")}" name="{name}"' in opened
    assert ('name="EDFE_MONEDA"' in opened) == (tipo == 110)
    assert ('name="EFXP_IND_VENTA"' in opened) == (tipo == 52)
    wrong = {"TIPO_PLANTILLA": "FC_BLANCO"} if tipo != 46 else {"AGENTE_RETENEDOR": "6298"}
    alert = alerts.PLANTILLA if tipo != 46 else alerts.AGENTE_RETENEDOR
    assert alert_of(portal.get(address, PTDC_CODIGO=str(tipo), **wrong)) == alert


def test_a_purchase_withholds_the_whole_iva_on_every_line(portal: Portal) -> None:
    text = xml_of(portal, form(46))
    assert f"{DETALLE}<Retenedor><IndAgente>R</IndAgente></Retenedor>" in text
    assert "<CodImpAdic>15</CodImpAdic><MontoItem>4502</MontoItem>" in text
    assert (
        "<MntNeto>4502</MntNeto><TasaIVA>19.00</TasaIVA><IVA>855</IVA><ImptoReten><TipoImp>15</TipoImp>"
        "<TasaImp>19.00</TasaImp><MontoImp>855</MontoImp></ImptoReten><MntTotal>4502</MntTotal>"
    ) in text


def test_a_guide_says_why_goods_move_and_who_carries_them(portal: Portal) -> None:
    text = xml_of(portal, form(52))
    assert "<IndTraslado>1</IndTraslado>" in text
    assert (
        "<Transporte><Patente>BCDF12</Patente><RUTTrans>12345678-5</RUTTrans><Chofer>"
        "<RUTChofer>11111111-1</RUTChofer><NombreChofer>José Peña</NombreChofer></Chofer></Transporte>"
    ) in text


def test_goods_move_within_a_company_without_value(portal: Portal) -> None:
    own = {"EFXP_RUT_RECEP": COMPANY.split("-")[0], "EFXP_DV_RECEP": COMPANY[-1]}
    place = {
        "EFXP_RZN_SOC_RECEP": "COMERCIAL ÑANDÚ SPA (SANDBOX)",
        "EFXP_DIR_RECEP": "AV. PEDRO MONTT 2200",
        "EFXP_CMNA_RECEP": "VALPARAÍSO",
        "EFXP_GIRO_RECEP": "Actividades de programación informática"[:40],
    }
    moved = form(52, **(own | place | NOTHING | {"EFXP_IND_VENTA": "5"}))
    assert "<Totales><MntTotal>0</MntTotal></Totales>" in xml_of(portal, moved)


def test_an_invoice_may_say_who_carries_the_goods(portal: Portal) -> None:
    assert "<Patente>BCDF12</Patente>" in xml_of(portal, form(33, **TRUCK))


def test_a_note_names_what_it_does_to_which_document(portal: Portal) -> None:
    text = xml_of(portal, form(61))
    assert (
        "<TpoDocRef>33</TpoDocRef><FolioRef>7</FolioRef><FchRef>2026-11-01</FchRef><CodRef>3</CodRef>" in text
    )


def test_a_text_is_corrected_at_no_amount(portal: Portal) -> None:
    line = {"EFXP_NMB_01": "DONDE DICE Pan DEBE DECIR Torta", "EFXP_QTY_01": "", "EFXP_UNMD_01": ""}
    text = xml_of(portal, form(61, **(NOTHING | line | {"EFXP_CODIGO_REF_001": "2"})))
    assert "<Totales><MntTotal>0</MntTotal></Totales>" in text
    assert f"{DETALLE}<NmbItem>DONDE DICE Pan DEBE DECIR Torta</NmbItem><MontoItem>0</MontoItem>" in text


def test_additional_taxes_are_on_their_lines_less_the_discount_of_the_whole(portal: Portal) -> None:
    text = xml_of(portal, taxed())
    assert "<CodImpAdic>26</CodImpAdic><MontoItem>10000</MontoItem>" in text
    assert "<TipoImp>26</TipoImp><TasaImp>20.50</TasaImp><MontoImp>1794</MontoImp>" in text
    assert "<TipoImp>27</TipoImp><TasaImp>10.00</TasaImp><MontoImp>438</MontoImp>" in text
    discount = "<TpoMov>D</TpoMov><TpoValor>%</TpoValor><ValorDR>12.50</ValorDR>"
    assert f"<DscRcgGlobal><NroLinDR>1</NroLinDR>{discount}</DscRcgGlobal>" in text


def test_the_discount_of_an_exempt_invoice_is_over_its_exempt_lines(portal: Portal) -> None:
    assert "<ValorDR>12.50</ValorDR><IndExeDR>1</IndExeDR>" in xml_of(portal, form(34))


def test_a_reference_may_stand_for_many_documents(portal: Portal) -> None:
    reference = {
        "REF_SI_NO": "SiChecked",
        "EFXP_TPO_DOC_REF_001": "52",
        "EFXP_IND_GLOBAL_001": "1",
        "EFXP_FOLIO_REF_001": "0",
        "EFXP_FCH_REF_001": "2026-11-01",
    }
    text = xml_of(portal, form(33, **reference))
    assert "<TpoDocRef>52</TpoDocRef><IndGlobal>1</IndGlobal><FolioRef>0</FolioRef>" in text


def test_an_export_is_in_its_currency_with_customs_charges_and_pesos(portal: Portal) -> None:
    text = xml_of(portal, form(110))
    for part in (
        "<Exportaciones ID=",
        "<Extranjero><NumId>US-99-1234</NumId><Nacionalidad>225</Nacionalidad></Extranjero>",
        "<CodModVenta>1</CodModVenta><CodClauVenta>5</CodClauVenta><TotClauVenta>124.01</TotClauVenta>",
        "<TipoBultos><CodTpoBultos>22</CodTpoBultos><CantBultos>10</CantBultos>",
        "<MntFlete>320.50</MntFlete><MntSeguro>41.00</MntSeguro><CodPaisRecep>225</CodPaisRecep>",
        "<TpoMoneda>DOLAR USA</TpoMoneda><MntExe>485.51</MntExe><MntTotal>485.51</MntTotal>",
        "<TpoCambio>935.4712</TpoCambio><MntExeOtrMnda>454181</MntExeOtrMnda>",
        "<IndExe>1</IndExe><NmbItem>Harina</NmbItem>",
        "<TpoMov>R</TpoMov><GlosaDR>FLETE</GlosaDR><TpoValor>$</TpoValor><ValorDR>320.50</ValorDR>",
        "<GlosaDR>SEGURO</GlosaDR>",
        "<MNT>485.51</MNT>",
    ):
        assert part in text, part


def test_an_export_nobody_pays_is_worth_nothing_in_pesos(portal: Portal) -> None:
    text = xml_of(portal, form(110, EDFE_FMA_PAG_EXP="21"))
    assert "<MntExeOtrMnda>0</MntExeOtrMnda><MntTotOtrMnda>0</MntTotOtrMnda>" in text


def test_a_service_exported_in_pesos_is_whole_and_needs_no_customs(portal: Portal) -> None:
    amounts = {"EFXP_PRC_01": "1500.5", "EFXP_SUBT_01": "4502", "EFXP_SUBTOTAL": "4502"}
    totals = {"EFXP_MNT_NETO": "4502", "EFXP_MNT_TOTAL": "4502"}
    money = {"EDFE_MONEDA": "PESO CL", "EDFE_TIPO_CAMBIO": "1", "EDFE_FLETE": "", "EDFE_SEGURO": ""}
    text = xml_of(portal, form(110, **(amounts | totals | money | SERVICE)))
    assert "<TpoMoneda>PESO CL</TpoMoneda><MntExe>4502</MntExe><MntTotal>4502</MntTotal>" in text
    assert "<IndServicio>3</IndServicio>" in text


def test_packages_without_marks_are_objected_to(sii: Served, portal: Portal) -> None:
    xml_of(portal, form(110, EDFE_MARCAS_02=""))
    assert "Documento con Reparos" in portal.get(f"{PORTAL}mipeAdminDocsEmi.cgi").text
