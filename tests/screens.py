"""Every address of the platform, read from its own URLconf, and what to fill into it."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, reverse

from timbre.platform.urls import urlpatterns
from timbre.work.environments import Environment

Examples = Mapping[str, Sequence[str]]

CHOICES: Examples = {}
"""Arguments that are no ids: all the words they may be."""


@dataclass(frozen=True, slots=True)
class Address:
    """One line of the URLconf. ``inside`` an environment, or outside, before the log-in."""

    name: str
    arguments: tuple[str, ...]
    inside: bool

    @property
    def names_rows(self) -> bool:
        """Whether it has the id of somebody's row in it."""
        return self.inside and any(argument not in CHOICES for argument in self.arguments)

    def paths(self, environment: Environment, examples: Examples) -> Iterator[str]:
        """The address with each example filled in; with two ids in it, with those that belong together."""
        known = {**examples, **CHOICES}
        unknown = [argument for argument in self.arguments if argument not in known]
        assert not unknown, f"{self.name}: furnished.py has no example for {unknown}"
        ids = [argument for argument in self.arguments if argument not in CHOICES]
        each = [known[argument] if [argument] == ids or argument in CHOICES else known[argument][:1]
                for argument in self.arguments]  # fmt: skip
        for values in itertools.product(*each):
            filled: dict[str, object] = dict(zip(self.arguments, values, strict=True))
            yield reverse(self.name, kwargs=filled | ({"environment": environment} if self.inside else {}))


def every_address() -> list[Address]:
    """In the order of the URLconf."""
    return list(_walk(urlpatterns, inside=False))


def _walk(patterns: Sequence[URLPattern | URLResolver], *, inside: bool) -> Iterator[Address]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, inside=True)
        else:
            assert pattern.name, f"{pattern.pattern} has no name"
            yield Address(pattern.name, tuple(re.findall(r"<(?:\w+:)?(\w+)>", str(pattern.pattern))), inside)


ADDRESSES = every_address()
