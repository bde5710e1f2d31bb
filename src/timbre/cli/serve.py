"""`timbre serve`: web, workers and simulator as children of one small supervisor."""

import json
import os
import signal
import socket
import subprocess

import click

from timbre.cli.lifeline import STOP, stop_signal
from timbre.cli.plan import Plan
from timbre.cli.ports import LOOPBACK, free_port, refuse_taken
from timbre.cli.processes import Child, start

EVERYWHERE = {"0.0.0.0": LOOPBACK, "::": "::1"}  # noqa: S104 - compared, not bound
GRACE = 20.0
"""Seconds a child has to finish what is under way."""


@click.command(help="Levanta todo: web, workers y, si no hay otro, el simulador del SII.")
@click.option("--host", help="Dirección donde escucha la API (TIMBRE_HOST).")
@click.option("--port", type=click.IntRange(1, 65_535), help="Puerto de la API (TIMBRE_PORT).")
@click.option("--folios", type=click.Choice(["signing", "sending"]), help="Cuándo toma folio el simulador.")
def command(host: str | None, port: int | None, folios: str | None) -> None:
    options = {"TIMBRE_HOST": host, "TIMBRE_PORT": str(port) if port else None}
    environment = {**os.environ, **{name: value for name, value in options.items() if value}}
    signal.pthread_sigmask(signal.SIG_BLOCK, [*STOP, signal.SIGCHLD])
    plan = read_plan(environment)
    refuse_taken(plan.host, plan.port)
    warn_of_local_links(plan)
    children = plan_children(plan, environment, folios)
    try:
        supervise(children, plan)
    finally:
        for child in children:
            child.stop(within=GRACE)


def read_plan(environment: dict[str, str]) -> Plan:
    """Migrates the database and learns the settings, both from a child that ends: memory given back."""
    migration = start(["migrate"], environment, stdout=subprocess.PIPE)
    answer, _ = migration.communicate()
    if migration.returncode:
        raise click.ClickException("no se pudo preparar la base de datos; el motivo está arriba")
    return Plan(**json.loads(answer))


def warn_of_local_links(plan: Plan) -> None:
    """Who listens everywhere wants to be reached from elsewhere; a link to 127.0.0.1 is no use there."""
    if plan.host in EVERYWHERE and plan.base_url == f"http://{LOOPBACK}:{plan.port}":
        warning = "los enlaces a XML y PDF solo servirán en esta máquina; define TIMBRE_BASE_URL"
        click.echo(f"TIMBRE_BASE_URL no está definida: {plan.base_url}; {warning}", err=True)


def plan_children(plan: Plan, environment: dict[str, str], folios: str | None) -> list[Child]:
    """In the order they stop: no new requests, then no new work, then the tax office closes."""
    simulator: list[Child] = []
    if not plan.simulator_url:
        port = str(free_port())
        environment = {**environment, "TIMBRE_SIMULATOR_URL": f"http://{LOOPBACK}:{port}"}
        chosen = ["--folios", folios] if folios else []
        simulator = [Child(arguments=["simulator", "--port", port, *chosen], environment=environment)]
    web = Child(arguments=["web"], environment=environment)
    workers = [Child(arguments=["worker"], environment=environment) for _ in range(plan.workers)]
    return [web, *workers, *simulator]


def supervise(children: list[Child], plan: Plan) -> None:
    """Keeps the children alive until SIGTERM or SIGINT; says once that Timbre is ready."""
    ready = False
    while True:
        for child in children:
            child.keep_alive()
        if not ready and (ready := answers(plan)):
            print(f"Timbre listo en {plan.base_url}", flush=True)
        if stop_signal(timeout=0.5 if ready else 0.05, wakers=[signal.SIGCHLD]):
            return


def answers(plan: Plan) -> bool:
    """Whether what we started answers, at the address it was told to listen on."""
    return answers_at(EVERYWHERE.get(plan.host, plan.host), plan.port)


def answers_at(host: str, port: int) -> bool:
    """Whether GET /healthz says 200. A bare socket: an HTTP library would double the supervisor."""
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: timbre\r\n\r\n")
            return b" 200 " in connection.makefile("rb").readline(100)
    except OSError:
        return False
