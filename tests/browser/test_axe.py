"""axe-core finds nothing to object to on any screen: light and dark, on a desk and on a phone."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, ViewportSize

from browsing import PHONE, WIDE, House, Person
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


def violations(page: Page, options: str) -> list[str]:
    """What is wrong, where, and why."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(f"() => axe.run({options})")["violations"]
    return [
        f"{each['id']}: {node['html'][:200]} {node['failureSummary']}"
        for each in found
        for node in each["nodes"]
    ]
