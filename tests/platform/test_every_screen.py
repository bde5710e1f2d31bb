"""What is true of every screen. They are read from the URLconf: a new one is held to it by being there."""

import gzip
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from furnished import furnish
from furnishing import LOGIN, Furnished
from timbre.accounts import people
from timbre.accounts.models import User
from timbre.platform.middleware import POLICY
from timbre.work.environments import Environment
from visiting import MOST_QUERIES
from walking import ADDRESSES, Visit, look, walk

pytestmark = pytest.mark.django_db
SANDBOX, PRODUCTION = Environment.SANDBOX, Environment.PRODUCTION
MOST_BYTES = 100_000
ONWARD = {"arrive", "keys-created", "companies-acknowledge", "documents-preview"}
"""Addresses that send on whoever comes to them without having come from somewhere, or too late."""


@pytest.fixture(scope="module")
def furnished(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Furnished]:
    """Written once for all tests of this file, which only look, and taken back after the last of them."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield furnish(User.objects.named("ana@example.com"))
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def client(furnished: Furnished) -> Client:
    client = someone(furnished.user)
    # A link to choose a password is good until the next log-in, which this was.
    furnished.examples["token"] = [people.token_for(furnished.user, now=timezone.now())]
    return client


def someone(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=LOGIN)
    return client


@pytest.fixture(scope="module")
def visits(client: Client, furnished: Furnished) -> list[Visit]:
    return list(walk(client, furnished, SANDBOX))


@pytest.fixture(scope="module")
def pages(visits: list[Visit]) -> list[Visit]:
    return [visit for visit in visits if visit.is_page]


def test_every_address_opens_or_is_a_button(visits: list[Visit]) -> None:
    """The first example of each has all there is; of others, a file may be missing, or a company gone."""
    first = {visit.address: visit for visit in reversed(visits)}.values()
    strange = [visit for visit in first if visit.status not in {200, 405}]
    assert [f"{v}: {v.status}" for v in strange if not (v.status == 302 and v.address.name in ONWARD)] == []
    assert [f"{v}: {v.status}" for v in visits if v.status not in {200, 302, 404, 405}] == []


def test_no_screen_asks_the_database_more_than_a_dozen_times(visits: list[Visit], client: Client) -> None:
    live = [look(client, v.address, v.path, **{"HX-Request": "true"}) for v in visits if v.is_html]
    assert [f"{v}: {v.queries} queries" for v in [*visits, *live] if v.queries > MOST_QUERIES] == []


def test_a_screen_with_all_it_loads_weighs_less_than_100_kb(pages: list[Visit], client: Client) -> None:
    assert {str(page): weight for page in pages if (weight := weigh(page, client)) > MOST_BYTES} == {}


def weigh(page: Visit, client: Client) -> int:
    """Bytes over the wire, compressed as a browser asks for them; a PDF beside the data is no part of it."""
    loaded = page.tree.xpath("//script/@src | //link/@href | //img/@src | //use/@href")
    visitor = client if page.address.inside else Client()
    return sum(_wire(visitor, path) for path in [page.path, *sorted(set(loaded))])


def _wire(client: Client, path: str) -> int:
    response = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert response.status_code == 200, path
    return len(b"".join(response) if response.streaming else response.content)


def test_what_is_sent_is_compressed(pages: list[Visit], client: Client) -> None:
    response = client.get(pages[-1].path, headers={"Accept-Encoding": "gzip"})
    assert b"<!doctype html>" in gzip.decompress(response.content)


def test_no_script_but_ours_runs_and_nobody_frames_a_screen(visits: list[Visit]) -> None:
    assert [str(v) for v in visits if v.response["Content-Security-Policy"] != POLICY and v.is_html] == []
    assert [str(v) for v in visits if v.response["X-Frame-Options"] not in {"DENY", "SAMEORIGIN"}] == []
    assert [str(v) for v in visits if v.is_html and v.response["X-Frame-Options"] != "DENY"] == []
    assert "script-src 'self'" in POLICY
    assert "unsafe" not in POLICY


def test_no_script_or_style_stands_in_a_page(visits: list[Visit]) -> None:
    inline = (
        "//script[not(@src)] | //style | //*[@style] | //*[@*[starts-with(name(), 'on')]]"
        " | //*[@*[starts-with(name(), 'hx-on')]] | //*[starts-with(@href, 'javascript:')]"
    )
    assert [f"{v}: {v.tree.xpath(inline)}" for v in visits if v.is_html and v.tree.xpath(inline)] == []


def test_nothing_is_loaded_from_or_sent_to_another_host(visits: list[Visit]) -> None:
    attributes = "//@src | //@action | //@data | //link/@href | //@hx-get | //@hx-post | //a/@href"
    foreign = {
        f"{visit}: {target}"
        for visit in visits
        if visit.is_html
        for target in visit.tree.xpath(attributes)
        if not (target.startswith(("/", "?", "#")) and not target.startswith("//"))
    }
    assert foreign == set()


def test_a_screen_has_one_h1_a_language_and_a_main_part(pages: list[Visit]) -> None:
    for page in pages:
        assert len(page.tree.xpath("//h1[normalize-space()]")) == 1, str(page)
        assert page.tree.get("lang") == "es-CL", str(page)
        assert len(page.tree.xpath("//main")) == 1, str(page)


def test_the_title_says_sandbox_in_sandbox_alone(
    pages: list[Visit], client: Client, furnished: Furnished
) -> None:
    for page in pages:
        assert title_of(page).startswith("[Sandbox] ") == page.address.inside, str(page)
        assert (b"nada de esto llega al SII" in page.content) == page.address.inside, str(page)
    production = furnish(furnished.user, PRODUCTION)
    for page in walk(client, production, PRODUCTION):
        if page.is_page:
            assert "andbox" not in title_of(page), str(page)
            assert b"nada de esto llega al SII" not in page.content, str(page)


def title_of(page: Visit) -> str:
    title: str = page.tree.xpath("//title/text()")[0]
    assert title.endswith("· Timbre")
    assert len(title) > len("· Timbre "), str(page)
    return title


def test_the_titles_of_two_screens_differ(pages: list[Visit]) -> None:
    named: dict[str, set[str]] = {}
    for page in pages:
        named.setdefault(title_of(page), set()).add(page.address.name)
    assert {title: names for title, names in named.items() if len(names) > 1} == {}


def test_a_visitor_who_is_not_logged_in_is_sent_to_the_log_in(furnished: Furnished) -> None:
    for visit in walk(Client(), furnished, SANDBOX):
        if visit.address.inside and not visit.is_button:
            assert visit.status == 302, str(visit)
            assert visit.response["Location"].startswith("/entrar/?next=/sandbox/"), str(visit)


def test_a_strangers_rows_are_not_found(furnished: Furnished, stranger: Client) -> None:
    assert list(found_by(stranger, furnished, SANDBOX)) == []


def test_rows_of_the_other_environment_are_not_found(furnished: Furnished, client: Client) -> None:
    assert list(found_by(client, furnished, PRODUCTION)) == []


@pytest.fixture(scope="module")
def stranger(furnished: Furnished) -> Client:
    """Somebody else, who has everything too."""
    other = User.objects.named("otra@example.com")
    furnish(other)
    return someone(other)


OWN = {"account-end"}
"""Rows of a person, not of an environment."""


def found_by(client: Client, furnished: Furnished, environment: Environment) -> Iterator[str]:
    """What this client can open or post to of what is not there for it."""
    for address in ADDRESSES:
        if not address.names_rows or (address.name in OWN and environment == PRODUCTION):
            continue
        for path in address.paths(environment, furnished.examples):
            for verb in (client.get, client.post):
                response = verb(path)
                if response.status_code not in {404, 405}:
                    yield f"{verb.__name__} {path}: {response.status_code}"


def test_nothing_is_done_without_the_forms_own_token(furnished: Furnished) -> None:
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(furnished.user, backend=LOGIN)
    for address in ADDRESSES:
        for path in address.paths(SANDBOX, furnished.examples):
            assert guarded.post(path, {"q": "x"}).status_code == 403, path


def test_a_company_to_narrow_by_that_is_anothers_narrows_nothing(
    pages: list[Visit], stranger: Client, furnished: Furnished
) -> None:
    theirs = furnished.examples["company_id"][0]
    for page in pages:
        if page.address.inside and not page.address.names_rows:
            narrowed = stranger.get(page.path, {"empresa": theirs})
            assert narrowed.status_code in {200, 404}, str(page)
            assert theirs not in narrowed.content.decode().replace(f"empresa={theirs}", ""), str(page)


def test_the_walk_knows_every_argument(furnished: Furnished) -> None:
    without = replace(furnished, examples={})
    named = [address for address in ADDRESSES if address.names_rows]
    for address in named:
        with pytest.raises(KeyError):
            list(address.paths(SANDBOX, without.examples))
