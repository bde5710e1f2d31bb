"""What is wrong with one field of one type's form, and the alert that says so."""

import pytest
from forms import NOTHING, REFERENCE, TRUCK, annulment, form, taxed
from portal_client import COMPANY, Portal, alert_of

from timbre.simulator import alerts


def _customs(name: str) -> str:
    return alerts.ADUANA.format(n=name)


def _missing(name: str) -> str:
    return alerts.NO_SIMULADO.format(n=name)


WRONG: list[tuple[int, str, str, str]] = [
    (33, "EFXP_OTRO_IMP_01", "26", alerts.OTRO_IMPUESTO.format(n=1)),  # without its switch
    (33, "EFXP_OTRO_IMP_TOTAL", "1", alerts.OTRO_IMPUESTO_TOTAL),
    (33, "EFXP_PCT_DESC", "100.01", alerts.DESCUENTO_GLOBAL),
    (33, "EFXP_PCT_DESC", "1.005", alerts.DESCUENTO_GLOBAL),
    (33, "EFXP_MNT_DESC", "10", alerts.DESCUENTO_GLOBAL),  # an amount that no percentage makes
    (33, "EFXP_DV_TRANSPORTE", "5", alerts.TRANSPORTE),
    (33, "EFXP_PATENTE", "BCDF12345", alerts.TRANSPORTE),
    (33, "EFXP_NOMBRE_CHOFER", "José Peña", alerts.TRANSPORTE),  # nobody's RUT
    (33, "AGENTE_RETENEDOR", "62", alerts.AGENTE_RETENEDOR),
    (33, "TIPO_PLANTILLA", "GUIA_DESPACHO", alerts.PLANTILLA),
    (33, "EFXP_IND_VENTA", "1", _missing("EFXP_IND_VENTA")),
    (33, "EDFE_MONEDA", "EURO", _missing("EDFE_MONEDA")),
    (33, "EFXP_RUT_SOLICITA", "11111111", _missing("EFXP_RUT_SOLICITA")),
    (33, "UBIC_MADERA_SI_NO", "SiChecked", _missing("UBIC_MADERA_SI_NO")),
    (33, "EMP_MENOR_TAMANO", "SiChecked", _missing("EMP_MENOR_TAMANO")),
    (33, "esFACT_TUR", "TRUE", _missing("esFACT_TUR")),
    (33, "ES_BORR", "TRUE", _missing("ES_BORR")),
    (33, "EFXP_INVENTADO", "x", _missing("EFXP_INVENTADO")),
    (33, "EDL_COMISION", "1", _missing("EDL_COMISION")),
    (33, "EFXP_FCH_PAGO_004", "2026-12-01", _missing("EFXP_FCH_PAGO_004")),
    (33, "IVA_TEMP", "856", _missing("IVA_TEMP")),
    (33, "MNT_NETO_TEMP", "4501", _missing("MNT_NETO_TEMP")),
    (33, "EFXP_DIR_RECEP_DEFUALT", "OTRA", _missing("EFXP_DIR_RECEP_DEFUALT")),
    (33, "CANT_DET", "2", alerts.SIN_DETALLE),
    (33, "cbo_dia_boleta", "21", alerts.FECHA_EMISION),
    (33, "EFXP_RUT_RECEP", "55555555", alerts.RUT_RECEPTOR),
    (34, "EFXP_MNT_DESC", "562", alerts.DESCUENTO_GLOBAL),
    (34, "EFXP_MNT_NETO", "4502", alerts.NETO),
    (34, "EFXP_IVA", "748", alerts.IVA),
    (34, "EFXP_OTRO_IMP_01", "26", _missing("EFXP_OTRO_IMP_01")),
    (46, "AGENTE_RETENEDOR", "", alerts.AGENTE_RETENEDOR),
    (46, "AGENTE_RETENEDOR", "6298", alerts.AGENTE_RETENEDOR),
    (46, "EFXP_MNT_TOTAL", "5357", alerts.TOTAL),  # not withheld
    (46, "EFXP_IVA", "0", alerts.IVA),
    (46, "OTRO_IMP_SI_NO", "SiChecked", _missing("OTRO_IMP_SI_NO")),
    (46, "EFXP_FMA_PAGO", "", alerts.FORMA_PAGO),
    (52, "EFXP_IND_VENTA", "", alerts.TRASLADO),
    (52, "EFXP_IND_VENTA", "10", alerts.TRASLADO),
    (52, "EFXP_IND_VENTA", "5", alerts.TRASLADO_INTERNO),
    (52, "EFXP_DV_CHOFER", "2", alerts.TRANSPORTE),
    (52, "EFXP_NOMBRE_CHOFER", "", alerts.TRANSPORTE),
    (52, "EFXP_NOMBRE_CHOFER", "x" * 31, alerts.TRANSPORTE),
    (52, "TIPO_PLANTILLA", "", alerts.PLANTILLA),
    (52, "EFXP_FMA_PAGO", "4", alerts.FORMA_PAGO),
    (52, "EFXP_MNT_TOTAL", "4502", alerts.TOTAL),
    (56, "EFXP_CODIGO_REF_001", "", alerts.NOTA_SIN_CODIGO),
    (61, "EFXP_CODIGO_REF_001", "", alerts.NOTA_SIN_CODIGO),
    (61, "EFXP_TPO_DOC_REF_001", "801", alerts.NOTA_SIN_REFERENCIA),
    (61, "EFXP_CODIGO_REF_001", "4", alerts.REFERENCIA.format(n=1)),
    (61, "EFXP_CODIGO_REF_001", "2", alerts.TEXTO_CON_MONTO),
    (61, "EFXP_IND_GLOBAL_001", "1", alerts.REFERENCIA.format(n=1)),  # and yet a folio
    (61, "EFXP_IVA", "854", alerts.IVA),
    (61, "EFXP_TASA_IVA", "", alerts.IVA),
    (110, "EFXP_RUT_RECEP", "39002002", alerts.RECEPTOR_EXTRANJERO),
    (110, "EFXP_RZN_SOC_RECEP", "", alerts.RAZON_SOCIAL_RECEPTOR),
    (110, "EFXP_DIR_RECEP", "x" * 71, alerts.DIRECCION_RECEPTOR),
    (110, "EFXP_CIUDAD_RECEP", "x" * 21, alerts.CIUDAD_RECEPTOR),
    (110, "EFXP_GIRO_RECEP", "x" * 41, alerts.GIRO_RECEPTOR),
    (110, "EFXP_TIPOVENTA_SELECT", "2", alerts.TIPO_TRANSACCION),
    (110, "EFXP_PCTD_01", "10", alerts.DESCUENTO_LINEA.format(n=1)),  # 12.40 dollars
    (110, "EFXP_SUBT_01", "124.00", alerts.SUBTOTAL_LINEA.format(n=1)),
    (110, "EFXP_SUBTOTAL", "124", alerts.SUBTOTAL),
    (110, "EFXP_MNT_NETO", "124.01", alerts.NETO),  # without freight and insurance
    (110, "EFXP_MNT_TOTAL", "485.5", alerts.TOTAL),
    (110, "EFXP_IVA", "92.25", alerts.IVA),
    (110, "EDFE_MONEDA", "USD", alerts.MONEDA),
    (110, "EDFE_MONEDA", "PESO CL", alerts.TIPO_CAMBIO),
    (110, "EDFE_TIPO_CAMBIO", "", alerts.TIPO_CAMBIO),
    (110, "EDFE_TIPO_CAMBIO", "0", alerts.TIPO_CAMBIO),
    (110, "EDFE_TIPO_CAMBIO", "935.47125", alerts.TIPO_CAMBIO),
    (110, "EDFE_FMA_PAG_EXP", "3", alerts.FORMA_PAGO),
    (110, "EDFE_MOD_VENTA", "", _customs("EDFE_MOD_VENTA")),
    (110, "EDFE_CLAU_VENTA", "7", _customs("EDFE_CLAU_VENTA")),
    (110, "EDFE_VIA_TRANSP", "2", _customs("EDFE_VIA_TRANSP")),
    (110, "EDFE_PTO_EMBARQUE", "90600", _customs("EDFE_PTO_EMBARQUE")),
    (110, "EDFE_PAIS_DESTIN", "USA", _customs("EDFE_PAIS_DESTIN")),
    (110, "EDFE_TOT_CLAU_VENTA", "0.001", _customs("EDFE_TOT_CLAU_VENTA")),
    (110, "EDFE_UNID_PESO_BRUTO", "", _customs("EDFE_PESO_BRUTO")),
    (110, "EDFE_IND_SERVICIO", "1", _customs("EDFE_IND_SERVICIO")),
    (110, "EDFE_FLETE", "320.505", _customs("EDFE_FLETE")),
    (110, "EDFE_FLETE", "320", alerts.NETO),
    (110, "EDFE_TOT_BULTOS", "x", _customs("EDFE_TOT_BULTOS")),
    (110, "EDFE_PAIS_DESTIN", "", _customs("EDFE_PAIS_DESTIN")),
    (110, "EDFE_IND_SERVICIO", "4", alerts.SIN_PASAPORTE),
    (110, "EDFE_CANT_BULTO_01", "", alerts.BULTOS),
    (110, "EDFE_TPO_BULTO_02", "x", alerts.BULTOS),
    (110, "EDFE_SELLO_01", "x" * 21, alerts.BULTOS),
    (110, "EDFE_NUM_ID", "x" * 21, alerts.EXTRANJERO),
    (110, "EDFE_NACIONALIDAD", "US", alerts.EXTRANJERO),
    (110, "EDFE_INVENTADO", "1", _missing("EDFE_INVENTADO")),
]


