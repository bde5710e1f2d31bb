"""A fresh installation for each fault: real workers, a real simulator, and a wire between them to be cut.

Time is never waited for: the stored times are moved into the past instead. Its process is set up by
``prepare.prepare`` before this module can be imported.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from django.db.models import F

from faults import keeping
from faults.counting import Ours, Tally, count
from faults.points import Point
from faults.processes import PATIENCE, await_port, claimant, kill
from faults.reading import content_of, held, read_digest
from middleman import Middleman, stand_between
from offices import EMISOR, Office, factura
from timbre.accounts.models import ApiKey, User
from timbre.accounts.scope import Scope
from timbre.cli.ports import free_port
from timbre.cli.receiver import Inbox, receiving
from timbre.issuing.models import FINAL, Document, State, StoredFile
from timbre.simulator.store import FolioBehaviour, Store
from timbre.taxpayers import portal
from timbre.taxpayers.models import Company
from timbre.webhooks import endpoints
from timbre.webhooks.models import Delivery, Event, Webhook
from timbre.work.environments import Environment
from timbre.work.models import Lane

STEP = timedelta(minutes=1)


@dataclass
class Scene:
    """What a scenario acts on. ``line`` is the wire; ``asked`` the contents of all that was asked."""

    root: Path
    line: Middleman
    office: Office
    folios: str = "sending"
    simulator_port: int = field(default_factory=free_port)
    web_port: int = field(default_factory=free_port)
    key: str = ""
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
        worker = self.forge(role="worker", point=_detail(point))
        self.workers.append(worker)
        return worker

    def start_web(self, point: Point | None = None) -> psutil.Process:
        web = self.forge(role="web", port=self.web_port, point=_detail(point))
        await_port(self.web_port)
        return web

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
        self.hang_up()

    def hang_up(self) -> None:
        """This process's own connections."""
        portal.hang_up()
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
        keeping.restore(self.root)
        self.folios = folios
        self.office.store = Store(self.store_path, FolioBehaviour(folios))
        self.start_simulator()
        self.line.seen.clear()
        self.line.faults.clear()
        self.line.firsts.clear()
        self.asked.clear()

    def ask(self, *names: str, issuers: Sequence[str] = (EMISOR,)) -> None:
        """A batch, its issuers taking turns; equal names of one issuer are twins."""
        wishes = [invoice(name, issuers[number % len(issuers)]) for number, name in enumerate(names)]
        self.office.ask(*wishes)
        self.asked += [content_of(wish) for wish in wishes]

    def post(self, *names: str) -> bool:
        """A batch over HTTP, under an Idempotency-Key of its own; whether an answer came."""
        wishes = [invoice(name, EMISOR) for name in names]
        self.asked += [content_of(wish) for wish in wishes]
        headers = {"Authorization": f"Api-Key {self.key}", "Idempotency-Key": " ".join(names).encode().hex()}
        headers["X-Use-Defaults"] = "true"
        url = f"http://127.0.0.1:{self.web_port}/v2/documents/batch/"
        try:
            answer = httpx.post(url, json={"documents": wishes}, headers=headers, timeout=PATIENCE)
        except httpx.TransportError:
            return False
        assert answer.status_code == 202, answer.text
        return True

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

    def pass_time(self, *gone: psutil.Process) -> None:
        """A minute later for all that waits; the leases of workers who are ``gone`` run out."""
        earlier = [(Document, "due_at"), (Document, "send_deadline"), (Document, "absent_since")]
        earlier += [(Delivery, "due_at"), (Webhook, "rest_until"), (Lane, "due_at"), (Lane, "closed_until")]
        earlier += [(Lane, "rest_until")]
        with transaction.atomic():
            list(Lane.objects.select_for_update().order_by("pk"))  # first, as everybody does
            for model, column in earlier:
                waiting = model._base_manager.filter(**{f"{column}__isnull": False})
                waiting.update(**{column: F(column) - STEP})
            for worker in gone:
                for model in (Lane, Delivery):
                    theirs = model._base_manager.filter(token__startswith=claimant(worker.pid))
                    theirs.update(lease_until=F("lease_until") - timedelta(hours=1))

    # -- the end

    def settle(self, *, unless: Callable[[], bool] = lambda: False, within: float = PATIENCE) -> None:
        """Returns when all is final, told and handed back, or ``unless``, or after too long a wait."""
        deadline = time.monotonic() + within
        last, since = None, time.monotonic()
        while not (unless() or self.settled() or time.monotonic() > deadline):
            now = self.progress()
            if now != last:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > 0.1:
                self.pass_time()
                since = time.monotonic()
            time.sleep(0.02)

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
        tally = count(self.asked, ours(), held(self.store_path))
        done = Document.objects.filter(state=State.DONE).count()
        assert Event.objects.filter(type="document.issued").count() == done, "each issued document told once"
        return tally


def _detail(point: Point | None) -> dict[str, Any] | None:
    """A point as it is told to the forge."""
    return {"number": point.number, "when": point.when, "signal": int(point.signal)} if point else None


def invoice(name: str, issuer: str) -> dict[str, Any]:
    lines = [{"item_name": name, "quantity": "1", "unit_price": "150000"}]
    return factura(document_issuer={"rut": issuer}, details=lines)


def ours() -> list[Ours]:
    """All documents of this installation, with every digest that was ever signed for them."""
    signed: dict[str, set[str]] = {}
    for document_id, xml in StoredFile.objects.filter(kind="xml").values_list("document_id", "content"):
        signed.setdefault(document_id, set()).add(read_digest(bytes(xml)))
    return [
        Ours(
            content_of(d.request),
            d.state,
            d.folio,
            d.digest,
            frozenset(signed.get(d.pk, ())),
        )
        for d in Document.objects.all()
    ]


@contextlib.contextmanager
def a_scene() -> Iterator[Scene]:
    """A scene in this process's data dir, with a company enrolled."""
    root = settings.DATA_DIR
    port = free_port()
    with stand_between(f"http://127.0.0.1:{port}") as line:
        os.environ["TIMBRE_SIMULATOR_URL"] = settings.SIMULATOR_URL = line.origin
        call_command("migrate", verbosity=0, interactive=False)
        user = User.objects.named("ana@example.cl")
        scene = Scene(root, line, Office(Store(root / "simulator.sqlite3"), Scope(user.pk, "sandbox")))
        scene.simulator_port = port
        try:
            scene.start_simulator()
            assert scene.office.enroll().status == "valid"
            Lane.objects.update(session="", session_owner="", due_at=None)
            scene.end()
            scene.key = ApiKey.create(user, Environment.SANDBOX)
            keeping.keep(root)
            yield scene
        finally:
            scene.end()
            scene.close()
