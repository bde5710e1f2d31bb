"""`timbre bench`: what this machine does with one document, with 500, and with screens over 100,000."""

import os
import platform
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import httpx

from timbre.cli import bench_core, bench_screens
from timbre.cli.customer import Customer
from timbre.cli.installation import Installation
from timbre.cli.receiver import Inbox, receiving
from timbre.dte.rut import check_digit
from timbre.simulator.taxpayers import COMPANIES

DOCUMENTS, ISSUERS = 500, 5
PATIENCE = 60.0
SETTLING = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Seconds, counts, and kilobytes of proportional set size."""

    accepted: float
    issued: float
    webhooks: float
    requests: int
    idle: int
    loaded: int
    processes: int


@click.command(help="Mide un documento, 500 de punta a punta y las pantallas con 100.000, en SQLite.")
@click.option("--core", "core", is_flag=True, help="Solo el núcleo tributario: firmas, esquema, reglas, PDF.")
@click.option("--documents", "documents", is_flag=True, help="Solo la emisión.")
@click.option("--screens", "screens", is_flag=True, help="Solo las pantallas.")
def command(*, core: bool, documents: bool, screens: bool) -> None:
    """Everything, unless options say which."""
    everything = not (core or documents or screens)
    click.echo(f"{os.cpu_count()} núcleos, {platform.machine()}, Python {platform.python_version()}, SQLite")
    if core or everything:
        bench_core.report(bench_core.measure(datetime.now(UTC)))
    if documents or everything:
        with installed() as installation, receiving() as inbox:
            installation.start()
            report(measure(installation, inbox))
    if screens or everything:
        with installed(workers=0) as installation:
            bench_screens.report(bench_screens.measure(installation))


@contextmanager
def installed(workers: int | None = None) -> Iterator[Installation]:
    """An installation with a data dir of its own, gone afterwards; not started yet."""
    with tempfile.TemporaryDirectory(prefix="timbre-bench-") as data_dir:
        installation = Installation(data_dir=Path(data_dir), workers=workers)
        try:
            yield installation
        finally:
            installation.stop()


def measure(installation: Installation, inbox: Inbox) -> Measured:
    customer = Customer(installation.url, installation.create_key("bench@example.com"))
    enrol_all(customer, inbox)
    idle, before = installation.memory(), count_requests(installation)
    with paused(installation):
        began = time.monotonic()
        batch = customer.post([invoice(number) for number in range(DOCUMENTS)])
        accepted = time.monotonic() - began
    began = time.monotonic()
    wait_for(inbox, DOCUMENTS)
    issued = accepted + time.monotonic() - began
    requests = count_requests(installation) - before
    with paused(installation):
        for document in batch["documents"]:
            customer.mark_paid(document["document"]["id"])
    began = time.monotonic()
    wait_for(inbox, 2 * DOCUMENTS)
    webhooks = time.monotonic() - began
    return Measured(
        accepted=accepted,
        issued=issued,
        webhooks=webhooks,
        requests=requests,
        idle=idle,
        loaded=installation.memory(),
        processes=len(installation.processes()),
    )


def enrol_all(customer: Customer, inbox: Inbox) -> None:
    """Each company with a person of its own, so that each has its own lane."""
    for number, company in enumerate(COMPANIES[:ISSUERS]):
        body = 39_101_101 + number
        person = f"{body}-{check_digit(body)}"
        entity = customer.enrol(company.rut, person=person, clave="clave", certificate_password="clave")  # noqa: S106
        events = ["document.issued", "document.issue_failed", "document.paid"]
        customer.create_webhook(entity["id"], url=inbox.url, secret=inbox.secret, events=events)


def invoice(number: int) -> dict[str, Any]:
    """One of many: two lines, the issuers taking turns."""
    receiver = COMPANIES[ISSUERS + number % 2]
    address = receiver.addresses[0]
    return {
        "dte_type": {"code": "33"},
        "document_issuer": {"rut": COMPANIES[number % ISSUERS].rut},
        "document_receiver": {
            "rut": receiver.rut,
            "business_name": receiver.razon_social,
            "business_activity": receiver.giro[:40],
            "address": address.direccion,
            "district": address.comuna,
            "city": address.ciudad,
        },
        "details": [
            {"item_name": f"Servicio de imprenta {number}", "quantity": 1, "unit_price": 10_000 + number},
            {"item_name": "Despacho", "quantity": 2, "unit_price": 1_990, "discount_percent": 5},
        ],
    }


@contextmanager
def paused(installation: Installation) -> Iterator[None]:
    """The workers stand still meanwhile, so that one thing is measured at a time.

    Stopped in the middle of a write they would keep everybody from writing: they may finish it first.
    """
    time.sleep(SETTLING)
    workers = [pid for pid in installation.processes() if "worker" in installation.command_line(pid)]
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)


def wait_for(inbox: Inbox, count: int) -> None:
    """Until that many events have arrived. Raises ClickException when they stop coming."""
    told = len(inbox.events)
    while told < count:
        news = len(inbox.tell(told, within=PATIENCE))
        if not news:
            raise click.ClickException(f"llegaron {told} de {count} webhooks y no llegan más")
        told += news


def count_requests(installation: Installation) -> int:
    """How many requests the simulated SII has answered so far."""
    return int(httpx.get(f"{installation.simulator_url}/_simulator/requests").text)


def report(m: Measured) -> None:
    rates = [
        (f"POST de {DOCUMENTS} documentos, aceptado en", f"{m.accepted:.2f} s"),
        ("De punta a punta, hasta el último webhook", f"{m.issued:.1f} s"),
        ("", f"{DOCUMENTS / m.issued:.1f} documentos/s"),
        ("Webhooks que ya esperaban", f"{DOCUMENTS / m.webhooks:.0f} webhooks/s"),
        ("Solicitudes al SII por documento", f"{m.requests / DOCUMENTS:.2f}"),
        (f"Memoria en reposo (PSS de {m.processes} procesos)", f"{m.idle / 1024:.0f} MB"),
        ("Memoria después de la carga", f"{m.loaded / 1024:.0f} MB"),
    ]
    for what, value in rates:
        click.echo(f"{what:<46}{value}")