@pytest.mark.parametrize(("tipo", "field", "value", "alert"), WRONG)
def test_one_wrong_field_of_a_type_is_refused(
    portal: Portal, tipo: int, field: str, value: str, alert: str
) -> None:
    assert "PreViewDTE" in portal.preview(form(tipo)).text
    assert alert_of(portal.preview(form(tipo, **{field: value}))) == alert


@pytest.mark.parametrize(
    ("field", "value", "alert"),
    [
        ("EFXP_OTRO_IMP_01", "15", alerts.OTRO_IMPUESTO.format(n=1)),
        ("EFXP_OTRO_IMP_TOTAL", "2233", alerts.OTRO_IMPUESTO_TOTAL),
        ("EFXP_OTRO_IMP_02", "", alerts.OTRO_IMPUESTO_TOTAL),
        ("EFXP_MNT_DESC", "1875", alerts.DESCUENTO_GLOBAL),  # 1875.625 cut off
        ("EFXP_IVA", "2494", alerts.IVA),
        ("EFXP_MNT_TOTAL", "15624", alerts.TOTAL),  # without the taxes
    ],
)
def test_an_additional_tax_that_does_not_add_up_is_refused(
    portal: Portal, field: str, value: str, alert: str
) -> None:
    assert alert_of(portal.preview(taxed(**{field: value}))) == alert


