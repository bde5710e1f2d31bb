"""A fresh installation for each fault: real workers and a real simulator, a wire between them that can be cut.

Time is never waited for: the stored times are moved into the past instead. Its process is set up by
``settings.prepare`` before this module can be imported.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.models import F
from lxml import etree

from faults import databases
from faults.counting import Held, Ours, Tally, count
from faults.points import Point
from faults.processes import PATIENCE, await_port, kill
from middleman import Middleman, stand_between
from offices import EMISOR, Office, factura
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.cli.ports import free_port
from timbre.cli.receiver import Inbox, receiving
from timbre.issuing.models import FINAL, Document, State, StoredFile
from timbre.simulator.store import FolioBehaviour, Store
from timbre.taxpayers import portal
from timbre.taxpayers.models import Company
from timbre.webhooks import endpoints
from timbre.webhooks.models import Delivery, Event, Webhook
from timbre.work.models import Lane

STEP = timedelta(minutes=1)
SII = {"sii": "http://www.sii.cl/SiiDte"}


@dataclass
class Site:
    """What a scenario acts on. ``line`` is the wire; ``asked`` the contents of all that was asked."""

    root: Path
    line: Middleman
    office: Office
    folios: str = "sending"
    simulator_port: int = field(default_factory=free_port)
    asked: list[str] = field(default_factory=list)
    workers: list[psutil.Process] = field(default_factory=list)
    simulator: psutil.Process | None = None
    _forge: "subprocess.Popen[str] | None" = None

    # -- processes

    def forge(self, **order: Any) -> psutil.Process:
        if self._forge is None:
            command = [sys.executable, "-m", "faults.forge"]
            log = (self.root / "processes.log").open("ab")
            self._forge = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self._forge.stdin
        assert self._forge.stdout
        print(json.dumps(order), file=self._forge.stdin, flush=True)
        return psutil.Process(int(self._forge.stdout.readline()))

    def start_worker(self, point: Point | None = None) -> psutil.Process:
        detail = {"number": point.number, "when": point.when, "signal": int(point.signal)} if point else None
        worker = self.forge(role="worker", point=detail)
        self.workers.append(worker)
        return worker

    def start_simulator(self) -> None:
        self.simulator = self.forge(
            role="simulator", port=self.simulator_port, folios=self.folios, store=str(self.store_path)
        )
        await_port(self.simulator_port)

    def crash_simulator(self) -> None:
        """kill -9, and started again on the same port."""
        assert self.simulator
        kill(self.simulator)
        self.start_simulator()

    def kill_workers(self) -> None:
        for worker in self.workers:
            kill(worker)
        self.workers.clear()

    def end(self) -> None:
        """Nothing runs, and nothing is open."""
        self.kill_workers()
        if self.simulator:
            kill(self.simulator)
            self.simulator = None
        self.office.store.close()
        connections.close_all()

    def close(self) -> None:
        if self._forge and self._forge.stdin:
            self._forge.stdin.close()
            self._forge.wait(20)

    # -- a fresh start

    @property
    def store_path(self) -> Path:
        return self.root / "simulator.sqlite3"

    def begin(self, folios: str) -> None:
        """As it was when the company had just been enrolled; nothing of an earlier scenario is left."""
        self.end()
        databases.restore(self.root)
        self.folios = folios
        self.office.store = Store(self.store_path, FolioBehaviour(folios))
        self.start_simulator()
        self.line.seen.clear()
        self.line.faults.clear()
        self.line.firsts.clear()
        self.asked.clear()

    def ask(self, *names: str) -> None:
        """A batch; equal names are twins."""
        self.office.ask(*(invoice(name) for name in names))
        self.asked += [f"{EMISOR} {invoice(name)['document_receiver']['rut']} {name}" for name in names]

    @contextlib.contextmanager
    def listening(self) -> Iterator[Inbox]:
        """The company has a webhook, and somebody to receive."""
        events = ["document.issued", "document.issue_failed"]
        company = Company.objects.get()
        with receiving() as inbox:
            endpoints.create(
                self.office.scope,
                company,
                url=inbox.url,
                events=events,
                secret=inbox.secret,
                now=self.office.clock(),
            )
            yield inbox

    def owe_deliveries_again(self) -> None:
        """Each event that was told is to be told anew, under its own id."""
        assert Delivery.objects.update(status="pending", due_at=self.office.clock())

    # -- time

    def pass_time(self, *, leases: bool = False) -> None:
        """A minute later for all that waits; ``leases`` run out, too: only where their holder is dead."""
        earlier = [(Document, "due_at"), (Document, "send_deadline"), (Document, "absent_since")]
        earlier += [(Delivery, "due_at"), (Webhook, "rest_until"), (Lane, "due_at"), (Lane, "closed_until")]
        if leases:
            earlier += [(Lane, "lease_until"), (Delivery, "lease_until")]
        for model, column in earlier:
            waiting = model._base_manager.filter(**{f"{column}__isnull": False})
            waiting.update(**{column: F(column) - STEP})

    # -- the end

    def settle(self, *, unless: Callable[[], bool] = lambda: False, within: float = PATIENCE) -> None:
        """Returns when all is final, told and handed back, when it has been waited for too long, or ``unless``."""
        deadline = time.monotonic() + within
        last, since = None, time.monotonic()
        while not (unless() or self.settled() or time.monotonic() > deadline):
            now = self.progress()
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > 0.25:
                self.pass_time()
                since = time.monotonic()
            time.sleep(0.03)

    def settled(self) -> bool:
        """Whether no document, delivery or lane has anything left to do."""
        return not (
            Document.objects.exclude(state__in=FINAL).exists()
            or Lane.objects.exclude(due_at=None, lease_until=None).exists()
            or Delivery.objects.filter(status="pending").exists()
        )

    def progress(self) -> tuple[object, ...]:
        documents = Document.objects.order_by("pk").values_list("state", "failures", "sends", "absent_since")
        return (len(self.line.seen), *documents, Delivery.objects.filter(status="pending").count())

    def tally(self) -> Tally:
        """What came of it, counted at the SII; the webhooks that told it are counted, too."""
        tally = count(self.asked, ours(), held(self.office.store))
        done = Document.objects.filter(state=State.DONE).count()
        assert Event.objects.filter(type="document.issued").count() == done, "each issued document told once"
        return tally


def invoice(name: str) -> dict[str, Any]:
    return factura(details=[{"item_name": name, "quantity": "1", "unit_price": "150000"}])


def ours() -> list[Ours]:
    """All documents of this installation, with every digest that was ever signed for them."""
    signed: dict[str, set[str]] = {}
    for document_id, xml in StoredFile.objects.filter(kind="xml").values_list("document_id", "content"):
        signed.setdefault(document_id, set()).add(read_digest(bytes(xml)))
    return [
        Ours(
            f"{d.company.entity.rut} {d.receiver_rut} {d.request['details'][0]['item_name']}",
            d.state,
            d.folio,
            d.digest,
            frozenset(signed.get(d.pk, ())),
        )
        for d in Document.objects.select_related("company__entity")
    ]


def held(store: Store) -> list[Held]:
    """All documents at the SII, by what their XML says."""
    return [
        Held(f"{d.issuer} {d.receiver} {read(d.xml, 'NmbItem')}", d.folio, d.digest) for d in store.issued()
    ]


def read(xml: bytes, element: str) -> str:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return str(etree.fromstring(xml, parser).findtext(f".//{{{SII['sii']}}}{element}"))


def read_digest(xml: bytes) -> str:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    found = etree.fromstring(xml, parser).findtext(".//{http://www.w3.org/2000/09/xmldsig#}DigestValue")
    return "".join(str(found).split())


@contextlib.contextmanager
def a_site() -> Iterator[Site]:
    """A site in this process's data dir, with a company enrolled."""
    root = settings.DATA_DIR
    port = free_port()
    with stand_between(f"http://127.0.0.1:{port}") as line:
        os.environ["TIMBRE_SIMULATOR_URL"] = settings.SIMULATOR_URL = line.origin
        call_command("migrate", verbosity=0, interactive=False)
        user = User.objects.named("ana@example.cl")
        site = Site(root, line, Office(Store(root / "simulator.sqlite3"), Scope(user.pk, "sandbox")))
        site.simulator_port = port
        try:
            site.start_simulator()
            assert site.office.enroll().status == "valid"
            portal.hang_up()
            Lane.objects.update(session="", session_owner="", due_at=None)
            site.end()
            databases.keep(root)
            yield site
        finally:
            site.end()
            site.close()
