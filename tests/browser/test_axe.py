"""axe-core finds nothing to object to on any screen: light and dark, on a desk and on a phone.

Nor does any screen scroll sideways.
"""

import itertools
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, ViewportSize

from browsing import PHONE, WIDE, House, Person, violations
from timbre.cli.addresses import Address, every_address
from timbre.work.environments import Environment

Look = tuple[str, ViewportSize, str]
LOOKS: list[Look] = [
    ("light", WIDE, "{}"),
    ("dark", PHONE, "{}"),
    # What these two could add to the two above is colour alone.
    ("dark", WIDE, "{runOnly: ['color-contrast']}"),
    ("light", PHONE, "{runOnly: ['color-contrast']}"),
]


@pytest.mark.parametrize("address", every_address(), ids=lambda address: address.name)
def test_axe_finds_no_violation(address: Address, house: House, arrive: Callable[..., Person]) -> None:
    olga = arrive(house.cookie if address.inside else "")
    for path, looks in views(olga, address, house):
        olga.opens(path)
        for scheme, size, options in looks:
            olga.page.emulate_media(color_scheme=scheme)
            olga.page.set_viewport_size(size)
            assert violations(olga.page, options) == [], f"{path} {scheme} {size['width']}"
            assert overhanging(olga.page) == [], f"{path} {size['width']}"


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
