"""A walk over all screens: each address opened with each example, and what was seen there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html

from furnishing import Furnished
from timbre.cli.addresses import Address, every_address
from timbre.work.environments import Environment

ADDRESSES = every_address()
HTML = "text/html; charset=utf-8"


@dataclass
class Visit:
    """One address opened once."""

    address: Address
    path: str
    response: HttpResponse
    queries: int = 0
    content: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.content = b"".join(self.response) if self.response.streaming else self.response.content

    def __str__(self) -> str:
        return f"{self.path} ({self.address.name})"

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def is_button(self) -> bool:
        """It takes only what a form posts."""
        return self.status == 405

    @property
    def is_html(self) -> bool:
        return self.status == 200 and self.response.get("Content-Type") == HTML

    @property
    def is_page(self) -> bool:
        """A whole screen; not a part that is put into one, nor a file."""
        return self.is_html and self.content.lstrip()[:9].lower() == b"<!doctype"

    @cached_property
    def tree(self) -> html.HtmlElement:
        return html.document_fromstring(self.content.decode())


def walk(client: Client, furnished: Furnished, environment: Environment) -> Iterator[Visit]:
    """Opens everything there is to open in one environment, and from outside what is outside of both."""
    anybody = Client()
    for address in ADDRESSES:
        for path in address.paths(environment, furnished.examples):
            yield look(client if address.inside else anybody, address, path)


def look(client: Client, address: Address, path: str, **headers: str) -> Visit:
    with CaptureQueriesContext(connection) as asked:
        response = client.get(path, headers=headers)
    return Visit(address, path, response, len(asked))
