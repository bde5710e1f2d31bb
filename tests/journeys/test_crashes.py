"""What is left after SIGKILL, SIGSTOP and a crowd: every document issued once and told."""

import contextlib
import signal
import time
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
from pausing import pause
from timbre.cli.installation import Installation
from timbre.cli.processes import start

TWINS = [invoice(n // 2) for n in range(100)]


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    """Starts an installation that belongs to the test alone."""
    data_dir = tmp_path / "data"
    with own_database(data_dir) as database, contextlib.ExitStack() as started:

        def begin(*, workers: int, folios: str = "sending") -> Installation:
            installation = Installation(
                data_dir=data_dir, workers=workers, folios=folios, settings=database.settings
            )
            started.callback(end, installation)
            installation.start()
            return installation

        yield begin


def end(installation: Installation) -> None:
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
    folios = {entry["document"]["folio"] for entry in done["documents"]}
    told = customer.wait_for("document.issued", count, within=120)
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
            if sending(installation) and database_of(installation).is_free():
                return worker
            worker.resume()
    pytest.fail("no document was caught while it was being sent")


def sending(installation: Installation) -> bool:
    return bool(database_of(installation).ask("SELECT 1 FROM issuing_document WHERE state = 'sending'"))


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
