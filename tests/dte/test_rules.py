from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from factories import EMISOR, LINEA, RECEPTOR, TODAY, make_documento
from timbre.dte.codes import TipoDte
from timbre.dte.document import Documento, Referencia
from timbre.dte.rules import PORTAL, judge

REFERENCE = Referencia(tipo="801", folio="OC-1", fecha=TODAY)


def found(documento: Documento, capabilities: Any = PORTAL) -> set[tuple[str, str]]:
    return {(fault.code, fault.path) for fault in judge(documento, capabilities, today=TODAY)}


def with_line(**changes: Any) -> Documento:
    return make_documento(detalles=(replace(LINEA, **changes),))


def test_a_plain_invoice_has_no_fault() -> None:
    assert found(make_documento()) == set()
    assert found(make_documento(tipo=TipoDte.FACTURA_EXENTA)) == set()


def test_credit_without_due_date_is_fine() -> None:
    assert found(make_documento(fecha_vencimiento=None)) == set()


def test_every_fault_is_told_at_once() -> None:
    documento = make_documento(
        receptor=replace(RECEPTOR, direccion=""),
        emisor=replace(EMISOR, acteco="panes"),
        detalles=(replace(LINEA, nombre="x" * 81, precio=Decimal(-1)),),
    )
    assert found(documento) == {
        ("receiver_data_incomplete", "document_receiver.address"),
        ("invalid_code", "document_issuer.activity_code"),
        ("field_too_long", "details.0.item_name"),
        ("negative_amount", "details.0.unit_price"),
    }


def test_a_long_text_is_told_with_its_length_and_the_limit() -> None:
    (fault,) = judge(with_line(unidad="kilos"), PORTAL, today=TODAY)
    assert fault.message == "La unidad de medida de la línea 1 tiene 5 caracteres; el máximo es 4."


def test_a_description_that_xml_would_swell_over_a_line_of_the_sii_is_too_long() -> None:
    assert found(with_line(descripcion="&" * 1000)) == {("field_too_long", "details.0.item_description")}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"nombre": " "}, "dte_field_required", "item_name"),
        ({"cantidad": Decimal(0)}, "invalid_quantity", "quantity"),
        ({"cantidad": Decimal(-1)}, "negative_amount", "quantity"),
        ({"cantidad": Decimal("0.1234567")}, "too_many_decimals", "quantity"),
        ({"precio": Decimal("1e12")}, "amount_too_large", "unit_price"),
        ({"precio": Decimal("NaN")}, "invalid_number", "unit_price"),
        ({"precio": Decimal("Infinity")}, "invalid_number", "unit_price"),
        ({"descuento_pct": Decimal("100.01")}, "discount_out_of_range", "discount_percent"),
        ({"descuento_pct": Decimal(-1)}, "discount_out_of_range", "discount_percent"),
        ({"descuento_pct": Decimal("3.333")}, "too_many_decimals", "discount_percent"),
        ({"codigo": "x" * 36}, "field_too_long", "item_code"),
        ({"descripcion": "x" * 1001}, "field_too_long", "item_description"),
    ],
)
def test_a_line_is_judged_field_by_field(changes: dict[str, Any], code: str, field: str) -> None:
    assert found(with_line(**changes)) == {(code, f"details.0.{field}")}


def test_a_document_needs_lines() -> None:
    assert found(make_documento(detalles=())) == {("dte_field_required", "details")}


def test_the_portal_takes_ten_lines_and_three_references() -> None:
    assert found(make_documento(detalles=(LINEA,) * 10, referencias=(REFERENCE,) * 3)) == set()
    assert found(make_documento(detalles=(LINEA,) * 11, referencias=(REFERENCE,) * 4)) == {
        ("detail_line_limit", "details"),
        ("reference_limit", "references"),
    }


def test_amounts_stay_within_the_xsds_eighteen_digits() -> None:
    line = replace(LINEA, cantidad=Decimal(10**9), precio=Decimal(10**9))
    assert found(make_documento(detalles=(line,))) == {
        ("amount_too_large", "details.0"),
        ("amount_too_large", "details"),
    }


def test_an_invoice_of_exempt_lines_alone_must_be_a_34() -> None:
    assert found(with_line(exencion=1)) == {("all_lines_exempt", "dte_type.code")}


def test_an_invoice_must_carry_some_iva() -> None:
    assert found(with_line(cantidad=Decimal(1), precio=Decimal(2))) == {("iva_is_zero", "details")}
    assert found(with_line(cantidad=Decimal(1), precio=Decimal(3))) == set()


def test_the_portal_mixes_no_exempt_lines_but_other_ways_do() -> None:
    mixed = make_documento(detalles=(LINEA, replace(LINEA, exencion=1)))
    assert found(mixed) == {("mixed_exemption_not_available", "details.1.is_exempt")}
    assert found(mixed, replace(PORTAL, mixed_exemption=True)) == set()


def test_a_type_that_this_way_does_not_carry_is_refused() -> None:
    assert found(make_documento(tipo=TipoDte.NOTA_CREDITO)) == {("dte_type_not_available", "dte_type.code")}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"fecha_emision": TODAY + timedelta(days=1)}, {("date_in_future", "date_issued")}),
        ({"fecha_emision": date(2003, 3, 31)}, {("date_out_of_range", "date_issued")}),
        ({"fecha_emision": date(2003, 4, 1)}, set()),
        (
            {"fecha_vencimiento": TODAY - timedelta(days=1)},
            {("due_date_before_issue", "header.due_date")},
        ),
        ({"fecha_vencimiento": TODAY}, set()),
        ({"fecha_vencimiento": date(2051, 1, 1)}, {("date_out_of_range", "header.due_date")}),
    ],
)
def test_dates_stay_within_what_the_sii_takes(
    changes: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    assert found(make_documento(**changes)) == expected


def test_ruts_are_checked_to_the_digit() -> None:
    assert found(make_documento(receptor=replace(RECEPTOR, rut="88888888-9"))) == {
        ("invalid_rut", "document_receiver.rut")
    }


@pytest.mark.parametrize("attribute", ["razon_social", "giro", "acteco", "direccion", "comuna"])
def test_the_issuers_data_must_be_complete(attribute: str) -> None:
    (fault,) = judge(make_documento(emisor=replace(EMISOR, **{attribute: ""})), PORTAL, today=TODAY)
    assert fault.code == "issuer_data_incomplete"
    assert fault.path.startswith("document_issuer.")


def test_references_are_judged_too() -> None:
    bad = Referencia(tipo="", folio="x" * 19, fecha=date(1999, 12, 31), razon="x" * 91, codigo=4)
    assert found(make_documento(referencias=(REFERENCE, bad))) == {
        ("dte_field_required", "references.1.dte_type_code"),
        ("field_too_long", "references.1.reference_folio"),
        ("date_out_of_range", "references.1.reference_date"),
        ("field_too_long", "references.1.reference_reason"),
        ("invalid_code", "references.1.reference_code"),
    }


def test_the_portals_form_is_narrower_for_the_issuers_phone_and_e_mail() -> None:
    emisor = replace(EMISOR, correo=f"{'a' * 25}@b.cl", telefono="+56 9 1234 5678")
    assert found(make_documento(emisor=emisor)) == set()
    wide = replace(EMISOR, correo=f"{'a' * 26}@b.cl", telefono="+56 9 1234 5678 901")
    assert found(make_documento(emisor=wide)) == {
        ("field_too_long", "document_issuer.email"),
        ("field_too_long", "document_issuer.phone_number"),
    }
    assert found(make_documento(emisor=wide), replace(PORTAL, longest_email=80, longest_phone=20)) == set()
