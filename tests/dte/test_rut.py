import pytest

from timbre.dte.errors import InvalidRut
from timbre.dte.rut import check_digit, parse_rut, split_rut, with_dots, with_hyphen


@pytest.mark.parametrize("typed", ["76192083-9", "76.192.083-9", " 76192083-9 "])
def test_a_rut_has_one_canonical_form(typed: str) -> None:
    assert parse_rut(typed) == "76192083-9"


def test_the_check_digit_k_is_upper_case() -> None:
    # by hand: 60803000 sums 6*3 + 8*7 + 3*5 = 89; 11 - 89 % 11 = 10, which is K
    assert check_digit(60803000) == "K"
    assert parse_rut("60803000-k") == "60803000-K"


def test_a_wrong_check_digit_is_told_with_the_right_one() -> None:
    with pytest.raises(InvalidRut, match="debería ser 9"):
        parse_rut("76192083-1")


@pytest.mark.parametrize("typed", ["", "hola", "-", "76192083", "0x1-9", "1" * 30 + "-1"])
def test_what_is_no_rut_is_refused(typed: str) -> None:
    with pytest.raises(InvalidRut):
        parse_rut(typed)


def test_a_rut_is_shown_with_dots_and_split_for_forms() -> None:
    assert with_dots("76192083-9") == "76.192.083-9"
    assert split_rut("60803000-K") == ("60803000", "K")


def test_a_hyphen_that_was_not_typed_is_put_where_it_belongs() -> None:
    assert with_hyphen(" 60803000k ") == "60803000-k"
    assert with_hyphen("76.192.0839") == "76.192.083-9"
    for as_it_is in ("76192083-9", "hola", "", "9", "7²"):
        assert with_hyphen(as_it_is) == as_it_is
