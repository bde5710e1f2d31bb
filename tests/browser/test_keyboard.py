"""Screens without a mouse, and screens without JavaScript."""

from collections.abc import Callable

from browsing import House, Person


def test_slash_goes_to_the_search_box(house: House, arrive: Callable[..., Person]) -> None:
    olga = arrive(house.cookie)
    olga.opens("/sandbox/documentos/")
    olga.page.keyboard.press("/")
    olga.page.keyboard.type("1010")
    assert olga.page.locator("#search").input_value() == "1010"
    olga.page.keyboard.press("Enter")
    olga.page.wait_for_url("**/sandbox/documentos/?*q=1010*")


def test_the_first_tab_offers_to_skip_to_the_content(house: House, arrive: Callable[..., Person]) -> None:
    olga = arrive(house.cookie)
    olga.opens("/sandbox/documentos/")
    olga.page.keyboard.press("Tab")
    skip = olga.page.get_by_text("Saltar al contenido")
    assert skip.evaluate("link => link === document.activeElement")
    assert skip.evaluate("link => link.getBoundingClientRect().top") >= 0
    olga.page.keyboard.press("Enter")
    assert olga.page.evaluate("() => document.activeElement.id") == "contenido"


def test_whatever_has_the_focus_shows_it(house: House, arrive: Callable[..., Person]) -> None:
    olga = arrive(house.cookie)
    olga.opens("/sandbox/documentos/")
    for _ in range(25):
        olga.page.keyboard.press("Tab")
        width = olga.page.evaluate("() => getComputedStyle(document.activeElement).outlineWidth")
        assert width == "3px", olga.page.evaluate("() => document.activeElement.outerHTML")
