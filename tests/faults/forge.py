"""Makes real processes in milliseconds: loads Timbre once, then forks a worker or a simulator on each line.

A line of stdin is JSON, ``{"role": "worker", "point": {...} | null}`` or ``{"role": "simulator", "port": …,
"folios": …, "store": …}``; the answer is the new process's id. All of them end with this process, and it
ends with its stdin. Settings come from the environment, once.
"""

import json
import os
import secrets
import signal
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from wsgiref.simple_server import make_server

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "timbre.config.settings")
django.setup()

from faults import points  # noqa: E402 - needs the settings
from faults.processes import claimant  # noqa: E402
from timbre.cli import worker  # noqa: E402
from timbre.cli.application import application  # noqa: E402
from timbre.cli.lifeline import die_with  # noqa: E402
from timbre.simulator import server  # noqa: E402
from timbre.simulator.store import FolioBehaviour  # noqa: E402
from timbre.work import claim  # noqa: E402


def work(point: dict[str, Any] | None) -> None:
    """`timbre worker`, which ``point`` may hit."""
    claim.secrets = SimpleNamespace(token_hex=lambda _: claimant(os.getpid()) + secrets.token_hex(12))
    if point:
        points.install(points.Point(**point))
    assert worker.command.callback is not None
    worker.command.callback()


def answer(port: int, point: dict[str, Any] | None) -> None:
    """The API as `timbre web` serves it, by a plainer server; ``point`` may hit it."""
    if point:
        points.install(points.Point(**point))
    with make_server("127.0.0.1", port, application) as web:
        web.serve_forever()


def simulate(port: int, folios: str, store: str) -> None:
    server.serve(Path(store), host="127.0.0.1", port=port, folios=FolioBehaviour(folios))


ROLES = {"worker": work, "web": answer, "simulator": simulate}


def main() -> None:
    die_with(os.getppid())
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the dead
    for line in sys.stdin:
        order = json.loads(line)
        parent = os.getpid()
        child = os.fork()
        if not child:
            _become(order, parent)
        print(child, flush=True)  # noqa: T201 - the answer


def _become(order: dict[str, Any], parent: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    die_with(parent)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(2, 1)
    code = 1
    try:
        ROLES[order.pop("role")](**order)
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
