"""What is left after SIGKILL, SIGSTOP and a crowd: every document issued once and told."""

import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest

from customers import COMPANY, Customer, invoice, wait_until
from pausing import pause
from timbre.cli.installation import Installation
from timbre.cli.processes import start

TWINS = [invoice(n // 2) for n in range(100)]


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    """Starts an installation that belongs to the test alone."""
    started: list[Installation] = []

    def begin(*, workers: int, folios: str = "sending") -> Installation:
        started.append(Installation(data_dir=tmp_path / "data", workers=workers, folios=folios))
        started[0].start()
        return started[0]

    yield begin
    for installation in started:
        installation.stop()
        print(installation.log.read_text())  # noqa: T201 - shown when the test fails


@pytest.mark.parametrize("folios", ["signing", "sending"])
@pytest.mark.parametrize("victims", ["everybody", "the parent"])
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
        wait_until(lambda so_far=issued_so_far: count_issued(installation) >= so_far, within=60)
        kill(installation, victims)
        let_time_pass(installation)
        installation.start()
    all_issued_once_and_told(installation, customer, accepted["batch_id"], len(TWINS))


def test_a_worker_that_slept_past_its_lease_issues_nothing_twice(
    install: Callable[..., Installation], arrive: Callable[[Installation], Customer]
) -> None:
    installation = install(workers=1)
    customer = arrive(installation)
    customer.enrol()
    batch = customer.tupana.documents.create_batch(TWINS[:20], use_defaults=True)["batch_id"]
    sleeper = stop_while_sending(installation)
    let_time_pass(installation)
    environment = {**installation.environment, "TIMBRE_SIMULATOR_URL": installation.simulator_url}
    second = start(["worker"], environment)
    try:
        wait_until(lambda: count_issued(installation) >= 5)
        sleeper.resume()
        all_issued_once_and_told(installation, customer, batch, 20)
    finally:
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
    customer.wait_for("document.issued", 500, within=120)
    assert "database is locked" not in installation.log.read_text()


def all_issued_once_and_told(installation: Installation, customer: Customer, batch: str, count: int) -> None:
    done = customer.tupana.documents.wait_for_batch(batch, interval=0.5, timeout=120)
    assert [entry["status"] for entry in done["documents"]] == ["success"] * count
    ours = {entry["document"]["folio"] for entry in done["documents"]}
    at_the_sii = ask(installation, "simulator", "SELECT folio, digest FROM issued WHERE issuer = ?", COMPANY)
    kept = ask(installation, "timbre", "SELECT folio, digest FROM issuing_document")
    assert len(ours) == len(at_the_sii) == count
    assert sorted(kept) == sorted(at_the_sii), "the SII holds what we hold, and nothing else"
    told = customer.wait_for("document.issued", count, within=120)
    assert {document["folio"] for document in told} == ours
    assert not customer.told("document.issue_failed")


def kill(installation: Installation, victims: str) -> None:
    family = [psutil.Process(pid) for pid in installation.processes()]
    for process in family if victims == "everybody" else family[:1]:
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(family, timeout=10)
    installation.stop()


def stop_while_sending(installation: Installation) -> psutil.Process:
    """The worker, stopped between its saved intent and the SII's answer."""
    lines = {pid: installation.command_line(pid) for pid in installation.processes()}
    worker = psutil.Process(next(pid for pid, line in lines.items() if "worker" in line))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if sending(installation):
            pause(worker)
            if sending(installation) and writable(installation):
                return worker
            worker.resume()
    pytest.fail("no document was caught while it was being sent")


def writable(installation: Installation) -> bool:
    """Whether the worker was stopped between its writes: in the middle of one, nobody else could write."""
    database = sqlite3.connect(installation.data_dir / "timbre.sqlite3", timeout=0, isolation_level=None)
    try:
        database.execute("BEGIN IMMEDIATE")
        database.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return False
    finally:
        database.close()
    return True


def sending(installation: Installation) -> bool:
    return bool(ask(installation, "timbre", "SELECT 1 FROM issuing_document WHERE state = 'sending'"))


def count_issued(installation: Installation) -> int:
    return len(ask(installation, "simulator", "SELECT 1 FROM issued"))


def let_time_pass(installation: Installation) -> None:
    """An hour later: leases have run out and what had to wait is due."""
    with sqlite3.connect(installation.data_dir / "timbre.sqlite3", timeout=20) as database:
        for table, column in (
            ("work_lane", "lease_until"),
            ("webhooks_delivery", "lease_until"),
            ("webhooks_delivery", "due_at"),
            ("issuing_document", "due_at"),
            ("issuing_document", "send_deadline"),
        ):
            earlier = f"strftime('%Y-%m-%d %H:%M:%f', {column}, '-1 hour')"
            database.execute(f"UPDATE {table} SET {column} = {earlier} WHERE {column} IS NOT NULL")  # noqa: S608
    database.close()


def ask(installation: Installation, store: str, query: str, *values: str) -> list[tuple[int, str]]:
    with sqlite3.connect(installation.data_dir / f"{store}.sqlite3", timeout=20) as database:
        rows = database.execute(query, values).fetchall()
    database.close()
    return rows
