"""People with a real browser: Debian's Chromium, driven by Playwright, held to one host and to silence."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from timbre.cli.installation import Installation

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PATIENCE = 20_000
"""Milliseconds that anything may take to appear."""
KNOWN = "39201010-6"
"""A company whose name a furnished installation knows, and that nobody has enrolled."""
FURNISHED = Path(__file__).with_name("furnished.py")


def find_chromium() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def browser_at(executable: str) -> Iterator[Browser]:
    """Chromium without a screen; nothing is downloaded."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Person:
    """Somebody at a browser of their own. ``faults`` is what no page of ours may do."""

    browser: Browser
    url: str
    options: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    email: str = ""

    def __post_init__(self) -> None:
        self.context: BrowserContext = self.browser.new_context(
            base_url=self.url, locale="es-CL", **{"viewport": WIDE, **self.options}
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=self.url)
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda error: self.faults.append(f"error: {error.error}"))
        self.context.on("request", self._watch)
        self.page: Page = self.context.new_page()

    def _hear(self, message: ConsoleMessage) -> None:
        # That a page was not found is told by its status, which is asked for where it matters.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"console: {message.text}")

    def _watch(self, request: Request) -> None:
        there = urlsplit(request.url)
        ours = there.netloc == urlsplit(self.url).netloc
        # The browser's own PDF viewer is made of such.
        if not ours and there.scheme not in {"chrome", "chrome-extension", "about", "blob"}:
            self.faults.append(f"asked another host: {request.url}")

    def remember(self, cookie: str) -> None:
        """Comes back with the cookie of a session."""
        self.context.add_cookies([{"name": "timbre", "value": cookie, "url": self.url}])

    def opens(self, path: str) -> int:
        """Goes to a page and says with what status it was answered."""
        answer = self.page.goto(path)
        assert answer is not None
        return answer.status

    def sees(self, text: str) -> None:
        """The words are somewhere on the page, now or soon."""
        self.page.get_by_text(text).locator("visible=true").first.wait_for()

    def fills(self, **typed: str) -> None:
        """Each field by its name in the form of the main part."""
        for name, text in typed.items():
            self.page.locator(f"main [name={name}]").fill(text)

    def presses(self, name: str) -> None:
        """A button, or a link that looks like one, of the main part."""
        wanted = self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name))
        self.page.locator("main").locator(wanted).first.click()

    def goes_to(self, room: str) -> None:
        """One of the rooms on the left."""
        self.page.get_by_role("navigation", name="Secciones").get_by_role("link", name=room).click()

    def downloads(self, name: str) -> bytes:
        """What comes from a link or button that saves a file."""
        with self.page.expect_download() as coming:
            self.presses(name)
        return Path(coming.value.path()).read_bytes()

    def leaves(self) -> None:
        self.context.close()


def violations(page: Page, options: str = "{}") -> list[str]:
    """What axe-core objects to in a page, where, and why."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(f"() => axe.run({options})")["violations"]
    return [
        f"{each['id']}: {node['html'][:200]} {node['failureSummary']}"
        for each in found
        for node in each["nodes"]
    ]


@dataclass
class House:
    """The cookie of somebody who has everything, and by environment the ids of what is there to visit."""

    cookie: str
    examples: dict[str, dict[str, list[str]]]


def run_in(installation: Installation, *arguments: str) -> str:
    """What furnished.py prints when it is run with the settings of an installation."""
    environment = {
        **installation.environment,
        "DJANGO_SETTINGS_MODULE": "timbre.config.settings",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    command = [sys.executable, str(FURNISHED), *arguments]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
