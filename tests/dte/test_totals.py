"""Totals worked out by hand, one kind of computation at a time; random documents are test_properties'."""

from dataclasses import replace
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest

from factories import LINEA, make_documento
from timbre.dte.codes import TipoDte
from timbre.dte.document import Ajuste, Base, Detalle, Moneda
from timbre.dte.totals import Monto, Totales, compute_totals, line_amount, percent_of, round_half_up, to_pesos

DOLAR = Moneda("DOLAR USA", Decimal("951.25"))


def line(precio: object, cantidad: object = 1, **changes: Any) -> Detalle:
    return replace(LINEA, precio=Decimal(str(precio)), cantidad=Decimal(str(cantidad)), **changes)


def totals_of(*detalles: Detalle, **changes: Any) -> Totales:
    return compute_totals(make_documento(detalles=detalles, **changes))


def off(pct: str | None = None, monto: str | None = None, **changes: Any) -> Ajuste:
    return Ajuste(
        pct=None if pct is None else Decimal(pct), monto=None if monto is None else Decimal(monto), **changes
    )


@pytest.mark.parametrize(
    ("amount", "pesos"), [("0.5", 1), ("1.5", 2), ("2.5", 3), ("2.499999", 2), ("-0.5", -1), ("-2.5", -3)]
)
def test_half_a_peso_goes_away_from_zero(amount: str, pesos: int) -> None:
    assert to_pesos(Decimal(amount)) == pesos


def test_half_a_cent_of_an_export_goes_away_from_zero() -> None:
    assert round_half_up(Decimal("10.125"), 2) == Decimal("10.13")
    assert round_half_up(Decimal("-10.125"), 2) == Decimal("-10.13")


# Lines


def test_a_line_is_rounded_once() -> None:
    # 2.5 x 333.4 = 833.5
    assert line_amount(line("333.4", "2.5")) == Monto(bruto=834, descuento=0, recargo=0, monto=834)


def test_a_line_discount_is_rounded_on_the_rounded_line() -> None:
    # 104.5 is 105 pesos; half of 105 is 52.5, so 53: the line is 52. On 104.5 it would have been 52.25.
    assert line_amount(line("104.5", descuento_pct=Decimal(50))) == Monto(105, 53, 0, 52)


def test_a_line_surcharge_is_on_the_rounded_line_and_not_on_what_the_discount_leaves() -> None:
    # 1,000 less 10 % of 1,000 plus 5 % of 1,000
    both = line(1000, descuento_pct=Decimal(10), recargo_pct=Decimal(5))
    assert line_amount(both) == Monto(1000, 100, 50, 950)


def test_a_discount_and_a_surcharge_may_be_amounts() -> None:
    both = line(1000, descuento_monto=Decimal(99), recargo_monto=Decimal(1))
    assert line_amount(both) == Monto(1000, 99, 1, 902)


def test_a_negative_quantity_is_rounded_away_from_zero_too() -> None:
    # -1 x 104.5 = -104.5
    assert line_amount(line("104.5", -1)).monto == -105


def test_a_line_without_price_is_worth_nothing() -> None:
    assert line_amount(replace(LINEA, cantidad=None, precio=None)) == Monto(0, 0, 0, 0)


def test_a_line_with_price_alone_is_one_unit() -> None:
    assert line_amount(replace(LINEA, cantidad=None, precio=Decimal(700))).monto == 700


def test_the_largest_price_and_quantity_are_not_rounded_on_the_way() -> None:
    exact = Fraction("999999999999.999999") * Fraction("999999999999.5")
    assert line_amount(line("999999999999.5", "999999999999.999999")).monto == int(exact + Fraction(1, 2))


def test_nobody_elses_decimal_context_changes_a_peso() -> None:
    with localcontext(prec=3):
        assert compute_totals(make_documento()).total == 7107
        assert percent_of(Decimal(123456), Decimal("12.34")) == 15234


# Net prices


def test_the_iva_is_rounded_on_the_net_not_line_by_line() -> None:
    totales = totals_of(line(50), line(50), line(50))
    assert (totales.neto, totales.iva, totales.total) == (150, 29, 179)  # 28.5; three times 9.5 would be 30


