"""Screens in a real browser over real processes: one `timbre serve` per process, one Chromium per file."""

import json
import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from browsing import NAMES, House, Person, browser_at, find_chromium, run_in
from customers import new_rut
from timbre.cli.installation import Installation
from timbre.cli.receiver import Inbox, receiving

MISSING = (
    f"no hay un navegador ({', '.join(NAMES)}): las pruebas de navegador no corren sin él. "
    "Instálalo con «apt-get install chromium» (make test lo hace si puede)."
)


# While Playwright's loop runs in a process, Django would take every test there for asynchronous code: the
# browser ends with each file's last test. A folder is no scope: without an __init__.py it is the session's.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = find_chromium()
    if executable is None and os.environ.get("CI") == "true":
        pytest.fail(MISSING)
    if executable is None:
        pytest.skip(MISSING)
    with browser_at(executable) as browser:
        yield browser


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(data_dir=tmp_path_factory.mktemp("timbre"), workers=1)
    installation.start()
    yield installation
    installation.stop()


@pytest.fixture
def arrive(browser: Browser, installation: Installation) -> Iterator[Callable[..., Person]]:
    """A new person at a new browser, each time it is called; not logged in unless by a cookie."""
    people: list[Person] = []

    def arrive(cookie: str = "", **options: object) -> Person:
        person = Person(browser, installation.url, options=options)
        people.append(person)
        if cookie:
            person.remember(cookie)
        return person

    yield arrive
    for person in people:
        person.leaves()
    assert [fault for person in people for fault in person.faults] == []


@pytest.fixture
def ana(arrive: Callable[..., Person], installation: Installation) -> Person:
    """Somebody with nothing yet, logged in."""
    email = f"ana.{new_rut()}@example.com"
    person = arrive(json.loads(run_in(installation, email, "--bare"))["cookie"])
    person.email = email
    return person


@pytest.fixture(scope="session")
def house(installation: Installation) -> House:
    """Somebody with everything in every state."""
    return House(**json.loads(run_in(installation, "olga@ejemplo.cl")))


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with receiving() as inbox:
        yield inbox
