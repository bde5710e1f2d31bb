"""The document put into the SII's words, the fields posted of it, and what is read back before signing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from portal_cases import RECEIVER, emisor, exempt_invoice, invoice, receptor, settled

from timbre.dte.codes import FormaPago, TipoDte
from timbre.dte.document import Detalle, Documento, Emisor, Receptor
from timbre.sii.gateway import Refused
from timbre.sii.portal.fitting import check_fits
from timbre.sii.portal.form import fill
from timbre.sii.portal.readback import compare, compare_preview


def refusal(ask: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as refused:
        ask()
    return refused.value


def test_addresses_and_activities_are_found_whatever_their_case_and_accents() -> None:
    written = invoice(
        emisor=replace(emisor(), direccion="av providencia 1234, of. 501", comuna="Providencia"),
        receptor=replace(
            receptor(),
            direccion="O’Higgins 310",
            comuna="concepcion",
            giro="ACTIVIDADES DE RESTAURANTES Y DE SERVICI",
        ),
    )
    found = settled(written)
    assert (found.emisor.direccion, found.emisor.sucursal) == ("AV. PROVIDENCIA 1234 OF 501", "90010011")
    assert (found.receptor.direccion, found.receptor.comuna) == ("O'HIGGINS 310", "CONCEPCIÓN")
    assert found.receptor.giro == "Actividades de restaurantes y de servici"


def test_names_are_the_siis_and_a_missing_city_is_the_address_own() -> None:
    found = settled(invoice(receptor=replace(receptor(), razon_social="Panaderia Pena", ciudad="")))
    assert (found.receptor.razon_social, found.receptor.ciudad) == (RECEIVER.razon_social, "CONCEPCIÓN")


@pytest.mark.parametrize(
    ("party", "wrong", "field", "option"),
    [
        ("receptor", {"direccion": "Otra 1"}, "document_receiver.address", "O'HIGGINS 310"),
        ("receptor", {"comuna": "Talca"}, "document_receiver.district", "CONCEPCIÓN"),
        ("receptor", {"giro": "Otro"}, "document_receiver.business_activity", "Elaboración de azúcar"),
        ("emisor", {"direccion": ""}, "document_issuer.address", "CALLE LOS ÑIRES 45"),
        (
            "emisor",
            {"acteco": "111111"},
            "document_issuer.activity_code",
            "620100 Actividades de programación informática",
        ),
        (
            "emisor",
            {"giro": "Otro"},
            "document_issuer.business_activity",
            "Actividades de consultoría de gestión",
        ),
    ],
)
def test_what_the_sii_has_not_on_file_is_refused_with_what_it_has(
    party: str, wrong: dict[str, str], field: str, option: str
) -> None:
    documento = invoice()
    changed = replace(documento, **{party: replace(getattr(documento, party), **wrong)})
    found = refusal(lambda: settled(changed))
    about_an_address = field.endswith(("address", "district"))
    assert found.reason == ("address_not_registered" if about_an_address else "activity_not_registered")
    assert found.field == field
    assert option in found.options


def test_a_wide_phone_number_goes_without_its_blanks() -> None:
    assert (
        settled(invoice(emisor=replace(emisor(), telefono="+56 2 2345 6789"))).emisor.telefono
        == "+56223456789"
    )


def test_a_document_without_a_way_of_payment_is_on_credit() -> None:
    assert settled(invoice(forma_pago=None)).forma_pago is FormaPago.CREDITO


@pytest.mark.parametrize(
    ("documento", "field"),
    [
        (invoice(tipo=TipoDte.BOLETA), "dte_type.code"),
        (invoice(detalles=(Detalle(nombre="x"),) * 11), "details"),
        (invoice(referencias=invoice().referencias * 4), "references"),
        (invoice(detalles=(Detalle(nombre="x", exencion=1),)), "details.0.is_exempt"),
        (invoice(emisor=replace(emisor(), correo="a" * 22 + "@ejemplo.cl")), "document_issuer.email"),
        (
            invoice(emisor=replace(emisor(), telefono="+56 2 2345 6789 anexo 4")),
            "document_issuer.phone_number",
        ),
    ],
)
def test_what_the_form_has_no_room_for_is_refused(documento: Documento, field: str) -> None:
    found = refusal(lambda: check_fits(documento, idk=999))
    assert (found.reason, found.field) == ("not_available", field)


def test_the_form_carries_the_totals_the_portal_trusts() -> None:
    posted = fill({"TIPO_PLANTILLA": "", "EFXP_MNT_TOTAL": "0"}, settled(invoice()))
    wanted = {
        "CANT_DET": "2",
        "EFXP_QTY_01": "2.5",
        "EFXP_PCTD_01": "7.5",
        "EFXP_SUBT_01": "231253",
        "EFXP_SUBT_02": "5972",
        "EFXP_SUBTOTAL": "237225",
        "EFXP_MNT_NETO": "237225",
        "EFXP_IVA": "45073",
        "EFXP_MNT_TOTAL": "282298",
        "cbo_dia_boleta": "14",
        "EFXP_TPO_DOC_REF_001": "801",
        "TIPO_PLANTILLA": "",
    }
    assert wanted.items() <= posted.items()
    assert fill({}, settled(exempt_invoice()))["EFXP_IVA"] == ""


def test_a_preview_may_write_numbers_its_own_way_but_not_other_ones() -> None:
    posted = {"EFXP_QTY_01": "2.5", "EFXP_NMB_01": "Té", "EFXP_SUBT_01": "", "EFXP_DIR_ORIGEN_DEFUALT": "x"}
    preview = {"EFXP_QTY_01": "2.50", "EFXP_NMB_01": "Té", "EFXP_SUBT_01": "0", "EFXP_FOLIO": "0"}
    compare_preview(posted, preview)
    found = refusal(lambda: compare_preview(posted, preview | {"EFXP_NMB_01": "Te"}))
    assert (found.reason, found.field) == ("sii_page_mismatch", "details.0.item_name")
    assert (
        refusal(lambda: compare_preview(posted, preview | {"EFXP_PCT_DESC": "5"})).reason
        == "sii_page_mismatch"
    )
    assert refusal(lambda: compare_preview(posted, {})).reason == "sii_page_mismatch"


XML = """<DTE xmlns="http://www.sii.cl/SiiDte" version="1.0"><Documento ID="MiPE39001001-1"><Encabezado>
<IdDoc><TipoDTE>33</TipoDTE><Folio>7</Folio><FchEmis>2026-03-14</FchEmis><FmaPago>1</FmaPago></IdDoc>
<Emisor><RUTEmisor>39001001-K</RUTEmisor><RznSoc>A</RznSoc><GiroEmis>B</GiroEmis><Acteco>620100</Acteco>
<DirOrigen>C</DirOrigen><CmnaOrigen>D</CmnaOrigen><CiudadOrigen>E</CiudadOrigen></Emisor>
<Receptor><RUTRecep>39002002-2</RUTRecep><RznSocRecep>F</RznSocRecep><GiroRecep>G</GiroRecep>
<DirRecep>H</DirRecep><CmnaRecep>I</CmnaRecep><CiudadRecep>J</CiudadRecep></Receptor>
<Totales><MntNeto>1000</MntNeto><MntExe>0</MntExe><TasaIVA>19.00</TasaIVA><IVA>190</IVA><MntTotal>1190</MntTotal>
</Totales></Encabezado><Detalle><NroLinDet>1</NroLinDet><NmbItem>K</NmbItem><QtyItem>2.00</QtyItem>
<PrcItem>500.00</PrcItem><MontoItem>1000</MontoItem></Detalle>
<TED version="1.0"><DD><RE>39001001-K</RE><TD>33</TD><F>7</F><FE>2026-03-14</FE><RR>39002002-2</RR>
<RSR>F</RSR><MNT>1190</MNT><IT1>K</IT1><CAF><DA><RE>39001001-K</RE><TD>33</TD><IDK>999</IDK></DA></CAF></DD></TED>
<TmstFirma>2026-03-14T10:00:00</TmstFirma></Documento></DTE>"""


def asked() -> Documento:
    seller = Emisor(
        rut="39001001-K", razon_social="A", giro="B", acteco="620100", direccion="C", comuna="D", ciudad="E"
    )
    buyer = Receptor(rut="39002002-2", razon_social="F", giro="G", direccion="H", comuna="I", ciudad="J")
    return Documento(
        tipo=TipoDte.FACTURA,
        fecha_emision=date(2026, 3, 14),
        emisor=seller,
        receptor=buyer,
        detalles=(Detalle(nombre="K", cantidad=Decimal(2), precio=Decimal(500)),),
        forma_pago=FormaPago.CONTADO,
    )


def test_the_folio_is_read_from_an_xml_that_says_what_was_asked() -> None:
    assert compare(asked(), XML, idk=999) == 7
    ordinary = XML.replace(
        "<FmaPago>", "<TpoTranCompra>1</TpoTranCompra><TpoTranVenta>1</TpoTranVenta><FmaPago>"
    )
    assert compare(asked(), ordinary, idk=999) == 7


def test_the_caf_of_another_environment_is_never_signed() -> None:
    assert refusal(lambda: compare(asked(), XML, idk=300)).reason == "sii_page_mismatch"
    assert compare(asked(), XML.replace("<IDK>999", "<IDK>300"), idk=300) == 7


@pytest.mark.parametrize(
    ("right", "wrong", "field"),
    [
        ("<QtyItem>2.00", "<QtyItem>2.01", "details.0.quantity"),
        ("<MntTotal>1190", "<MntTotal>1191", "details"),
        ("<RznSocRecep>F", "<RznSocRecep>f", "document_receiver.business_name"),
        ("<FmaPago>1", "<FmaPago>2", "header.payment_method"),
        ("<FchEmis>2026-03-14", "<FchEmis>2026-03-15", "date_issued"),
        ("<FmaPago>", "<TpoTranVenta>2</TpoTranVenta><FmaPago>", "header.sale_transaction_type"),
        ("<QtyItem>", "<IndExe>1</IndExe><QtyItem>", "details.0.exempt_indicator"),
        ("<F>7</F>", "<F>8</F>", ""),
        ("<MNT>1190", "<MNT>1", ""),
        ("<Folio>7", "<Folio>x", "folio"),
        ("</Detalle>", "</Detalle><Detalle><NroLinDet>2</NroLinDet></Detalle>", ""),
        ("</DTE>", "<Documento/></DTE>", ""),
        ("<DTE ", "<!DOCTYPE DTE [<!ENTITY x 'y'>]><DTE ", ""),
        ("</DTE>", "", ""),
    ],
)
def test_any_difference_names_its_field_and_both_values(right: str, wrong: str, field: str) -> None:
    assert right in XML
    found = refusal(lambda: compare(asked(), XML.replace(right, wrong), idk=999))
    assert (found.reason, found.field) == ("sii_page_mismatch", field)
    assert found.sii_words
