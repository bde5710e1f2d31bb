import pytest
from portal_client import COMPANY, PORTAL, RECEIVER, Portal, alert_of, array_of, invoice, read_hidden

from timbre.simulator import alerts
from timbre.simulator.taxpayers import UNKNOWN, find_taxpayer


def test_the_form_carries_the_company_and_no_folio(portal: Portal) -> None:
    answer = portal.get(f"{PORTAL}mipeGenFacEx.cgi", PTDC_CODIGO="33")
    assert answer.headers["Content-Type"] == "text/html; charset=ISO-8859-1"
    assert f"Rut {COMPANY}" in answer.text
    assert "folio no asignado" in answer.text
    assert 'name="VIEW_EFXP"' in answer.text
    assert array_of(answer.text, "emisorActEco")[1] == ["620100", "Actividades de programación informática"]
    street, comuna, city, branch, _ = array_of(answer.text, "emisorDir")[1]
    assert (street.rstrip(), comuna, city, branch) == ("CALLE LOS ÑIRES 45", "ÑUÑOA", "SANTIAGO", "90010012")
    assert array_of(answer.text, "recptorDir") == []


def test_only_the_affected_form_has_iva(portal: Portal) -> None:
    assert 'name="EFXP_IVA"' in portal.get(f"{PORTAL}mipeGenFacEx.cgi", PTDC_CODIGO="33").text
    assert 'name="EFXP_IVA"' not in portal.get(f"{PORTAL}mipeGenFacEx.cgi", PTDC_CODIGO="34").text


def test_another_type_is_not_available(portal: Portal) -> None:
    answer = portal.get(f"{PORTAL}mipeGenFacEx.cgi", PTDC_CODIGO="43")
    assert alert_of(answer) == alerts.TIPO_NO_DISPONIBLE


def test_a_look_up_fills_in_the_receiver_but_not_its_city(portal: Portal) -> None:
    answer = portal.look_up(RECEIVER)
    assert 'value="PANADERÍA PEÑA &amp; HIJOS LIMITADA (SANDBOX)" name="EFXP_RZN_SOC_RECEP"' in answer.text
    assert array_of(answer.text, "recptorDir")[0] == ["O'HIGGINS 310", "CONCEPCIÓN", "CONCEPCIÓN"]
    assert array_of(answer.text, "recptoActEco")[1] == ["107200", "Elaboración de azúcar"]
    assert 'value="" size=15 name="EFXP_CIUDAD_RECEP"' in answer.text


@pytest.mark.parametrize("rut", sorted(UNKNOWN))
def test_an_unknown_receiver_comes_back_without_data(portal: Portal, rut: str) -> None:
    answer = portal.look_up(rut)
    assert 'value="" name="EFXP_RZN_SOC_RECEP"' in answer.text
    assert array_of(answer.text, "recptorDir") == []


def test_any_other_receiver_is_made_up_and_always_the_same(portal: Portal) -> None:
    first, second = portal.look_up("76543210-3").text, portal.look_up("76543210-3").text
    made_up = find_taxpayer("76543210-3")
    assert made_up is not None
    assert first == second
    assert made_up.razon_social.endswith("(SANDBOX)")
    assert [row[0] for row in array_of(first, "recptorDir")] == [a.direccion for a in made_up.addresses]


def test_a_receiver_with_a_wrong_check_digit_is_refused(portal: Portal) -> None:
    assert alert_of(portal.look_up("39002002-4")) == alerts.RUT_RECEPTOR


def test_the_preview_gives_the_whole_document_back(portal: Portal) -> None:
    form = invoice()
    answer = portal.preview(form)
    hidden = read_hidden(answer.text, "PreViewDTE")
    assert "Pre-View de Documento" in answer.text
    assert "mipeGenXMLFirma.cgi" in answer.text
    assert hidden["INDICA_PRIMERA_EJECUCION"] == "1"
    assert hidden["CANT_DET"] == "2"
    for name, value in form.items():
        if name != "EFXP_ACTECO_SELECT":
            assert hidden[name] == value, name


