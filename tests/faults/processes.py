"""Looking at processes, and ending them."""

import contextlib
import signal
import socket
import time
from pathlib import Path

import psutil

PATIENCE = 120.0
"""Seconds a batch may take to come to its end, with no time to wait for."""


def claimant(pid: int) -> str:
    """What the tokens of a worker's claims begin with, so that its leases are known after its death."""
    return f"{pid:08x}"


def kill(process: psutil.Process) -> None:
    """kill -9, and waits until nothing of it is left."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGKILL)
    while alive(process):
        time.sleep(0.002)


def end_gently(process: psutil.Process) -> None:
    """SIGTERM, and waits until it has finished what was under way."""
    process.terminate()
    while alive(process):
        time.sleep(0.01)


def alive(process: psutil.Process) -> bool:
    """Whether any thread of it is left: the first may be gone while others still hold what all had open."""
    if _status(process) not in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}:
        return True
    with contextlib.suppress(OSError):
        return len(list(Path(f"/proc/{process.pid}/task").iterdir())) > 1
    return False


def asleep(process: psutil.Process) -> bool:
    return _status(process) == psutil.STATUS_STOPPED


def _status(process: psutil.Process) -> str:
    try:
        return str(process.status())
    except psutil.NoSuchProcess:
        return str(psutil.STATUS_DEAD)


def await_port(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.005)
    raise AssertionError("the simulator did not start")
