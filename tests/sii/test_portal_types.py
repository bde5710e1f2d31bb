"""Each type's own fields on the form, and that nothing of a document gets lost between asking and reading."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from portal_cases import invoice, settled
from portal_documents import (
    CARRIER,
    DISCOUNT,
    DOCUMENTS,
    TRUCK,
    export,
    full_invoice,
    guide,
    item,
    note,
    purchase,
    text_correction,
)

from timbre.dte.codes import IDK_PRODUCTION, IDK_SIMULATOR, FormaPago, TipoDte
from timbre.dte.document import (
    Aduana,
    Ajuste,
    Base,
    Bulto,
    Detalle,
    Documento,
    Entrada,
    GuiaExportacion,
    Moneda,
    Pago,
    Transporte,
)
from timbre.dte.totals import compute_totals
from timbre.sii.gateway import Refused
from timbre.sii.portal.asked import expected
from timbre.sii.portal.fitting import check_fits
from timbre.sii.portal.form import entry, fill
from timbre.sii.portal.matching import content_key
from timbre.sii.portal.readback import compare_preview


def posted(documento: Documento) -> dict[str, str]:
    return fill({}, settled(documento))


@pytest.mark.parametrize("documento", DOCUMENTS.values(), ids=DOCUMENTS)
def test_every_type_fits_the_form(documento: Documento) -> None:
    check_fits(documento, idk=IDK_SIMULATOR)


def test_a_types_form_is_asked_for_in_its_own_way() -> None:
    assert [entry(tipo) for tipo in (33, 52, 61, 56, 46)] == [
        {"PTDC_CODIGO": "33"},
        {"PTDC_CODIGO": "52"},
        {"TIPO_PLANTILLA": "NC_BLANCO", "PTDC_CODIGO": "61"},
        {"TIPO_PLANTILLA": "NC_BLANCO", "PTDC_CODIGO": "56"},
        {"AGENTE_RETENEDOR": "62", "PTDC_CODIGO": "46"},
    ]


def test_a_purchase_withholds_its_iva_and_is_worth_its_net() -> None:
    wanted = {
        "AGENTE_RETENEDOR": "62",
        "EFXP_MNT_NETO": "138203",
        "EFXP_IVA": "26259",
        "EFXP_MNT_TOTAL": "138203",
        "EFXP_TIPOCOMPRA_SELECT": "1",
    }
    found = posted(purchase())
    assert wanted.items() <= found.items()
    assert "OTRO_IMP_SI_NO" not in found


def test_a_guide_says_why_and_how_goods_move_and_carries_iva() -> None:
    wanted = {
        "TIPO_PLANTILLA": "GUIA_DESPACHO",
        "EFXP_IND_VENTA": "1",
        "EFXP_FMA_PAGO": "",
        "EFXP_RUT_TRANSPORTE": CARRIER.split("-")[0],
        "EFXP_DV_TRANSPORTE": "5",
        "EFXP_PATENTE": "BCDF12",
        "EFXP_RUT_CHOFER": "11111111",
        "EFXP_DV_CHOFER": "1",
        "EFXP_NOMBRE_CHOFER": "José Peña",
        "EFXP_MNT_NETO": "138021",
        "EFXP_IVA": "26224",
    }
    assert wanted.items() <= posted(guide()).items()


def test_a_corrected_text_is_worth_nothing() -> None:
    found = posted(text_correction())
    wanted = {"EFXP_PRC_01": "", "EFXP_SUBT_01": "0", "EFXP_IVA": "0", "EFXP_MNT_TOTAL": "0"}
    assert (wanted | {"EFXP_CODIGO_REF_001": "2", "TIPO_PLANTILLA": "NC_BLANCO"}).items() <= found.items()


def test_an_invoice_posts_payments_taxes_a_discount_and_a_global_reference() -> None:
    wanted = {
        "PAGO_SI_NO": "SiChecked",
        "EFXP_FCH_PAGO_001": "2026-04-01",
        "EFXP_MNT_PAGO_002": "50000",
        "EFXP_GLOSA_PAGOS_001": "Primera cuota",
        "OTRO_IMP_SI_NO": "SiChecked",
        "EFXP_OTRO_IMP_01": "26",
        "EFXP_OTRO_IMP_TOTAL": "25674",
        "EFXP_SUBTOTAL": "282621",
        "EFXP_PCT_DESC": "12.5",
        "EFXP_MNT_DESC": "35328",
        "EFXP_MNT_NETO": "247293",
        "EFXP_IVA": "46986",
        "EFXP_MNT_TOTAL": "319953",
        "EFXP_IND_GLOBAL_001": "1",
        "EFXP_FOLIO_REF_001": "0",
        "EFXP_TIPOCOMPRA_SELECT": "4",
        "EFXP_TIPOVENTA_SELECT": "2",
    }
    found = posted(full_invoice())
    assert wanted.items() <= found.items()
    assert "EFXP_OTRO_IMP_04" not in found
    assert "EFXP_IND_GLOBAL_002" not in found


def test_an_export_is_posted_in_its_currency_with_two_decimals() -> None:
    wanted = {
        "EDFE_MONEDA": "DOLAR USA",
        "EDFE_TIPO_CAMBIO": "935.4712",
        "EFXP_SUBT_01": "124.01",
        "EFXP_SUBT_02": "1506.25",
        "EFXP_SUBTOTAL": "1630.26",
        "EFXP_MNT_DESC": "81.51",
        "EFXP_MNT_NETO": "1910.25",
        "EFXP_MNT_TOTAL": "1910.25",
        "EFXP_IVA": "",
        "EDFE_FLETE": "320.5",
        "EDFE_PESO_BRUTO": "1200.5",
        "EDFE_TPO_BULTO_02": "22",
        "EDFE_NUM_ID": "US-99-1234",
        "EFXP_CIUDAD_RECEP": "San Francisco, CA",
        "EFXP_DV_RECEP": "5",
    }
    assert wanted.items() <= posted(export()).items()


def refused_field(documento: Documento, idk: int = IDK_SIMULATOR) -> str | None:
    """The field the form has no room for, or None."""
    try:
        check_fits(documento, idk=idk)
    except Refused as refused:
        return refused.field
    return None


def test_an_export_is_never_guessed_at_the_real_sii() -> None:
    assert refused_field(export(), IDK_PRODUCTION) == "dte_type.code"
    assert refused_field(guide(), IDK_PRODUCTION) is None


@pytest.mark.parametrize(
    ("documento", "field"),
    [
        (invoice(brutos=True), "details.0.gross_unit_price"),
        (invoice(pagos=full_invoice().pagos * 2), "header.payments"),
        (invoice(ajustes=(DISCOUNT, DISCOUNT)), "global_adjustments.1"),
        (invoice(ajustes=(Ajuste(monto=Decimal(5)),)), "global_adjustments.0"),
        (invoice(ajustes=(replace(DISCOUNT, recargo=True),)), "global_adjustments.0"),
        (invoice(ajustes=(replace(DISCOUNT, glosa="Feria"),)), "global_adjustments.0.description"),
        (invoice(ajustes=(replace(DISCOUNT, sobre=Base.EXENTO),)), "global_adjustments.0"),
        (invoice(detalles=(item(impuesto="19"),)), "details.0.other_tax"),
        (invoice(detalles=(item(descuento_monto=Decimal(5)),)), "details.0.discount_amount"),
        (invoice(detalles=(item(exencion=2),)), "details.0.exempt_indicator"),
        (invoice(transporte=Transporte(comuna="Talca")), "transport_data.destination_district"),
        (replace(purchase(), detalles=(item(),)), "details.0.other_tax"),
        (replace(purchase(), detalles=(item(impuesto="15"),)), "details.0.other_tax"),
        (note(referencias=()), "references"),
        (note(referencias=invoice().referencias), "references.0.correction_code"),
        (guide(transporte=replace(TRUCK, aduana=Aduana(via=1))), "transport_data"),
        (guide(tipo_despacho=1), "transport_data.dispatch_type"),
        (export(ajustes=export().ajustes[:2]), "global_adjustments.1"),
        (
            export(transporte=Transporte(aduana=Aduana(bultos=(Bulto(tipo=1, cantidad=1),) * 4)), ajustes=()),
            "export_data.packages",
        ),
        (export(tipo_venta=2), "header.sale_transaction_type"),
    ],
)
def test_what_the_form_has_no_field_for_is_refused_by_its_name(documento: Documento, field: str) -> None:
    assert refused_field(documento) == field


def test_the_preview_says_the_same_of_an_export() -> None:
    form = posted(export())
    compare_preview(form, form)
    for name in ("EDFE_MONEDA", "EDFE_MARCAS_01", "EFXP_MNT_TOTAL", "TIPO_PLANTILLA"):
        with pytest.raises(Refused) as refused:
            compare_preview(form, form | {name: "9"})
        assert refused.value.reason == "sii_page_mismatch"
    with pytest.raises(Refused) as refused:
        compare_preview(form, form | {"EDFE_MARCAS_02": "OTRA"})
    assert refused.value.field == "export_data.packages.1.marks"


OTHERS: dict[str, Any] = {
    "tipo": TipoDte.BOLETA,
    "forma_pago": FormaPago.GRATIS,
    "moneda": Moneda("EURO", Decimal(1100)),
    "guia_exportacion": GuiaExportacion(codigo=1),
    "entrada": Entrada(
        folio=1, generada="", evento="x", tipo="", codigo_evento="", fecha_evento="", lugar="", ubicacion=""
    ),
    "transporte": TRUCK,
    "aduana": Aduana(via=4),
    "bultos": (Bulto(tipo=1, cantidad=1),),
    "ajustes": (DISCOUNT,),
    "pagos": (Pago(fecha=date(2026, 4, 1), monto=Decimal(7)),),
    "referencias": full_invoice().referencias,
    "detalles": (Detalle(nombre="Otra"),),
    "sobre": Base.NO_FACTURABLE,
    "exencion": 2,
    "acteco": "999999",
    "sucursal": "7",
    "impuesto": "23",
}
"""Another value, where it cannot be told from the one there is."""
DATES = {"fecha_cancelacion", "fecha_vencimiento", "periodo_desde", "periodo_hasta"}
NUMBERS = {
    "medio_pago",
    "indicador_servicio",
    "tipo_despacho",
    "indicador_traslado",
    "forma_pago_exportacion",
}
NOT_ON_THE_FORM = {"receptor.correo"}
"""The one thing the form has no field for that stands in nobody's way: it is no part of the tax document."""


