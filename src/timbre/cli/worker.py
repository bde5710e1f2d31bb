"""`timbre worker`: serves lanes and deliveries until told to stop."""

import signal
import sys
import threading
from typing import Any

import click
from django.db import close_old_connections
from django.utils import timezone

from timbre.cli.lifeline import STOP, stop_signal
from timbre.issuing import enclosing, retention, turn
from timbre.taxpayers import portal
from timbre.webhooks import deliver, post
from timbre.work import alive
from timbre.work.loop import Loop

LANES, DELIVERIES = 4, 8
"""Threads: a lane is one conversation with the SII, a delivery one POST to a customer."""


@click.command(help="Emite documentos y entrega webhooks hasta que se le pida parar.")
def command() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP)  # before any thread, so that all of them inherit it
    stop = threading.Event()
    loops: list[Loop[Any]] = [
        Loop("lanes", take=turn.take, serve=turn.serve, threads=LANES),
        *deliver.loops(read_files=enclosing.read_files, threads=DELIVERIES),
        retention.loop(),
    ]
    threads = [threading.Thread(target=loop.run, args=(stop,)) for loop in loops]
    for thread in threads:
        thread.start()
    asked = False
    while not asked and all(thread.is_alive() for thread in threads):
        close_old_connections()  # the database may have been restarted since the last one
        alive.beat(timezone.now())
        asked = stop_signal(timeout=alive.EVERY.total_seconds())
    stop.set()
    for thread in threads:
        thread.join()
    portal.hang_up()
    post.hang_up()
    alive.end()
    sys.exit(0 if asked else 1)  # 1: a loop ended by itself, which is a fault; the supervisor starts anew
