"""`timbre web`: the API, served by granian."""

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from timbre.config import settings

THREADS = 8
"""Throughput was the same with 2, 4 and 8 (one interpreter), but a look-up may wait 8 s for the SII."""


@click.command(help="Atiende la API.")
def command() -> None:

    Granian(
        "timbre.cli.application:application",
        address=settings.HOST,
        port=settings.PORT,
        interface=Interfaces.WSGI,
        blocking_threads=THREADS,
        workers_kill_timeout=10,
        log_level=LogLevels.error,
    ).serve()
