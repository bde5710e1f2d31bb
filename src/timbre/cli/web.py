"""`timbre web`: the API, served by granian."""

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from timbre.cli.ports import refuse_taken
from timbre.config import settings

THREADS = 64
"""At most; one that had nothing to do for 30 s ends. Not for speed (one interpreter: 2 are as fast as 8), but
because a request holds one while its body trickles in, or while a look-up waits up to 8 s for the SII."""


@click.command(help="Atiende la API.")
def command() -> None:
    refuse_taken(settings.HOST, settings.PORT)
    Granian(
        "timbre.cli.application:application",
        address=settings.HOST,
        port=settings.PORT,
        interface=Interfaces.WSGI,
        blocking_threads=THREADS,
        workers_kill_timeout=10,
        log_level=LogLevels.error,
    ).serve()