WRONG = {
    "EFXP_RZN_SOC": ("COMERCIAL NANDU SPA (SANDBOX)", alerts.RAZON_SOCIAL_EMISOR),
    "EFXP_GIRO_EMIS": ("Venta de diarios", alerts.GIRO_EMISOR),
    "EFXP_ACTECO": ("492300", alerts.ACTECO_EMISOR),
    "EFXP_ACTECO_SELECT": ("702000", alerts.ACTECO_EMISOR),
    "EFXP_DIR_ORIGEN": ("CALLE LOS ÑIRES 46", alerts.DIRECCION_EMISOR),
    "EFXP_CMNA_ORIGEN": ("PROVIDENCIA", alerts.DIRECCION_EMISOR),
    "EFXP_CDG_SII_SUCUR": ("90010011", alerts.DIRECCION_EMISOR),
    "EFXP_CIUDAD_ORIGEN": ("", alerts.CIUDAD_EMISOR),
    "EFXP_EMAIL_EMISOR": ("x" * 31, alerts.CORREO_EMISOR),
    "EFXP_TIPOVENTA_SELECT": ("9", alerts.TIPO_TRANSACCION),
    "EFXP_FCH_EMIS": ("2026-02-30", alerts.FECHA_EMISION),
    "EFXP_RUT_RECEP": ("39002003", alerts.RUT_RECEPTOR),
    "EFXP_DV_RECEP": ("K", alerts.RUT_RECEPTOR),
    "EFXP_RZN_SOC_RECEP": ("PANADERÍA PEÑA LIMITADA", alerts.RAZON_SOCIAL_RECEPTOR),
    "EFXP_DIR_RECEP": ("OTRA CALLE 1", alerts.DIRECCION_RECEPTOR),
    "EFXP_CMNA_RECEP": ("CHIGUAYANTE", alerts.DIRECCION_RECEPTOR),
    "EFXP_GIRO_RECEP": ("Panadería", alerts.GIRO_RECEPTOR),
    "EFXP_CIUDAD_RECEP": ("", alerts.CIUDAD_RECEPTOR),
    "EFXP_CONTACTO": ("x" * 81, alerts.CONTACTO),
    "EFXP_FMA_PAGO": ("", alerts.FORMA_PAGO),
    "EFXP_FCH_VENC": ("14/12/2026", alerts.VENCIMIENTO),
    "EFXP_FCH_PAGO_001": ("2026-12-01", alerts.PAGOS),
    "EFXP_NMB_01": ("", alerts.LINEA.format(n=1)),
    "EFXP_QTY_01": ("0", alerts.LINEA.format(n=1)),
    "EFXP_PRC_01": ("19900,5", alerts.LINEA.format(n=1)),
    "EFXP_PCTD_02": ("101", alerts.LINEA.format(n=2)),
    "EFXP_SUBT_01": ("19901", alerts.SUBTOTAL_LINEA.format(n=1)),
    "EFXP_SUBT_02": ("500", alerts.SUBTOTAL_LINEA.format(n=2)),
    "EFXP_COD_01": ("A-1", alerts.CODIGO_LINEA.format(n=1)),
    "EFXP_NMB_04": ("Un hueco", alerts.LINEA.format(n=3)),
    "EFXP_NMB_11": ("Una de más", alerts.DEMASIADAS_LINEAS),
    "REF_SI_NO": ("", alerts.REFERENCIA.format(n=1)),
    "EFXP_FCH_REF_001": ("2001-01-01", alerts.REFERENCIA.format(n=1)),
    "EFXP_FOLIO_REF_001": ("1" * 19, alerts.REFERENCIA.format(n=1)),
    "EFXP_TPO_DOC_REF_004": ("801", alerts.DEMASIADAS_REFERENCIAS),
    "EFXP_SUBTOTAL": ("20400", alerts.SUBTOTAL),
    "EFXP_MNT_NETO": ("20398", alerts.NETO),
    "EFXP_TASA_IVA": ("10", alerts.IVA),
    "EFXP_IVA": ("3875", alerts.IVA),
    "EFXP_MNT_TOTAL": ("24276", alerts.TOTAL),
    "EFXP_PCT_DESC": ("5", alerts.DESCUENTO_GLOBAL),
    "EFXP_NMB_02": ("Cuaderno \x96 tapa dura", alerts.CARACTERES),
    "PTDC_CODIGO": ("43", alerts.TIPO_NO_DISPONIBLE),
}


@pytest.mark.parametrize("field", WRONG)
def test_one_wrong_field_is_refused_with_its_alert(portal: Portal, field: str) -> None:
    value, alert = WRONG[field]
    assert alert_of(portal.preview(invoice(**{field: value}))) == alert


def test_an_invoice_without_lines_is_refused(portal: Portal) -> None:
    form = {name: value for name, value in invoice().items() if not name.endswith(("_01", "_02"))}
    assert alert_of(portal.preview(form)) == alerts.SIN_DETALLE


def test_an_affected_invoice_without_iva_is_refused(portal: Portal) -> None:
    line = {"EFXP_NMB_02": "", "EFXP_DSC_ITEM_02": "", "EFXP_QTY_02": "", "EFXP_UNMD_02": ""}
    line |= {
        "EFXP_PRC_02": "",
        "EFXP_PCTD_02": "",
        "EFXP_SUBT_02": "",
        "EFXP_PRC_01": "2",
        "EFXP_SUBT_01": "2",
    }
    totals = {"EFXP_SUBTOTAL": "2", "EFXP_MNT_NETO": "2", "EFXP_IVA": "0", "EFXP_MNT_TOTAL": "2"}
    assert alert_of(portal.preview(invoice(**line, **totals))) == alerts.IVA_CERO


def test_text_posted_as_utf8_is_not_what_is_on_file(portal: Portal) -> None:
    answer = portal.post(f"{PORTAL}mipeDisplayPreView.cgi", invoice(), encoding="utf-8")
    assert alert_of(answer) in {alerts.CARACTERES, alerts.RAZON_SOCIAL_EMISOR}


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "worth"),
    [
        ("1", "0.5", "", "1"),  # half a peso goes away from zero
        ("3", "0.5", "", "2"),
        ("2.5", "1", "", "3"),  # banker's rounding would say 2
        ("1", "1001", "50", "500"),  # a discount of 500.5 is 501
        ("0.333333", "999.999999", "", "333"),
        ("", "700", "", "700"),  # no quantity is one
    ],
)
def test_lines_round_half_away_from_zero(
    portal: Portal, quantity: str, price: str, discount: str, worth: str
) -> None:
    line = {"EFXP_QTY_02": quantity, "EFXP_PRC_02": price, "EFXP_PCTD_02": discount, "EFXP_SUBT_02": worth}
    subtotal = 19900 + int(worth)
    totals = {"EFXP_SUBTOTAL": str(subtotal), "EFXP_MNT_NETO": str(subtotal), "EFXP_MNT_TOTAL": str(subtotal)}
    assert "PreViewDTE" in portal.preview(invoice(34, **line, **totals)).text
    wrong = line | {"EFXP_SUBT_02": str(int(worth) + 1)}
    assert alert_of(portal.preview(invoice(34, **wrong, **totals))) == alerts.SUBTOTAL_LINEA.format(n=2)
