"""What people, callers and the SII write is text, on every screen that shows it and in every form."""

from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import Client
from lxml import html

from furnished import furnish
from furnishing import HOSTILE, LOGIN, Furnished
from timbre.accounts.models import User
from timbre.work.environments import Environment
from walking import Visit, walk

SANDBOX = Environment.SANDBOX
ALIVE = (
    "//script[not(starts-with(@src, '/static/'))] | //img[@src='x'] | //*[@onerror] | //*[@onclick]"
    " | //*[contains(@href, 'script:')] | //script[text()]"
)


@pytest.fixture
def furnished(db: None) -> Furnished:
    """Of somebody whose very e-mail address is a script."""
    return furnish(User.objects.named('"<script>alert(1)</script>{{7*7}}"@example.cl'), hostile=True)


@pytest.fixture
def client(furnished: Furnished) -> Client:
    client = Client()
    client.force_login(furnished.user, backend=LOGIN)
    return client


@pytest.fixture
def pages(client: Client, furnished: Furnished) -> list[Visit]:
    return [visit for visit in walk(client, furnished, SANDBOX) if visit.is_html]


def test_what_was_written_is_on_every_screen_and_nowhere_alive(pages: list[Visit]) -> None:
    for page in pages:
        if page.address.inside and page.is_page:
            assert "{{7*7}}" in page.tree.text_content(), str(page)
        assert alive(page.content) == [], str(page)


def test_what_is_searched_for_is_only_text(pages: list[Visit], client: Client) -> None:
    for page in pages:
        fields = page.tree.xpath("//form[not(@method='post')]//*[@name]/@name")
        response = client.get(page.path, dict.fromkeys(fields, HOSTILE))
        assert response.status_code in {200, 302, 400, 404}, str(page)
        assert alive(read(response)) == [], str(page)


def test_every_form_gives_back_what_was_typed_as_text(pages: list[Visit], client: Client) -> None:
    for page in pages:
        for path, typed in forms_of(page):
            response = client.post(path, typed, follow=True)
            assert response.status_code < 500, f"{page}: {path}"
            assert alive(read(response)) == [], f"{page}: {path}"


def forms_of(page: Visit) -> Iterator[tuple[str, dict[str, str]]]:
    """Where each form of the page posts to, with something hostile typed into every field."""
    for form in page.tree.xpath("//main//form[@method='post']"):
        names = form.xpath(".//*[@name and not(@type='hidden') and not(@type='file')]/@name")
        if names:
            yield form.get("action") or page.path, dict.fromkeys(names, HOSTILE)


def alive(content: bytes) -> list[str]:
    """The markup in a page that is not the page's own."""
    if not content.strip():
        return []
    tree = html.document_fromstring(content.decode())
    return [html.tostring(found).decode()[:200] for found in tree.xpath(ALIVE)]


def read(response: HttpResponse) -> bytes:
    """The body of a page; nothing of a file, which no browser opens as one."""
    if not response["Content-Type"].startswith("text/html"):
        return b""
    return b"".join(response) if response.streaming else response.content
