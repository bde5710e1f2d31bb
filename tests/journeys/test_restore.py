"""A backup made under load, documents issued after it, the data lost, the backup restored: nothing twice."""

import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from clusters import VARIABLE
from customers import Customer, invoice, wait_until
from databases import Database, administer, own_database
from timbre.cli.installation import Installation
from timbre.cli.processes import start

BEFORE = [invoice(n // 2) for n in range(50)]
"""Accepted before the backup, which is made while they are issued; each has a twin."""
AFTER = [invoice(1_000 + n // 2) for n in range(20)]
NEVER = [invoice(2_000 + n) for n in range(20)]
"""Accepted last: the machine dies before they are all issued."""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with own_database(tmp_path / "data") as database:
        yield database


@pytest.fixture
def installation(tmp_path: Path, database: Database) -> Iterator[Installation]:
    """One that belongs to the test alone."""
    installation = Installation(data_dir=tmp_path / "data", workers=2, settings=database.settings)
    installation.start()
    yield installation
    installation.stop()
    print(installation.log.read_text())  # noqa: T201 - shown when the test fails


def test_what_was_issued_after_the_backup_is_named_and_nothing_is_issued_twice(
    installation: Installation, database: Database, arrive: Callable[[Installation], Customer], tmp_path: Path
) -> None:
    customer, backup = arrive(installation), tmp_path / "kept" / "timbre.backup"
    backup.parent.mkdir()
    customer.enrol()
    asked = customer.tupana.documents.create_batch(BEFORE, use_defaults=True)["batch_id"]
    wait_until(lambda: len(at_the_sii(installation)) >= 5)
    said = run(installation, "backup", str(backup))
    assert "no va en él" in said
    assert backup.stat().st_mode & 0o777 == 0o600
    assert customer.key not in backup.read_bytes().decode("latin-1")
    in_backup = int(re.findall(r"(\d+) documentos", said)[0])
    assert in_backup == len(BEFORE)
    customer.tupana.documents.create_batch(AFTER, use_defaults=True)
    customer.tupana.documents.create_batch(NEVER, use_defaults=True)
    wait_until(lambda: len(at_the_sii(installation)) >= len(BEFORE) + len(AFTER) + 8, within=120)
    refused = run(installation, "restore", str(backup), "--force", fails=True)
    assert "Timbre está corriendo" in refused or "apaga Timbre" in refused
    kill_all(installation)
    lose(installation, database)
    issued_before_restoring = at_the_sii(installation)

    for delay in (0.5, 0.9, 1.3, 1.7):
        kill_while_restoring(installation, backup, after=delay)
        assert is_lost(database) or is_closed(database), "never restored and open"
    logged = installation.log.stat().st_size
    told = run(installation, "restore", str(backup), "--force")
    assert installation.log.stat().st_size == logged, "a summary, and no line for each document"
    restored = {folio for (folio,) in database.ask(ISSUED) if folio}
    after_the_backup = [name for folio, name in issued_before_restoring if folio not in restored]
    assert len(after_the_backup) >= 50
    assert "Quedan en duda: " in told
    assert is_closed(database)
    database.pass_time(60, ("issuing_reconciliation", "due_at"))
    installation.start()
    done = customer.tupana.documents.wait_for_batch(asked, interval=0.2, timeout=60)

    assert [entry["status"] for entry in done["documents"]] == ["success"] * len(BEFORE)
    sii = at_the_sii(installation)
    wanted = Counter(name_of(document) for document in BEFORE)
    assert Counter(name for _, name in sii if name in wanted) == wanted, "each once, twins twice"
    report = run(installation, "restore", "--report")
    strays = {str(folio) for folio in re.findall(r"folio (\d+)", report)}
    ours = {entry["document"]["folio"] for entry in done["documents"]}
    assert strays | ours == {str(folio) for folio, _ in sii}, "every folio of the SII is named"
    assert not strays & ours
    assert strays == {str(folio) for folio, name in issued_before_restoring if name not in wanted}
    assert {event["folio"] for event in events(customer, "document.unknown")} == strays
    again = customer.tupana.documents.create_batch(AFTER[:1], use_defaults=True)
    assert [warning["code"] for warning in again["warnings"]] == ["already_at_sii"]


ISSUED = "SELECT folio FROM issuing_document WHERE state IN ('issued', 'done')"


def run(installation: Installation, *arguments: str, fails: bool = False) -> str:
    """What the command says; it must succeed, or fail when it is to."""
    with installation.log.open("ab") as log:
        command = start(arguments, installation.environment, stdout=subprocess.PIPE, stderr=log)
    said, _ = command.communicate(timeout=60)
    assert bool(command.returncode) == fails, said
    return installation.log.read_text() if fails else said


def at_the_sii(installation: Installation) -> list[tuple[int, str]]:
    """(folio, name of its first line) of all that the simulator has issued."""
    store = installation.data_dir / "simulator.sqlite3"
    with contextlib.closing(sqlite3.connect(store, timeout=20)) as simulator:
        rows = simulator.execute("SELECT folio, xml FROM issued ORDER BY folio").fetchall()
    return [(folio, re.findall(rb"<NmbItem>(.*?)<", xml)[0].decode("latin-1")) for folio, xml in rows]


def name_of(document: dict[str, object]) -> str:
    return str(document["details"][0]["item_name"])  # type: ignore[index]


def events(customer: Customer, kind: str) -> list[dict[str, object]]:
    page = customer.tupana.request("GET", "/events/", query={"type": kind, "limit": 100})
    return [event["data"]["object"] for event in page["data"]]


def kill_all(installation: Installation) -> None:
    family = [psutil.Process(pid) for pid in installation.processes()]
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
    psutil.wait_procs(family, timeout=10)
    installation.stop()


def lose(installation: Installation, database: Database) -> None:
    """The disk with the database is gone; the simulated SII, and the key, are elsewhere."""
    if database.url:
        name, server = database.url.rpartition("/")[2], os.environ[VARIABLE]
        administer(server, "DROP DATABASE {} WITH (FORCE)", name)
        administer(server, "CREATE DATABASE {}", name)
        return
    for file in installation.data_dir.glob("timbre.sqlite3*"):
        file.unlink()


def kill_while_restoring(installation: Installation, backup: Path, *, after: float) -> None:
    arguments = ["restore", str(backup), "--force"]
    with installation.log.open("ab") as log:
        command = start(arguments, installation.environment, stdout=subprocess.DEVNULL, stderr=log)
    time.sleep(after)
    command.kill()
    command.wait()


def is_lost(database: Database) -> bool:
    """Whether there is no database, as the machine's death left it."""
    if database.url:
        return database.ask("SELECT to_regclass('issuing_document')") == [(None,)]
    return not (database.data_dir / "timbre.sqlite3").exists()


def is_closed(database: Database) -> bool:
    """Whether nothing in it could be issued before the SII is asked."""
    open_documents = database.ask("SELECT 1 FROM issuing_document WHERE state IN ('received', 'sending')")
    return not open_documents and bool(database.ask("SELECT 1 FROM issuing_reconciliation"))
