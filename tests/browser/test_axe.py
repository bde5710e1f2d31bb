"""axe-core finds nothing to object to on any screen: light and dark, on a desk and on a phone.

Nor does any screen scroll sideways.
"""

import itertools
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from browsing import KNOWN, PHONE, WIDE, House, Person, run_in, violations
from timbre.cli.addresses import Address, every_address
from timbre.cli.installation import Installation
from timbre.work.environments import Environment

Look = tuple[str, ViewportSize, str]
LOOKS: list[Look] = [
    ("light", WIDE, "{}"),
    ("dark", PHONE, "{}"),
    # What these two could add to the two above is colour alone.
    ("dark", WIDE, "{runOnly: ['color-contrast']}"),
    ("light", PHONE, "{runOnly: ['color-contrast']}"),
]


@pytest.fixture
def open_door(tmp_path: Path) -> Iterator[Installation]:
    """With production on, and nobody at work."""
    installation = Installation(data_dir=tmp_path, open=True)
    installation.start()
    yield installation
    installation.stop()


@pytest.mark.parametrize("address", every_address(), ids=lambda address: address.name)
def test_axe_finds_no_violation(address: Address, house: House, arrive: Callable[..., Person]) -> None:
    olga = arrive(house.cookie if address.inside else "")
    for path, looks in views(olga, address, house):
        olga.opens(path)
        look_at(olga, looks)


def test_axe_finds_no_violation_at_the_door_to_production(browser: Browser, open_door: Installation) -> None:
    olga = Person(browser, open_door.url)
    olga.remember(json.loads(run_in(open_door, "olga@ejemplo.cl"))["cookie"])
    olga.opens(f"/produccion/empresas/enrolar/?rut={KNOWN}")
    expect(olga.page).to_have_url(re.compile("reconocer"))
    look_at(olga, LOOKS)
    olga.presses("Reconocer y continuar")
    assert olga.page.url.endswith(f"?rut={KNOWN}"), "nothing was ticked"
    for box in olga.page.get_by_role("checkbox").all():
        box.check()
    olga.presses("Reconocer y continuar")
    olga.sees("Clave tributaria")
    look_at(olga, LOOKS)
    assert olga.faults == []
    olga.leaves()


def look_at(person: Person, looks: list[Look]) -> None:
    """The page one is on, in each of the looks."""
    for scheme, size, options in looks:
        person.page.emulate_media(color_scheme=scheme)
        person.page.set_viewport_size(size)
        where = f"{person.page.url} {scheme} {size['width']}"
        assert violations(person.page, options) == [], where
        assert overhanging(person.page) == [], where


def views(person: Person, address: Address, house: House) -> Iterator[tuple[str, list[Look]]]:
    """A page of each address in all looks; the page of one thing also with all other things, in one look."""
    paths = address.paths(Environment.SANDBOX, house.examples["sandbox"])
    pages = (path for path in paths if is_page(person, path))
    for first in itertools.islice(pages, 1):
        yield first, LOOKS
    if address.name.endswith("-one"):
        yield from ((path, LOOKS[:1]) for path in pages)


def is_page(person: Person, path: str) -> bool:
    """Not a button, nor a file to be saved, nor a part of a page."""
    answer = person.context.request.get(path)
    return answer.headers.get("content-type", "").startswith("text/html") and "<html" in answer.text()


def overhanging(page: Page) -> list[str]:
    """What makes the page scroll sideways."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
        [...document.querySelectorAll("main *")]
        .filter((part) => part.getBoundingClientRect().right > innerWidth)
        .map((part) => part.outerHTML.slice(0, 200))"""
    )
    return found