def test_exempt_lines_carry_no_iva() -> None:
    totales = totals_of(LINEA, line(1000, exencion=1))
    # 3 x 1,990.5 = 5,971.5; 19 % of 5,972 = 1,134.68
    assert (totales.neto, totales.exento, totales.iva, totales.total) == (5972, 1000, 1135, 8107)


@pytest.mark.parametrize("tipo", [TipoDte.FACTURA_EXENTA, TipoDte.BOLETA_EXENTA])
@pytest.mark.parametrize("brutos", [False, True])
def test_an_exempt_type_has_neither_net_nor_iva(tipo: TipoDte, *, brutos: bool) -> None:
    totales = totals_of(LINEA, tipo=tipo, brutos=brutos)
    assert (totales.neto, totales.exento, totales.tasa_iva, totales.iva) == (0, 5972, None, 0)
    assert totales.total == totales.total_en_pesos == 5972


def test_a_note_on_an_exempt_invoice_has_no_rate() -> None:
    totales = totals_of(line(1000, exencion=1), tipo=TipoDte.NOTA_CREDITO)
    assert (totales.tasa_iva, totales.exento, totales.total) == (None, 1000, 1000)


def test_what_is_not_billable_is_beside_the_total_and_may_be_negative() -> None:
    totales = totals_of(line(1000), line(300, exencion=2), line(800, exencion=6))
    assert (totales.total, totales.no_facturable) == (1190, 300 - 800)


def test_the_guarantee_of_containers_is_in_the_total_without_iva() -> None:
    totales = totals_of(line(1000), line(250, 4, exencion=3))
    assert (totales.neto, totales.iva, totales.garantia, totales.total) == (1000, 190, 1000, 2190)


def test_what_a_guide_does_not_sell_counts_nowhere() -> None:
    totales = totals_of(line(1000), line(500, exencion=4), line(700, exencion=5), tipo=TipoDte.GUIA_DESPACHO)
    assert (totales.neto, totales.exento, totales.no_facturable, totales.total) == (1000, 0, 0, 1190)


@pytest.mark.parametrize("tipo", [TipoDte.GUIA_DESPACHO, TipoDte.NOTA_CREDITO])
def test_a_guide_without_value_and_a_correction_of_text_come_to_nothing(tipo: TipoDte) -> None:
    totales = totals_of(replace(LINEA, cantidad=None, precio=None), tipo=tipo)
    assert totales == Totales(lineas=(Monto(0, 0, 0, 0),), total=0, total_en_pesos=0)


# Gross prices


def test_of_gross_prices_the_net_is_worked_out_and_the_iva_is_the_rest() -> None:
    totales = totals_of(line(1000), tipo=TipoDte.BOLETA, brutos=True)
    # 1,000 / 1.19 = 840.336...; 19 % of 840 would be 159.6, the rest is 160
    assert (totales.neto, totales.iva, totales.total) == (840, 160, 1000)


def test_the_rest_of_a_gross_price_need_not_be_19_percent_of_the_net() -> None:
    totales = totals_of(line(5), tipo=TipoDte.BOLETA, brutos=True)
    # 5 / 1.19 = 4.2016; 19 % of 4 is 0.76, and 5 - 4 = 1
    assert (totales.neto, totales.iva, totales.total) == (4, 1, 5)
    totales = totals_of(line(10), tipo=TipoDte.BOLETA, brutos=True)
    # 10 / 1.19 = 8.403; 19 % of 8 is 1.52, and 10 - 8 = 2
    assert (totales.neto, totales.iva, totales.total) == (8, 2, 10)
    totales = totals_of(line(3), tipo=TipoDte.BOLETA, brutos=True)
    # 3 / 1.19 = 2.521; 19 % of 3 is 0.57, so 1; but nothing is left: 3 - 3 = 0
    assert (totales.neto, totales.iva, totales.total) == (3, 0, 3)


