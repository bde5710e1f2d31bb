"""Everything works without JavaScript: real links and real forms come first."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from browsing import House, Person
from customers import new_rut
from evidence import check_xml


@pytest.fixture
def plain(house: House, arrive: Callable[..., Person]) -> Person:
    """Olga, with JavaScript turned off."""
    return arrive(house.cookie, java_script_enabled=False)


def test_one_signs_up_and_logs_in(house: House, arrive: Callable[..., Person]) -> None:
    new = arrive(java_script_enabled=False)
    email, password = f"{new_rut()}@example.com", "un caballo junto al mar"
    new.opens("/crear-cuenta/")
    new.fills(email=email, password=password)
    new.presses("Crear cuenta")
    new.fills(email=email, password=password)
    new.presses("Entrar")
    new.sees("De cero a la primera factura")


def test_a_document_is_searched_found_and_taken_away(plain: Person) -> None:
    plain.opens("/sandbox/documentos/")
    plain.page.locator("#search").fill("1003")
    plain.page.get_by_role("button", name="Buscar").click()
    expect(plain.page.locator("main tbody tr")).to_have_count(1)
    plain.opens("/sandbox/documentos/?q=1001")
    plain.page.locator("main tbody a").first.click()
    check_xml(plain.downloads("Descargar XML"))
    assert plain.downloads("Descargar PDF")[:5] == b"%PDF-"


def test_a_list_is_filtered(plain: Person) -> None:
    plain.opens("/sandbox/documentos/")
    plain.page.get_by_label("En duda").check()
    plain.presses("Filtrar")
    expect(plain.page.locator("main tbody tr")).to_have_count(2)


def test_a_live_part_is_there_when_the_page_is_opened(plain: Person, house: House) -> None:
    under_way = house.examples["sandbox"]["batch_id"][1]
    plain.opens(f"/sandbox/lotes/{under_way}/")
    plain.sees("2 de 8 emitidos")
