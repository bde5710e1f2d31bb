"""`make screenshots`: every screen, on a desk and on a phone, as docs/images/SCREEN-WIDTH.png.

Each address of the platform is opened in an installation of its own, with an invented customer who has
everything in every state, and one with nothing yet for the steps of a first start.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import django

os.environ["TIMBRE_DATA_DIR"] = tempfile.mkdtemp(prefix="timbre-screens-")
os.environ["DJANGO_SETTINGS_MODULE"] = "timbre.config.settings"
django.setup()

from PIL import Image  # noqa: E402 - what reads models comes after their set-up
from playwright.sync_api import Browser  # noqa: E402

from browsing import KNOWN, PHONE, WIDE, Person, browser_at, find_chromium, run_in  # noqa: E402
from timbre.cli.addresses import every_address  # noqa: E402
from timbre.cli.installation import Installation  # noqa: E402
from timbre.work.environments import Environment  # noqa: E402

IMAGES = Path(__file__).parents[1] / "docs" / "images"
COLOURS = 64
TALLEST = 2400
"""Pixels of a picture: what is further down a long page is more of the same."""
SETTLED = 300
"""Milliseconds after which nothing moves any more."""
DRAWN = 5_000
"""Milliseconds after which a PDF stands in its viewer."""


def main() -> None:
    executable = find_chromium()
    if executable is None:
        sys.exit("No chromium here: apt-get install chromium")
    IMAGES.mkdir(parents=True, exist_ok=True)
    for old in IMAGES.glob("*.png"):
        old.unlink()
    installation = Installation(data_dir=Path(os.environ["TIMBRE_DATA_DIR"]), workers=0)
    installation.start()
    try:
        with browser_at(executable) as browser:
            take_all(browser, installation)
            installation.stop()
            open_door = Installation(data_dir=installation.data_dir, open=True)
            open_door.start()
            take_door(browser, open_door)
            open_door.stop()
    finally:
        installation.stop()
    total = sum(image.stat().st_size for image in IMAGES.glob("*.png"))
    sys.stdout.write(f"{len(list(IMAGES.glob('*.png')))} pictures, {total / 1e6:.1f} MB\n")


def take_all(browser: Browser, installation: Installation) -> None:
    nobody, first = Person(browser, installation.url), {"first-start": "/crear-cuenta/"}
    shoot(nobody, first)
    new = json.loads(run_in(installation, "nueva@ejemplo.cl", "--bare"))
    newcomer = Person(browser, installation.url)
    newcomer.remember(new["cookie"])
    shoot(newcomer, {"start-steps": "/sandbox/"})
    olga = json.loads(run_in(installation, "olga@ejemplo.cl"))
    person = Person(browser, installation.url)
    person.remember(olga["cookie"])
    shoot(person, dict(inside(olga["examples"])))
    shoot(nobody, dict(outside(olga["examples"])))
    person.opens("/sandbox/claves/nueva/")
    person.fills(name="Sistema de ventas")
    person.presses("Crear clave")
    person.sees("Cópiala ahora")
    picture(person, "keys-created")


def take_door(browser: Browser, installation: Installation) -> None:
    """What is read before a company enters production."""
    person = Person(browser, installation.url)
    person.remember(json.loads(run_in(installation, "nueva@ejemplo.cl", "--bare"))["cookie"])
    shoot(person, {"companies-acknowledge": f"/produccion/empresas/enrolar/reconocer/?rut={KNOWN}"})


def inside(examples: dict[str, dict[str, list[str]]]) -> Iterator[tuple[str, str]]:
    """Each screen in sandbox, and production's own faces."""
    here = examples["sandbox"]
    for address in every_address():
        if address.inside:
            yield address.name, next(address.paths(Environment.SANDBOX, here))
    documents, batches = here["document_id"], here["batch_id"]
    for name, number in (("waiting", 3), ("in-doubt", 5), ("refused", 8), ("incomplete", 9)):
        yield f"documents-one-{name}", f"/sandbox/documentos/{documents[number]}/"
    yield "batches-one-under-way", f"/sandbox/lotes/{batches[1]}/"
    yield "batches-one-failed", f"/sandbox/lotes/{batches[2]}/"
    yield "companies-enrol-login", f"/sandbox/empresas/enrolar/?rut={KNOWN}"
    yield "production", "/produccion/documentos/"
    yield "production-companies-enrol", "/produccion/empresas/enrolar/"


def outside(examples: dict[str, dict[str, list[str]]]) -> Iterator[tuple[str, str]]:
    for address in every_address():
        if not address.inside:
            yield address.name, next(address.paths(Environment.SANDBOX, examples["sandbox"]))


def shoot(person: Person, screens: dict[str, str]) -> None:
    """Those of the addresses that are whole screens."""
    for name, path in screens.items():
        answer = person.context.request.get(path, max_redirects=0)
        is_html = answer.headers.get("content-type", "").startswith("text/html")
        if answer.status == 200 and is_html and "<html" in answer.text():
            person.opens(path)
            picture(person, name)


def picture(person: Person, name: str) -> None:
    for size in (WIDE, PHONE):
        person.page.set_viewport_size(size)
        height = person.page.evaluate("document.documentElement.scrollHeight")
        # As tall as the page from the start: a PDF's viewer draws anew at each change of size.
        person.page.set_viewport_size({"width": size["width"], "height": min(height, TALLEST)})
        person.page.wait_for_timeout(DRAWN if person.page.locator("iframe:visible").count() else SETTLED)
        save(person.page.screenshot(), IMAGES / f"{name}-{size['width']}.png")


def save(picture: bytes, path: Path) -> None:
    """As a PNG of few colours: a tenth of the size, and the same to the eye."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
