import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from timbre.cli.installation import Installation
from timbre.cli.ports import LOOPBACK, free_port
from timbre.cli.processes import start
from timbre.cli.serve import answers_at


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(data_dir=tmp_path / "data", workers=1)
    installation.start()
    yield installation
    installation.stop()


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def named(installation: Installation, command: str) -> psutil.Process:
    processes = [psutil.Process(pid) for pid in installation.processes()]
    return next(process for process in processes if command in process.cmdline())


def option(process: psutil.Process, name: str) -> str:
    arguments = process.cmdline()
    return arguments[arguments.index(name) + 1]


def test_serve_starts_an_api_workers_and_a_simulator(installation: Installation) -> None:
    assert all(named(installation, command) for command in ("web", "worker", "simulator"))
    assert answers_at("127.0.0.1", installation.port)


def test_nothing_outlives_a_supervisor_that_was_killed(installation: Installation) -> None:
    family = [psutil.Process(pid) for pid in installation.processes()]
    os.kill(installation.pid, signal.SIGKILL)
    gone, alive = psutil.wait_procs(family[1:], timeout=5)
    assert not alive
    assert len(gone) >= 4, "web, granian's own child, worker, simulator"


def test_a_child_that_dies_comes_back_at_the_same_address(installation: Installation) -> None:
    simulator = named(installation, "simulator")
    port = option(simulator, "--port")
    named(installation, "web").kill()
    simulator.kill()
    simulator.wait(5)
    assert within(10, lambda: _is_back(installation, "simulator", simulator.pid))
    assert option(named(installation, "simulator"), "--port") == port
    assert within(10, lambda: answers_at("127.0.0.1", installation.port))


def _is_back(installation: Installation, command: str, before: int) -> bool:
    try:
        return named(installation, command).pid != before
    except (StopIteration, psutil.NoSuchProcess):
        return False


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_process_that_was_paused_goes_on(installation: Installation, command: str) -> None:
    process = named(installation, command)
    process.suspend()
    time.sleep(1.2)
    process.resume()
    with pytest.raises(psutil.TimeoutExpired):
        process.wait(1.5)


def test_sigterm_stops_everything_within_seconds(installation: Installation) -> None:
    family = [psutil.Process(pid) for pid in installation.processes()]
    began = time.monotonic()
    installation.stop()
    assert time.monotonic() - began < 6
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in family)


def test_a_process_whose_parent_has_already_ended_does_not_start(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "timbre", "--parent", "1", "simulator", "--port", "1"]
    environment = {**os.environ, "TIMBRE_DATA_DIR": str(tmp_path / "data")}
    stranger = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=10)
    assert (stranger.returncode, stranger.stderr) == (1, b"")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("command", ["serve", "web"])
def test_a_port_is_never_shared_with_another_timbre(installation: Installation, command: str) -> None:
    environment = {**installation.environment, "TIMBRE_PORT": str(installation.port)}
    second = [sys.executable, "-m", "timbre", command]
    refused = subprocess.run(second, env=environment, capture_output=True, text=True, check=False, timeout=30)
    assert refused.returncode == 1
    assert "otro programa ya usa ese puerto" in refused.stderr
    assert "listo" not in refused.stdout
    assert answers_at(LOOPBACK, installation.port)


def test_the_port_is_free_again_at_once(installation: Installation) -> None:
    with socket.create_connection((LOOPBACK, installation.port)) as left_open:
        left_open.sendall(b"GET /healthz HTTP/1.1\r\nHost: timbre\r\n\r\n")
        assert b" 200 " in left_open.recv(100)
        installation.stop()
        installation.start()
    assert answers_at(LOOPBACK, installation.port)


def test_slow_bodies_keep_nobody_else_waiting(installation: Installation) -> None:
    key = installation.create_key("lenta@example.com")
    head = (
        "POST /v2/documents/batch/ HTTP/1.1\r\nHost: timbre\r\nContent-Type: application/json\r\n"
        f"Authorization: Api-Key {key}\r\nContent-Length: 5000\r\n\r\n"
    )
    with ExitStack() as slow:
        for _ in range(12):
            connection = slow.enter_context(socket.create_connection((LOOPBACK, installation.port)))
            connection.sendall(head.encode() + b"{")
        time.sleep(1)
        assert answers_at(LOOPBACK, installation.port)


def test_what_timbre_writes_is_readable_by_its_user_alone(tmp_path: Path) -> None:
    installation = Installation(data_dir=tmp_path / "data", workers=1)
    environment = {**installation.environment, "TIMBRE_PORT": str(installation.port)}
    before = os.umask(0o022)
    serve = start(["serve"], environment)
    try:
        assert within(60, lambda: answers_at(LOOPBACK, installation.port))
        assert installation.create_key("sola@example.com").startswith("tk_sandbox_")
    finally:
        os.umask(before)
        serve.terminate()
        serve.wait(30)
    written = {path.name: path.stat().st_mode for path in installation.data_dir.rglob("*")}
    assert {stat.S_IMODE(mode) for mode in written.values() if stat.S_ISREG(mode)} == {0o600}, written
    assert {stat.S_IMODE(mode) for mode in written.values() if stat.S_ISDIR(mode)} == {0o700}, written
    assert {"timbre.sqlite3", "simulator.sqlite3", "secret.key"} <= written.keys()
    assert stat.S_IMODE(installation.data_dir.stat().st_mode) == 0o700


def test_links_lead_to_this_machine_when_it_listens_everywhere(tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "TIMBRE_DATA_DIR": str(tmp_path / "data"), "TIMBRE_WORKERS": "1"}
    command = ["serve", "--host", "0.0.0.0", "--port", str(port)]  # noqa: S104 - what the test is about
    with (tmp_path / "stderr").open("wb") as stderr:
        serve = start(command, environment, stdout=subprocess.PIPE, stderr=stderr)
    assert serve.stdout is not None
    try:
        assert serve.stdout.readline() == f"Timbre listo en http://127.0.0.1:{port}\n"
    finally:
        serve.terminate()
        serve.communicate(timeout=30)
    assert (tmp_path / "stderr").read_text().count("define TIMBRE_BASE_URL") == 1