def test_gross_prices_of_an_invoice_stand_beside_exempt_ones_and_a_discount_is_gross_too() -> None:
    totales = totals_of(line(11_900), line(1000, exencion=1), brutos=True, ajustes=(off("10"),))
    # 10 % of 11,900 is 1,190; 11,900 - 1,190 = 10,710; / 1.19 = 9,000
    assert totales.ajustes == (1190,)
    assert (totales.neto, totales.iva, totales.exento, totales.total) == (9000, 1710, 1000, 11_710)


def test_a_boleta_of_net_prices_adds_the_iva() -> None:
    totales = totals_of(line(1000), tipo=TipoDte.BOLETA)
    assert (totales.neto, totales.iva, totales.total) == (1000, 190, 1190)


# Global adjustments


def test_each_global_adjustment_is_on_its_own_base() -> None:
    totales = totals_of(
        line(1005),
        line(505, exencion=1),
        line(105, exencion=2),
        ajustes=(
            off("10"),
            off("10", sobre=Base.EXENTO),
            off("10", sobre=Base.NO_FACTURABLE, recargo=True),
        ),
    )
    # 10 % of 1,005 = 100.5; of 505 = 50.5; of 105 = 10.5
    assert totales.ajustes == (101, 51, 11)
    assert (totales.neto, totales.exento, totales.no_facturable) == (904, 454, 116)
    # 19 % of 904 = 171.76
    assert (totales.iva, totales.total) == (172, 904 + 454 + 172)


def test_every_percentage_is_of_the_lines_and_not_of_what_another_left() -> None:
    totales = totals_of(line(1000), ajustes=(off("10"), off("5"), off(monto="50", recargo=True)))
    assert totales.ajustes == (100, 50, 50)
    assert totales.neto == 1000 - 100 - 50 + 50


def test_an_amount_is_taken_off_as_it_is() -> None:
    totales = totals_of(line(1000), ajustes=(off(monto="150"),))
    assert (totales.neto, totales.iva, totales.total) == (850, 162, 1012)  # 19 % of 850 = 161.5


# Additional taxes and withholdings


def test_each_additional_tax_is_on_its_lines_and_added_in_order_of_its_code() -> None:
    totales = totals_of(
        line(1000, impuesto="271"), line(3000, impuesto="25"), line(501, impuesto="25"), line(200)
    )
    # wine 20.5 % of 3,501 = 717.705; sugared drinks 18 % of 1,000 = 180
    assert [(each.codigo, each.base, each.monto) for each in totales.impuestos] == [
        ("25", 3501, 718),
        ("271", 1000, 180),
    ]
    # 19 % of 4,701 = 893.19
    assert totales.total == 4701 + 893 + 718 + 180


def test_a_percentage_off_the_whole_is_off_each_taxs_base() -> None:
    totales = totals_of(line(1000, impuesto="24"), line(555), ajustes=(off("10"),))
    # 10 % of 1,555 = 155.5, the net 1,399; of the liquor's 1,000 it is 100: 31.5 % of 900 = 283.5
    assert (totales.neto, totales.impuestos[0].base, totales.impuestos[0].monto) == (1399, 900, 284)
    assert totales.total == 1399 + 266 + 284  # 19 % of 1,399 = 265.81


def test_an_amount_off_the_whole_is_off_the_tax_when_all_lines_are_its_own() -> None:
    totales = totals_of(line(1000, impuesto="24"), line(9, exencion=1), ajustes=(off(monto="200"),))
    assert (totales.neto, totales.impuestos[0].base, totales.impuestos[0].monto) == (800, 800, 252)


def test_what_is_taken_off_the_exempt_lines_leaves_the_tax_alone() -> None:
    totales = totals_of(
        line(1000, impuesto="24"), line(100, exencion=1), ajustes=(off("50", sobre=Base.EXENTO),)
    )
    assert (totales.impuestos[0].base, totales.exento) == (1000, 50)


def test_an_exempt_line_is_not_taxed_though_it_names_a_tax() -> None:
    assert totals_of(line(1000), line(500, exencion=1, impuesto="24")).impuestos == ()


def test_a_tax_that_comes_to_no_peso_is_not_told() -> None:
    assert totals_of(line(1000), line(2, impuesto="27")).impuestos == ()  # 10 % of 2 is 0.2


