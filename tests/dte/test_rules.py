from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from breaking import BEYOND_THE_PORTAL, BROKEN, CUSTOMS, annulling, export, guide, large, note, of_line

from factories import AN_INVOICE, EMISOR, LINEA, RECEPTOR, TODAY, make_documento, make_of
from timbre.dte.codes import TipoDte
from timbre.dte.document import Ajuste, Base, Documento, Referencia, Transporte
from timbre.dte.rules import (
    CATALOGUE,
    FEATURES,
    PORTAL,
    PORTAL_PRODUCTION,
    WARNINGS,
    Capabilities,
    Criteria,
    Level,
    judge,
    judge_annulment,
    judge_document,
    judge_gateway,
)

REFERENCE = Referencia(tipo="801", folio="OC-1", fecha=TODAY)
RULES = {each.name: each for each in CATALOGUE}
UF = Criteria(uf=Decimal("39485.65"))


def found(documento: Documento, capabilities: Capabilities = PORTAL) -> set[tuple[str, str]]:
    return {(fault.code, fault.path) for fault in judge(documento, capabilities, today=TODAY)}


def name_of(case: tuple[str, Documento, str]) -> str:
    return f"{case[0]} {case[1].tipo:d} {case[2]}"


@pytest.mark.parametrize(("rule", "documento", "path"), BROKEN, ids=map(name_of, BROKEN))
def test_a_document_that_breaks_a_rule_is_told_its_code_and_where(
    rule: str, documento: Documento, path: str
) -> None:
    today = max(TODAY, documento.fecha_emision if rule.startswith("transport") else TODAY)
    criteria = UF if rule in {"boletas.receiver", "boletas.payment"} else Criteria()
    told = {(f.code, f.path): f for f in judge_document(documento, today=today, criteria=criteria)}
    fault = told[RULES[rule].code, path]
    assert fault.warns == (RULES[rule].level is Level.WARN)
    assert fault.message.endswith((".", ")."))


def test_every_rule_of_the_catalogue_has_a_document_that_breaks_it() -> None:
    assert {rule for rule, _, _ in BROKEN} == set(RULES)
    assert len(RULES) == len(CATALOGUE)


@pytest.mark.parametrize(
    ("code", "documento", "path"), BEYOND_THE_PORTAL, ids=map(name_of, BEYOND_THE_PORTAL)
)
def test_what_the_portal_cannot_carry_is_refused_by_name(code: str, documento: Documento, path: str) -> None:
    assert (code, path) in {(fault.code, fault.path) for fault in judge_gateway(documento, PORTAL)}
    assert code not in {fault.code for fault in judge_gateway(documento, Capabilities())}


def test_the_portal_writes_the_note_that_annuls_an_exempt_invoice_or_a_purchase_itself() -> None:
    exempt = annulling("34", exencion=1)
    discounted = replace(exempt, ajustes=(Ajuste(pct=Decimal(5), sobre=Base.EXENTO),))
    withheld = annulling("46", impuesto="15", agente_retenedor=True)
    for way in (PORTAL, PORTAL_PRODUCTION):
        assert [judge_gateway(each, way) for each in (exempt, discounted, withheld)] == [(), (), ()]
        told = {each.code for each in judge_gateway(replace(exempt, brutos=True), way)}
        assert told == {"gross_prices_not_available"}
    reasoned = replace(exempt, referencias=(replace(exempt.referencias[0], razon="Se arrepintió"),))
    (warning,) = judge_gateway(reasoned, PORTAL)
    assert (warning.code, warning.path, warning.warns) == (
        "reason_by_sii",
        "references.0.reference_reason",
        True,
    )
    assert judge_gateway(reasoned, Capabilities()) == ()
    twice = replace(exempt, referencias=exempt.referencias * 2)
    assert {each.code for each in judge_gateway(twice, PORTAL)} == {"mixed_exemption_not_available"}


def test_every_feature_has_a_document_that_asks_for_it() -> None:
    assert {code for code, _, _ in BEYOND_THE_PORTAL} >= set(FEATURES)


