"""`timbre demo`: the main job from an empty machine to XML and PDF, over real processes and HTTP."""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from timbre.cli.customer import Customer, RequestRefused
from timbre.cli.installation import Installation, InstallationError
from timbre.cli.receiver import Inbox, receiving

COMPANY = "39001001-K"
PERSON = {"person": "39101101-K", "clave": "clave", "certificate_password": "certificado"}
EVENTS = ["document.issued", "document.issue_failed"]
PATIENCE = 60.0
"""Seconds without any news before the demo gives up."""

console = Console(highlight=False)


class DemoError(Exception):
    """Something did not happen; the text says what."""


@click.command(help="Emite doce facturas de ejemplo en el SII simulado y guarda sus XML y PDF.")
@click.option(
    "--documents", type=click.Path(path_type=Path), default=Path("examples/facturas.json"), show_default=True
)
@click.option("--output", type=click.Path(path_type=Path), default=Path("demo-output"), show_default=True)
def command(documents: Path, output: Path) -> None:
    console.print(
        "\n[bold]Timbre[/bold] · demostración en sandbox: el SII es simulado, nada sale de esta máquina\n"
    )
    try:
        batch = json.loads(documents.read_text())["documents"]
        run(batch, output)
    except (DemoError, RequestRefused, InstallationError, httpx.HTTPError, OSError) as failure:
        console.print(f"\n[bold red]✗ La demostración falló:[/] {failure}")
        raise SystemExit(1) from None


def run(documents: list[dict[str, Any]], output: Path) -> None:
    """The whole story. Raises DemoError and what the customer's calls raise."""
    began = time.monotonic()
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="timbre-demo-") as data_dir, receiving() as inbox:
        installation = Installation(data_dir=Path(data_dir))
        try:
            with step("Timbre encendido: API, workers y SII simulado") as note:
                installation.start()
                note(installation.url)
            customer = prepare(installation, inbox)
            events = issue(customer, documents, inbox)
            rows = [save(customer, event["data"], output) for event in events]
        finally:
            installation.stop()
            shutil.copy(installation.log, output)
    show(rows)
    took = time.monotonic() - began
    verified = len(inbox.deliveries)
    console.print(f"\n[green]✓[/] {len(rows)} documentos emitidos, {verified} firmas de webhook verificadas")
    console.print(f"  XML y PDF en [bold]{output}/[/] · {took:.1f} s en total\n")


def prepare(installation: Installation, inbox: Inbox) -> Customer:
    """From nothing to a company that can issue: key, look-up, enrolment, webhook."""
    with step("Usuario y clave de la API") as note:
        key = installation.create_key("demo@example.com")
        note(f"{key[:15]}…")
    customer = Customer(installation.url, key)
    with step(f"Consulta del RUT {COMPANY}, antes de enrolar") as note:
        known = customer.look_up(COMPANY)
        note(f"{len(known['addresses'])} direcciones: todavía no hay con quién preguntar al SII")
    with step("Empresa enrolada con la clave de una persona"):
        customer.enrol(COMPANY, **PERSON)
    with step("Consulta del mismo RUT, ya enrolada") as note:
        entity = customer.look_up(COMPANY)
        counts = f"{len(entity['addresses'])} direcciones, {len(entity['activities'])} actividades"
        note(f"{entity['name']}: {counts}")
        if not entity["addresses"]:
            raise DemoError("el SII simulado no entregó direcciones de la empresa")
    with step("Webhook de la empresa, con secreto") as note:
        customer.create_webhook(entity["id"], url=inbox.url, secret=inbox.secret, events=EVENTS)
        note(inbox.url)
    return customer


def issue(customer: Customer, documents: list[dict[str, Any]], inbox: Inbox) -> list[dict[str, Any]]:
    """Posts the batch and waits until each document was told by webhook; the events, as they came."""
    with step("Lote enviado con X-Use-Defaults") as note:
        batch = customer.post(documents)
        note(f"{batch['batch_id']}, {len(batch['documents'])} documentos")
    columns = (TextColumn("  Emitiendo"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("", total=len(documents))
        told = 0
        while told < len(documents):
            news = inbox.tell(told, within=PATIENCE)
            if not news:
                raise DemoError(f"en {PATIENCE:.0f} s no llegó noticia; iban {told} de {len(documents)}")
            told += len(news)
            progress.update(bar, completed=told)
    if inbox.forged:
        raise DemoError(f"{inbox.forged} entregas traían una firma que no corresponde")
    return inbox.events


def save(customer: Customer, document: dict[str, Any], output: Path) -> tuple[str, ...]:
    """Writes the XML and PDF that the event's links lead to; the document's row of the table."""
    if not document["folio"]:
        raise DemoError(f"{document['id']} no se emitió: {document.get('error')}")
    name = f"{document['dte_type']['code']}-{int(document['folio']):06d}"
    for kind in ("xml", "pdf"):
        (output / f"{name}.{kind}").write_bytes(customer.download(document[f"{kind}_file"]))
    total = f"${document['document_total']['total_amount']:,.0f}".replace(",", ".")
    return document["dte_type"]["code"], document["folio"], document["receiver"]["name"], total, "emitido"


def show(rows: list[tuple[str, ...]]) -> None:
    """The table of what was issued, by type and folio."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2))
    for title, justify in (("Tipo", "right"), ("Folio", "right"), ("Receptor", "left"), ("Total", "right")):
        table.add_column(title, justify=justify)  # type: ignore[arg-type]
    table.add_column("Estado", style="green")
    for row in sorted(rows, key=lambda row: (row[0], int(row[1]))):
        table.add_row(*row)
    console.print()
    console.print(table)


@contextmanager
def step(title: str) -> Iterator[Any]:
    """One line of the story, ticked when it is done; ``note`` adds what came of it."""
    notes: list[str] = []
    yield notes.append
    console.print(f"[green]✓[/] {title}" + "".join(f"  [dim]{note}[/]" for note in notes), soft_wrap=True)
