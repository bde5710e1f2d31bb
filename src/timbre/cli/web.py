"""`timbre web`: the API, served by granian."""

import click
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from timbre.cli.ports import refuse_taken
from timbre.cli.presence import attend
from timbre.config import settings

THREADS = 64
"""At most; one that had nothing to do for 30 s ends. Not for speed (one interpreter: 2 are as fast as 8), but
because a request holds one while its body trickles in (accounts.arrivals bounds how many may), or while a
look-up waits up to 8 s for the SII."""

HEAD_WITHIN, MAX_HEAD = 20_000, 64 * 1024
"""Milliseconds within which the (next) head of a connection must be there, and its bytes: what is slower is
hung up on, what is longer is 431 or 414. So are a hundred headers."""


@click.command(help="Atiende la API.")
def command() -> None:
    attend(settings.DATA_DIR)
    refuse_taken(settings.HOST, settings.PORT)
    Granian(
        "timbre.cli.application:application",
        address=settings.HOST,
        port=settings.PORT,
        interface=Interfaces.WSGI,
        # HTTP/2 is a proxy's matter: spoken here it would have limits of its own to watch.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_WITHIN, max_buffer_size=MAX_HEAD),
        blocking_threads=THREADS,
        workers_kill_timeout=10,
        log_level=LogLevels.error,
    ).serve()