def changed(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """The same value with each single thing in it changed, and what was changed."""
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            inner = changed(getattr(value, field.name), f"{at}.{field.name}".lstrip("."))
            yield from ((path, replace(value, **{field.name: new})) for path, new in inner)
    elif isinstance(value, tuple) and value:
        yield at, ()
        yield from ((path, (new, *value[1:])) for path, new in changed(value[0], at))
    else:
        yield at, another(at.rpartition(".")[2], value)


def another(name: str, value: Any) -> Any:
    if OTHERS.get(name, value) != value:
        return OTHERS[name]
    match value:
        case bool():
            return not value
        case int() | Decimal():
            return value + 1
        case date():
            return date(2026, 6, 30)
        case str():
            return f"{value}9"
    return date(2026, 6, 30) if name in DATES else 3 if name in NUMBERS else Decimal(3)


@pytest.mark.parametrize("documento", DOCUMENTS.values(), ids=DOCUMENTS)
def test_whatever_is_changed_in_a_document_is_refused_or_read_back(documento: Documento) -> None:
    said = list(expected(documento))
    silent = [
        path
        for path, other in changed(documento)
        if refused_field(other) is None and list(expected(other)) == said
    ]
    of_nothing = set() if compute_totals(documento).total else {"detalles.descuento_pct"}
    assert set(silent) <= NOT_ON_THE_FORM | of_nothing


def test_documents_that_say_the_same_have_the_same_key_however_it_is_said() -> None:
    keys = {name: content_key(documento) for name, documento in DOCUMENTS.items()}
    assert len(set(keys.values())) == len(DOCUMENTS)
    assert content_key(invoice(tipo_venta=1, tipo_compra=1)) == content_key(invoice())
    assert content_key(invoice(tipo_venta=2)) != content_key(invoice())
    assert content_key(invoice(forma_pago=None)) == content_key(invoice())
