"""axe-core finds nothing to object to on any screen: light and dark, on a desk and on a phone."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, ViewportSize

from browsing import PHONE, WIDE, House, Person
from timbre.cli.addresses import Address, every_address
from timbre.work.environments import Environment

LOOKS: list[tuple[str, ViewportSize]] = [("light", WIDE), ("dark", PHONE), ("dark", WIDE), ("light", PHONE)]
ENOUGH = 2
"""Looks at the second and later examples of an address, whose frame is the same."""


@pytest.mark.parametrize("address", every_address(), ids=lambda address: address.name)
def test_axe_finds_no_violation(address: Address, house: House, arrive: Callable[..., Person]) -> None:
    olga = arrive(house.cookie if address.inside else "")
    for path, looks in views(address, house):
        if is_page(olga, path):
            olga.opens(path)
            for scheme, size in looks:
                olga.page.emulate_media(color_scheme=scheme)
                olga.page.set_viewport_size(size)
                assert violations(olga.page) == [], f"{path} {scheme} {size['width']}"


def views(address: Address, house: House) -> Iterator[tuple[str, list[tuple[str, ViewportSize]]]]:
    for number, path in enumerate(address.paths(Environment.SANDBOX, house.examples["sandbox"])):
        yield path, LOOKS[: ENOUGH if number else None]


def is_page(person: Person, path: str) -> bool:
    """Not a button, nor a file to be saved, nor a part of a page."""
    answer = person.context.request.get(path)
    return answer.headers.get("content-type", "").startswith("text/html") and "<html" in answer.text()


def violations(page: Page) -> list[str]:
    """What is wrong, where, and why."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate("() => axe.run({resultTypes: ['violations']})")["violations"]
    return [
        f"{each['id']}: {node['html'][:200]} {node['failureSummary']}"
        for each in found
        for node in each["nodes"]
    ]
