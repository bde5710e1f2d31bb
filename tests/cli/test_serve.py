import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from timbre.cli.installation import Installation
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