def test_a_purchase_that_gives_no_iva_is_refused(portal: Portal) -> None:
    worth = {"EFXP_QTY_01": "1", "EFXP_PRC_01": "2", "EFXP_SUBT_01": "2", "EFXP_SUBTOTAL": "2"}
    totals = {"EFXP_MNT_NETO": "2", "EFXP_IVA": "0", "EFXP_MNT_TOTAL": "2"}
    assert alert_of(portal.preview(form(46, **worth, **totals))) == alerts.IVA_CERO


def test_only_a_note_that_rewords_or_annuls_may_be_worth_nothing(portal: Portal) -> None:
    assert alert_of(portal.preview(form(61, **NOTHING))) == alerts.IVA_CERO
    assert "PreViewDTE" in portal.preview(form(61, **NOTHING, EFXP_CODIGO_REF_001="2")).text


@pytest.mark.parametrize("tipo", [56, 61])
def test_a_note_without_reference_is_refused(portal: Portal, tipo: int) -> None:
    bare = {name: value for name, value in form(tipo).items() if name not in REFERENCE}
    assert alert_of(portal.preview(bare)) == alerts.NOTA_SIN_REFERENCIA


@pytest.mark.parametrize("code", ["1", "2"])
def test_an_annulled_or_reworded_document_stands_alone(portal: Portal, code: str) -> None:
    second = {name.replace("001", "002"): value for name, value in REFERENCE.items() if name != "REF_SI_NO"}
    two = form(61, **second, EFXP_CODIGO_REF_001=code)
    assert alert_of(portal.preview(two)) == alerts.NOTA_DE_UN_DOCUMENTO


