"""The office's own sums, against values worked out by hand."""

from decimal import Decimal

import pytest

from timbre.simulator.arithmetic import Line, line_value, percent, rounded, sum_up


@pytest.mark.parametrize(
    ("amount", "decimals", "is_"),
    [
        ("0.5", 0, "1"),
        ("1.5", 0, "2"),
        ("2.5", 0, "3"),  # banker's rounding would say 2
        ("2.499999", 0, "2"),
        ("124.005", 2, "124.01"),
        ("124.004999", 2, "124.00"),
        ("0.125", 2, "0.13"),
        ("999999999999999999.5", 0, "1000000000000000000"),  # more digits than a context of 18 keeps
    ],
)
def test_halves_go_away_from_zero(amount: str, decimals: int, is_: str) -> None:
    assert rounded(Decimal(amount), decimals) == Decimal(is_)


def test_a_product_of_the_widest_numbers_is_exact() -> None:
    most = Decimal("999999999999.999999")
    assert line_value(most, most, Decimal(0))[1] == Decimal(999999999999999998000000)


def test_a_line_discount_is_rounded_on_the_rounded_line() -> None:
    # 2.5 at 221.8 are 554.5, so 555; a tenth of it is 55.5, so 56.
    assert line_value(Decimal("2.5"), Decimal("221.8"), Decimal(10)) == (Decimal(56), Decimal(499))


def test_a_percentage_is_of_two_decimals_where_money_has_them() -> None:
    assert percent(Decimal("124.01"), Decimal(5), 2) == Decimal("6.20")


@pytest.mark.parametrize(
    ("tipo", "neto", "iva", "retenido", "total"),
    [(33, 13, 2, 0, 15), (34, 13, 0, 0, 13), (46, 13, 2, 2, 13), (52, 13, 2, 0, 15), (61, 13, 2, 0, 15)],
)
def test_each_type_has_its_own_total(tipo: int, neto: int, iva: int, retenido: int, total: int) -> None:
    sums = sum_up(tipo, [Line(Decimal(10)), Line(Decimal(3))])
    assert (sums.neto, sums.iva, sums.retenido, sums.total) == (neto, iva, retenido, total)


def test_a_tax_is_on_its_own_lines_together_and_less_their_share_of_the_discount() -> None:
    lines = [Line(Decimal(333), "24"), Line(Decimal(500)), Line(Decimal(334), "24"), Line(Decimal(7), "18")]
    sums = sum_up(33, lines, Decimal(15))
    # 1174 less 176 (176.1); of 667 goes 100 (100.05), 567 at 31.5 % is 178.605; of 7 goes 1, 6 at 5 % is 0.3.
    assert (sums.subtotal, sums.descuento, sums.neto, sums.iva) == (1174, 176, 998, 190)
    assert sums.impuestos == {"24": Decimal(179)}
    assert sums.total == 998 + 190 + 179


def test_an_exports_charges_are_part_of_its_total_and_not_discounted() -> None:
    sums = sum_up(110, [Line(Decimal("100.10"))], Decimal(5), [Decimal("20.50"), Decimal(1)], 2)
    assert (sums.subtotal, sums.descuento) == (Decimal("100.10"), Decimal("5.01"))  # 5.005
    assert sums.neto == sums.total == Decimal("116.59")