@pytest.mark.parametrize("code", ["28", "999", "vino"])
def test_a_tax_without_a_known_rate_adds_nothing(code: str) -> None:
    assert totals_of(line(1000, impuesto=code)).total == 1190


def test_a_rate_is_that_of_the_day_of_issue() -> None:
    early = totals_of(line(1000, impuesto="25"), fecha_emision=date(2014, 9, 30))
    late = totals_of(line(1000, impuesto="25"), fecha_emision=date(2014, 10, 1))
    assert (early.impuestos, late.impuestos[0].tasa) == ((), Decimal("20.5"))


def test_a_purchase_whose_iva_is_withheld_whole_costs_its_net() -> None:
    totales = totals_of(line(1003, impuesto="15"), tipo=TipoDte.FACTURA_COMPRA, ajustes=(off("3"),))
    # 3 % of 1,003 = 30.09; 19 % of 973 = 184.87
    assert (totales.neto, totales.iva, totales.impuestos[0].monto) == (973, 185, 185)
    assert (totales.iva_no_retenido, totales.total) == (0, 973)


def test_what_a_partial_withholding_leaves_is_not_withheld() -> None:
    totales = totals_of(line(1000, impuesto="32"), line(500), tipo=TipoDte.FACTURA_COMPRA)
    # 19 % of 1,500 = 285; 8 % of the cattle's 1,000 = 80; 285 - 80 = 205
    assert (totales.iva, totales.impuestos[0].monto, totales.iva_no_retenido) == (285, 80, 205)
    assert totales.total == 1500 + 285 - 80


def test_an_invoice_has_no_such_amount() -> None:
    totales = totals_of(line(1000, impuesto="32"))
    assert (totales.iva_no_retenido, totales.total) == (0, 1000 + 190 - 80)


def test_what_is_withheld_of_a_newspaper_sellers_income_is_none_of_the_iva() -> None:
    totales = totals_of(line(1000, impuesto="53"), tipo=TipoDte.FACTURA_COMPRA)
    assert (totales.impuestos[0].monto, totales.iva_no_retenido) == (5, 0)
    assert totales.total == 1000 + 190 - 5


# Exports


def test_an_export_is_exempt_in_its_currency_and_told_in_pesos() -> None:
    totales = totals_of(
        line("10.125", 3),
        line("99.99", descuento_monto=Decimal(10)),
        tipo=TipoDte.FACTURA_EXPORTACION,
        moneda=DOLAR,
        ajustes=(
            off(monto="12.5", recargo=True, sobre=Base.EXENTO, glosa="FLETE"),
            off(monto="3", recargo=True, sobre=Base.EXENTO, glosa="SEGURO"),
        ),
    )
    # 30.375 is 30.38; 99.99 - 10 = 89.99; with freight and insurance 135.87
    assert [each.monto for each in totales.lineas] == [Decimal("30.38"), Decimal("89.99")]
    assert (totales.neto, totales.tasa_iva, totales.iva) == (0, None, 0)
    assert totales.exento == totales.total == Decimal("135.87")
    # 135.87 x 951.25 = 129,246.3375
    assert totales.exento_en_pesos == totales.total_en_pesos == 129_246


def test_a_percentage_of_an_export_is_rounded_to_the_cent_and_not_of_the_freight() -> None:
    totales = totals_of(
        line("100.05"),
        tipo=TipoDte.NOTA_CREDITO_EXPORTACION,
        moneda=DOLAR,
        ajustes=(off("10", sobre=Base.EXENTO), off(monto="20", recargo=True, sobre=Base.EXENTO)),
    )
    # 10 % of 100.05 = 10.005
    assert totales.ajustes == (Decimal("10.01"), Decimal(20))
    assert totales.total == Decimal("110.04")


def test_an_export_in_pesos_has_none_but_whole_pesos() -> None:
    totales = totals_of(line("104.5"), tipo=TipoDte.NOTA_DEBITO_EXPORTACION)
    assert totales.total == totales.total_en_pesos == 105