def test_amounts_may_be_corrected_in_many_documents_at_once(portal: Portal) -> None:
    second = {name.replace("001", "002"): value for name, value in REFERENCE.items() if name != "REF_SI_NO"}
    assert "PreViewDTE" in portal.preview(form(61, **second)).text


def test_an_annulled_document_was_received_before(portal: Portal) -> None:
    assert alert_of(portal.preview(annulment())) == alerts.REFERENCIA_NO_RECIBIDA
    portal.issue(form(33))
    assert "PreViewDTE" in portal.preview(annulment()).text
    for folio in ("2", "X1"):
        strange = annulment(EFXP_FOLIO_REF_001=folio)
        assert alert_of(portal.preview(strange)) == alerts.REFERENCIA_NO_RECIBIDA


def test_an_annulled_document_went_to_the_same_receiver(portal: Portal) -> None:
    portal.issue(form(33))
    other = {
        "EFXP_RUT_RECEP": COMPANY.split("-")[0],
        "EFXP_DV_RECEP": COMPANY[-1],
        "EFXP_RZN_SOC_RECEP": "COMERCIAL ÑANDÚ SPA (SANDBOX)",
        "EFXP_DIR_RECEP": "AV. PEDRO MONTT 2200",
        "EFXP_CMNA_RECEP": "VALPARAÍSO",
        "EFXP_GIRO_RECEP": "Venta al por mayor de diarios y revistas",
    }
    assert alert_of(portal.preview(annulment(**other))) == alerts.REFERENCIA_DE_OTRO


def test_a_guide_is_not_annulled_by_a_credit_note(portal: Portal) -> None:
    portal.issue(form(52))
    assert alert_of(portal.preview(annulment(EFXP_TPO_DOC_REF_001="52"))) == alerts.GUIA_NO_SE_ANULA


def test_an_annulment_of_another_amount_is_issued_and_objected_to(portal: Portal) -> None:
    portal.issue(form(33))
    portal.issue(annulment())
    portal.issue(
        annulment(
            EFXP_QTY_01="1",
            EFXP_PRC_01="4501",
            EFXP_SUBT_01="4501",
            EFXP_SUBTOTAL="4501",
            EFXP_MNT_NETO="4501",
            EFXP_MNT_TOTAL="5356",
        )
    )
    listed = portal.get("/cgi-bin/Portal001/mipeAdminDocsEmi.cgi", TPO_DOC="61").text
    newest, _, older = listed.partition("Documento con Reparos")
    assert "<td>2</td>" in newest
    assert "<td>1</td>" in older
    assert "Documento Emitido" in older


def test_a_debit_note_annuls_a_credit_note(portal: Portal) -> None:
    portal.issue(form(61))
    assert "ENVIADO EXITOSAMENTE" in portal.issue(annulment(56, EFXP_TPO_DOC_REF_001="61")).text


def test_a_driver_without_a_truck_is_enough(portal: Portal) -> None:
    driver = {name: value for name, value in TRUCK.items() if "CHOFER" in name}
    assert "PreViewDTE" in portal.preview(form(33, **driver)).text
