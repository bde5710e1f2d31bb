"""Every address of the platform, read from its own URLconf, and what to fill into it.

The bench, the pictures and the tests of every screen walk this list: a new screen is in it by being there.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, reverse

from timbre.platform.urls import urlpatterns
from timbre.work.environments import Environment

Examples = Mapping[str, Sequence[str]]
"""Name of an argument -> ids to visit; the first ones of all arguments belong together."""


@dataclass(frozen=True, slots=True)
class Address:
    """One line of the URLconf. ``inside`` an environment, or outside of both."""

    name: str
    arguments: tuple[str, ...]
    inside: bool

    @property
    def names_rows(self) -> bool:
        """Whether it has the id of somebody's row in it."""
        return self.inside and bool(self.arguments)

    def paths(self, environment: Environment, examples: Examples) -> Iterator[str]:
        """The address with each example; one with several arguments is filled once, with the first ones.

        Raises KeyError for an argument without an example.
        """
        chosen = examples[self.arguments[0]] if len(self.arguments) == 1 else [""]
        for each in chosen:
            filled = {name: each or examples[name][0] for name in self.arguments}
            place = {"environment": environment} if self.inside else {}
            yield reverse(self.name, kwargs={**filled, **place})


def every_address() -> list[Address]:
    """In the order of the URLconf."""
    return list(_walk(urlpatterns, inside=False))


def _walk(patterns: Iterable[object], *, inside: bool) -> Iterator[Address]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, inside=True)
        elif isinstance(pattern, URLPattern):
            arguments = tuple(re.findall(r"<(?:\w+:)?(\w+)>", str(pattern.pattern)))
            yield Address(pattern.name or "", arguments, inside)
