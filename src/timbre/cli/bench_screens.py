"""How long the server takes for each screen when its user has 100,000 documents: loopback, one client."""

import json
import statistics
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import click
import httpx

from timbre.cli.installation import Installation
from timbre.cli.processes import start

DOCUMENTS, BATCHES = 100_000, 2_000
TIMES, WARM = 21, 3
AIM = 100.0
"""Milliseconds that the median of every screen should stay under."""


@dataclass(frozen=True, slots=True)
class Timed:
    """Milliseconds from the request to the last byte."""

    screen: str
    median: float
    slowest: float


def measure(installation: Installation) -> list[Timed]:
    """Fills the empty data dir of an installation, then starts it and looks at every screen."""
    _run(installation, "migrate")
    filled = json.loads(_run(installation, "screens_filled", str(DOCUMENTS), str(BATCHES)))
    installation.start()
    client = httpx.Client(base_url=installation.url, cookies={"timbre": filled["cookie"]}, timeout=60)
    with client:
        return sorted(_time_all(client, filled["screens"]), key=lambda timed: -timed.median)


def _time_all(client: httpx.Client, screens: dict[str, str]) -> Iterator[Timed]:
    """Only what is a screen: neither a button nor a file."""
    for screen, path in screens.items():
        answer = client.get(path)
        if answer.status_code == httpx.codes.OK and answer.headers["Content-Type"].startswith("text/html"):
            yield _time(client, screen, path)


def _time(client: httpx.Client, screen: str, path: str) -> Timed:
    taken = []
    for _ in range(WARM + TIMES):
        began = time.perf_counter()
        client.get(path).raise_for_status()
        taken.append(1000 * (time.perf_counter() - began))
    warm = taken[WARM:]
    return Timed(screen, statistics.median(warm), max(warm))


def report(timed: list[Timed]) -> None:
    """Slowest first."""
    click.echo(f"\nPantallas con {DOCUMENTS:,} documentos en {BATCHES:,} lotes".replace(",", "."))
    click.echo(f"{'':<46}{'mediana':>10}{'peor':>10}")
    for each in timed:
        click.echo(f"{each.screen:<46}{each.median:>7.0f} ms{each.slowest:>7.0f} ms")
    over = [each.screen for each in timed if each.median > AIM]
    click.echo(f"Sobre {AIM:.0f} ms: {', '.join(over) or 'ninguna'}, de {len(timed)}")


def _run(installation: Installation, *arguments: str) -> str:
    with start(arguments, installation.environment, stdout=subprocess.PIPE) as command:
        answer, _ = command.communicate()
    if command.returncode:
        raise click.ClickException(f"timbre {arguments[0]} terminó con {command.returncode}")
    return answer
