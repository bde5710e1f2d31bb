from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import LINEA, make_documento
from timbre.dte.codes import TipoDte
from timbre.dte.totals import Monto, compute_totals, line_amount, to_pesos


@pytest.mark.parametrize(
    ("amount", "pesos"), [("0.5", 1), ("1.5", 2), ("2.5", 3), ("2.499999", 2), ("-0.5", -1), ("-2.5", -3)]
)
def test_half_a_peso_goes_away_from_zero(amount: str, pesos: int) -> None:
    assert to_pesos(Decimal(amount)) == pesos


def test_a_line_is_rounded_once() -> None:
    line = replace(LINEA, cantidad=Decimal("2.5"), precio=Decimal("333.4"))
    assert line_amount(line) == Monto(descuento=0, monto=834)  # 833.5


def test_a_line_discount_is_rounded_on_the_rounded_line() -> None:
    line = replace(LINEA, cantidad=Decimal(1), precio=Decimal("104.5"), descuento_pct=Decimal(50))
    # 104.5 is 105 pesos; half of 105 is 52.5, so 53: the line is 52. On 104.5 it would have been 52.25.
    assert line_amount(line) == Monto(descuento=53, monto=52)


def test_a_line_without_price_is_worth_nothing() -> None:
    assert line_amount(replace(LINEA, cantidad=None, precio=None)) == Monto(0, 0)


def test_a_line_with_price_alone_is_one_unit() -> None:
    assert line_amount(replace(LINEA, cantidad=None, precio=Decimal(700))).monto == 700


def test_the_iva_is_rounded_on_the_net_not_line_by_line() -> None:
    lines = tuple(replace(LINEA, cantidad=Decimal(1), precio=Decimal(price)) for price in (50, 50, 50))
    totales = compute_totals(make_documento(detalles=lines))
    assert (totales.neto, totales.iva, totales.total) == (150, 29, 179)  # 28.5; three times 9.5 would be 30


def test_exempt_lines_carry_no_iva() -> None:
    exempt = replace(LINEA, cantidad=Decimal(1), precio=Decimal(1000), exencion=1)
    totales = compute_totals(make_documento(detalles=(LINEA, exempt)))
    assert (totales.neto, totales.exento, totales.iva, totales.total) == (5972, 1000, 1135, 8107)


def test_an_exempt_invoice_has_neither_net_nor_iva() -> None:
    totales = compute_totals(make_documento(tipo=TipoDte.FACTURA_EXENTA))
    assert (totales.neto, totales.exento, totales.tasa_iva, totales.iva) == (0, 5972, None, 0)
    assert totales.total == 5972


def test_the_largest_price_and_quantity_are_not_rounded_on_the_way() -> None:
    line = replace(LINEA, cantidad=Decimal("999999999999.999999"), precio=Decimal("999999999999.5"))
    exact = Fraction("999999999999.999999") * Fraction("999999999999.5")
    assert line_amount(line).monto == int(exact + Fraction(1, 2))


def test_nobody_elses_decimal_context_changes_a_peso() -> None:
    with localcontext(prec=3):
        assert compute_totals(make_documento()).total == 7107


prices = st.decimals(Decimal(0), Decimal(10**9), places=6)
lines = st.builds(
    lambda price, quantity, percent, exempt: replace(
        LINEA, precio=price, cantidad=quantity, descuento_pct=percent, exento=exempt
    ),
    prices,
    st.decimals(Decimal("0.000001"), Decimal(10**6), places=6),
    st.decimals(Decimal(0), Decimal(100), places=2),
    st.booleans(),
)


def half_away(amount: Fraction) -> int:
    return int(amount + Fraction(1, 2))


@given(st.lists(lines, min_size=1, max_size=12))
def test_totals_agree_with_exact_fractions(detalles: list) -> None:
    totales = compute_totals(make_documento(detalles=tuple(detalles)))
    for line, monto in zip(detalles, totales.lineas, strict=True):
        gross = half_away(Fraction(line.cantidad) * Fraction(line.precio))
        discount = half_away(Fraction(gross) * Fraction(line.descuento_pct) / 100)
        assert (monto.descuento, monto.monto) == (discount, gross - discount)
        assert monto.monto >= 0
    assert totales.neto + totales.exento == sum(monto.monto for monto in totales.lineas)
    assert totales.iva == half_away(Fraction(totales.neto * 19, 100))
    assert totales.total == totales.neto + totales.exento + totales.iva