@pytest.mark.parametrize("code", sorted(WARNINGS))
def test_a_warning_that_is_enforced_refuses(code: str) -> None:
    rule, documento, path = next(
        each for each in BROKEN if RULES[each[0]].code == code and RULES[each[0]].level is Level.WARN
    )
    today = max(TODAY, documento.fecha_emision)
    criteria = Criteria(enforced=frozenset({code}))
    told = judge_document(documento, today=today, criteria=criteria)
    assert [f.warns for f in told if (f.code, f.path) == (code, path)] == [False], rule


def test_a_dated_rule_holds_from_its_day_on() -> None:
    day = RULES["transport.carriage_data"].since
    assert day is not None
    for issued, told in ((day - timedelta(days=1), False), (day, True)):
        faults = judge_document(guide(fecha_emision=issued), today=day)
        assert ("transport_data_missing" in {each.code for each in faults}) is told


def test_what_the_portal_cannot_carry_is_not_asked_for_there() -> None:
    issued = guide(fecha_emision=date(2026, 5, 2))
    told = {each.code for each in judge(issued, PORTAL, today=issued.fecha_emision)}
    assert "transport_data_missing" in told
    assert "destination_missing" not in told


@pytest.mark.parametrize("tipo", sorted(TipoDte))
def test_a_sound_document_of_any_type_has_no_fault(tipo: TipoDte) -> None:
    sound = {
        TipoDte.FACTURA_COMPRA: make_of(TipoDte.FACTURA_COMPRA, tipo_compra=1),
        TipoDte.FACTURA_EXPORTACION: export(),
        TipoDte.NOTA_DEBITO: note(replace(AN_INVOICE, codigo=3), tipo=TipoDte.NOTA_DEBITO),
        TipoDte.NOTA_DEBITO_EXPORTACION: note(
            replace(AN_INVOICE, tipo="110", codigo=3), tipo=TipoDte.NOTA_DEBITO_EXPORTACION
        ),
    }
    assert judge_document(sound.get(tipo, make_of(tipo)), today=TODAY) == ()


def test_the_portal_carries_a_plain_document_of_each_of_its_types() -> None:
    assert {f"{tipo:d}" for tipo in PORTAL.types} == {"33", "34", "46", "52", "56", "61", "110"}
    for tipo in PORTAL.types:
        documento = export() if tipo is TipoDte.FACTURA_EXPORTACION else make_of(tipo)
        assert judge_gateway(documento, PORTAL) == ()
    assert PORTAL_PRODUCTION.types == PORTAL.types - {TipoDte.FACTURA_EXPORTACION}
    assert found(export(), PORTAL_PRODUCTION) == {("dte_type_not_available", "dte_type.code")}


def test_one_percentage_off_the_affected_lines_goes_through_the_portal() -> None:
    assert found(make_documento(ajustes=(Ajuste(pct=Decimal(5)),))) == set()


def test_every_fault_is_told_at_once_in_reading_order() -> None:
    documento = make_documento(
        receptor=replace(RECEPTOR, direccion=""),
        emisor=replace(EMISOR, acteco="panes"),
        detalles=(LINEA,) * 2 + (replace(LINEA, nombre="x" * 81, precio=Decimal(-1)),),
        referencias=(replace(REFERENCE, folio=""),),
        fecha_emision=TODAY + timedelta(days=1),
    )
    assert [(each.code, each.path) for each in judge(documento, PORTAL, today=TODAY)] == [
        ("date_in_future", "date_issued"),
        ("invalid_code", "document_issuer.activity_code"),
        ("receiver_data_incomplete", "document_receiver.address"),
        ("negative_amount", "details.2.unit_price"),
        ("field_too_long", "details.2.item_name"),
        ("dte_field_required", "references.0.reference_folio"),
    ]


def test_a_fault_of_the_document_and_of_its_way_is_told_once() -> None:
    told = judge(make_documento(detalles=(LINEA,) * 61), PORTAL, today=TODAY)
    assert [each.code for each in told] == ["detail_line_limit"]


def test_a_long_text_is_told_with_its_length_and_the_limit() -> None:
    (fault,) = judge(of_line(unidad="kilos"), PORTAL, today=TODAY)
    assert fault.message == "La unidad de medida de la línea 1 tiene 5 caracteres; el máximo es 4."


def test_sums_are_not_asked_of_figures_that_make_none() -> None:
    assert found(of_line(cantidad=Decimal("NaN"))) == {("invalid_number", "details.0.quantity")}


