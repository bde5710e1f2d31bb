"""What is left after SIGKILL, SIGSTOP and a crowd: every document issued once and told."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest

from customers import Customer, invoice, wait_until
from databases import Database, own_database
from faults import counting
from faults.counting import Ours, Tally
from faults.reading import content_of, held
from middleman import Fault, stand_between
from pausing import pause
from serving import serve_simulator
from timbre.cli.installation import Installation
from timbre.cli.processes import start

pytestmark = pytest.mark.timeout(900)
PATIENCE = 240.0
"""Seconds; a machine with much else to do is slow, not wrong."""
SEND = "mipeSendXML.cgi"
TWINS = [invoice(n // 2) for n in range(100)]


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    """Starts an installation that belongs to the test alone."""
    data_dir = tmp_path / "data"
    with own_database(data_dir) as database, contextlib.ExitStack() as started:

        def begin(*, workers: int, folios: str = "sending", simulator: str = "") -> Installation:
            settings = {**database.settings, "TIMBRE_SIMULATOR_URL": simulator}
            installation = Installation(data_dir=data_dir, workers=workers, folios=folios, settings=settings)
            started.callback(end, installation)
            installation.start()
            return installation

        yield begin


def end(installation: Installation) -> None:
    installation.stop()
    print(installation.log.read_text())  # noqa: T201 - shown when the test fails


@pytest.mark.parametrize(("folios", "victims"), [("signing", "everybody"), ("sending", "the parent")])
def test_a_hundred_documents_survive_kill_9(
    install: Callable[..., Installation],
    arrive: Callable[[Installation], Customer],
    folios: str,
    victims: str,
) -> None:
    installation = install(workers=2, folios=folios)
    customer = arrive(installation)
    customer.enrol()
    accepted = customer.tupana.documents.create_batch(TWINS, use_defaults=True)
    for issued_so_far in (10, 40):
        wait_until(lambda so_far=issued_so_far: count_issued(installation) >= so_far, within=PATIENCE)
        kill(installation, victims)
        let_time_pass(installation)
        installation.start()
    all_issued_once_and_told(installation, customer, accepted["batch_id"], len(TWINS))


def test_a_worker_that_slept_past_its_lease_issues_nothing_twice(
    install: Callable[..., Installation], arrive: Callable[[Installation], Customer], tmp_path: Path
) -> None:
    """Its request was under way all the while, and reaches the SII last."""
    with serve_simulator(tmp_path / "data") as sii, stand_between(sii.origin) as line:
        installation = install(workers=1, simulator=line.origin)
        customer = arrive(installation)
        customer.enrol()
        sent, let_go = threading.Event(), threading.Event()
        line.firsts[SEND] = Fault(before=lambda: (sent.set(), let_go.wait(PATIENCE)))
        batch = customer.tupana.documents.create_batch(TWINS[:20], use_defaults=True)["batch_id"]
        assert sent.wait(PATIENCE)
        sleeper = stop_worker(installation)
        let_time_pass(installation)
        second = start(["worker"], installation.environment)
        try:
            wait_until(lambda: count_issued(installation) >= 5, within=PATIENCE)
            let_go.set()
            sleeper.resume()
            all_issued_once_and_told(installation, customer, batch, 20)
        finally:
            let_go.set()
            second.kill()
            second.wait()


def test_a_thousand_lists_during_a_large_batch_are_all_answered(
    install: Callable[..., Installation], arrive: Callable[[Installation], Customer]
) -> None:
    installation = install(workers=2)
    customer = arrive(installation)
    entity = customer.enrol()
    customer.tupana.documents.create_batch([invoice(n) for n in range(500)], use_defaults=True)
    headers = {"Authorization": f"Api-Key {customer.key}"}
    url = f"{installation.url}/v2/documents/?master_entity_id={entity}"
    with httpx.Client(headers=headers, timeout=60) as http, ThreadPoolExecutor(8) as pool:
        pages = [f"{url}&page={number % 20 + 1}" for number in range(1000)]
        statuses = list(pool.map(lambda page: http.get(page).status_code, pages))
    assert set(statuses) == {200}
    customer.wait_for("document.issued", 500, within=PATIENCE)
    assert "database is locked" not in installation.log.read_text()


def all_issued_once_and_told(installation: Installation, customer: Customer, batch: str, count: int) -> None:
    done = customer.tupana.documents.wait_for_batch(batch, interval=0.5, timeout=PATIENCE)
    assert [entry["status"] for entry in done["documents"]] == ["success"] * count
    folios = {entry["document"]["folio"] for entry in done["documents"]}
    told = customer.wait_for("document.issued", count, within=PATIENCE)
    assert {document["folio"] for document in told} == folios
    assert not customer.told("document.issue_failed")
    asked = [content_of(invoice(n // 2)) for n in range(count)]
    tally = counting.count(asked, told_by(installation, batch), held(simulator_of(installation)))
    assert tally == Tally(asked=count, issued=count, in_doubt=0, lost=0, twice=0)


def told_by(installation: Installation, batch: str) -> list[Ours]:
    """The batch as its database has it; the documents come in the order they were asked for."""
    rows = database_of(installation).ask(
        f"SELECT state, folio, digest FROM issuing_document WHERE batch_id = '{batch}' ORDER BY \"index\""  # noqa: S608
    )
    return [
        Ours(content_of(invoice(n // 2)), state, folio, digest, frozenset({digest}))
        for n, (state, folio, digest) in enumerate(rows)
    ]


def kill(installation: Installation, victims: str) -> None:
    family = [psutil.Process(pid) for pid in installation.processes()]
    for process in family if victims == "everybody" else family[:1]:
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(family, timeout=60)
    installation.stop()


def stop_worker(installation: Installation) -> psutil.Process:
    """The worker, standing still between its writes: in the middle of one, nobody else could write."""
    lines = {pid: installation.command_line(pid) for pid in installation.processes()}
    worker = psutil.Process(next(pid for pid, line in lines.items() if "worker" in line))
    pause(worker)
    while not database_of(installation).is_free():
        worker.resume()
        pause(worker)
    return worker


def count_issued(installation: Installation) -> int:
    return len(held(simulator_of(installation)))


def let_time_pass(installation: Installation) -> None:
    """An hour later: leases have run out and what had to wait is due."""
    database_of(installation).pass_time(
        3600,
        ("work_lane", "lease_until"),
        ("webhooks_delivery", "lease_until"),
        ("webhooks_delivery", "due_at"),
        ("issuing_document", "due_at"),
        ("issuing_document", "send_deadline"),
    )


def database_of(installation: Installation) -> Database:
    return Database(installation.data_dir, installation.settings.get("TIMBRE_DATABASE_URL", ""))


def simulator_of(installation: Installation) -> Path:
    return installation.data_dir / "simulator.sqlite3"