@pytest.mark.parametrize(
    "documento",
    [
        of_line(precio=Decimal("123456789012.123456")),
        of_line(precio=Decimal("100.50000000")),
        of_line(precio=Decimal("1E+3")),
        of_line(cantidad=Decimal("0.000001"), precio=Decimal(10**8)),
        of_line(descuento_pct=Decimal(50)),
        make_documento(fecha_vencimiento=None),
        make_documento(fecha_vencimiento=TODAY),
        of_line(cantidad=Decimal(1), precio=Decimal(3)),
    ],
)
def test_what_is_at_the_edge_of_the_format_is_right(documento: Documento) -> None:
    assert found(documento) == set()


def test_amounts_stay_within_the_xsds_eighteen_digits() -> None:
    assert found(of_line(cantidad=Decimal(10**9), precio=Decimal(10**9))) == {
        ("amount_too_large", "details.0"),
        ("amount_too_large", "details"),
    }


@pytest.mark.parametrize("attribute", ["razon_social", "giro", "acteco", "direccion", "comuna"])
def test_the_issuers_data_must_be_complete(attribute: str) -> None:
    (fault,) = judge(make_documento(emisor=replace(EMISOR, **{attribute: ""})), PORTAL, today=TODAY)
    assert fault.code == "issuer_data_incomplete"
    assert fault.path.startswith("document_issuer.")


def test_the_portals_form_is_narrower_for_the_issuers_phone_and_e_mail() -> None:
    emisor = replace(EMISOR, correo=f"{'a' * 25}@b.cl", telefono="+56 9 1234 5678")
    assert found(make_documento(emisor=emisor)) == set()
    wide = replace(EMISOR, correo=f"{'a' * 26}@b.cl", telefono="+56 9 1234 5678 901")
    assert found(make_documento(emisor=wide)) == {
        ("field_too_long", "document_issuer.email"),
        ("field_too_long", "document_issuer.phone_number"),
    }
    assert found(make_documento(emisor=wide), replace(PORTAL, longest_email=80, longest_phone=20)) == set()


def test_a_boletas_own_indicator_is_not_told_of_where_boletas_are_not_issued() -> None:
    boleta = make_of(TipoDte.BOLETA, indicador_servicio=3)
    assert "header.service_indicator" not in {fault.path for fault in judge_gateway(boleta, PORTAL)}


def test_a_boleta_is_large_above_135_uf_and_not_at_them() -> None:
    edge = Criteria(uf=Decimal(44_444))
    assert judge_document(large(), today=TODAY, criteria=edge) == ()
    below = Criteria(uf=Decimal(44_443))
    told = {each.code for each in judge_document(large(), today=TODAY, criteria=below)}
    assert told == {"large_boleta_receiver", "large_boleta_payment"}


def test_a_guide_of_exported_goods_says_who_moves_them_and_where() -> None:
    abroad: dict[str, Any] = {"indicador_traslado": 8, "transporte": Transporte(aduana=CUSTOMS)}
    told = {each.path for each in judge_document(guide(**abroad), today=TODAY)}
    assert told == {"transport_data.transfer_issuer_code"}


def test_an_annulment_repeats_the_total_of_what_it_annuls() -> None:
    nota = note(AN_INVOICE)
    assert judge_annulment(nota, Decimal(7107)) is None
    fault = judge_annulment(nota, Decimal(7108))
    assert fault is not None
    assert (fault.code, fault.path) == ("annulment_amount_differs", "details")
    assert judge_annulment(note(replace(AN_INVOICE, codigo=3)), Decimal(1)) is None


def test_a_contract_of_long_ago_is_named_by_an_export() -> None:
    contract = replace(REFERENCE, tipo="803", fecha=date(1951, 5, 2))
    told = judge_document(make_of(TipoDte.FACTURA_EXPORTACION, referencias=(contract,)), today=TODAY)
    assert "date_out_of_range" not in {each.code for each in told}


def test_what_is_withheld_of_newspaper_sellers_is_no_iva() -> None:
    def told(tipo: TipoDte) -> set[str]:
        return {each.code for each in judge_document(of_line(tipo, impuesto="53"), today=TODAY)}

    assert "withholding_unusual" not in told(TipoDte.FACTURA)
    assert "withholding_missing" in told(TipoDte.FACTURA_COMPRA)
