"""A Timbre of its own for the demo, the bench and the journeys: real processes."""

import os
import re
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from timbre.cli.ports import LOOPBACK, free_port
from timbre.cli.processes import start
from timbre.cli.serve import answers_at

READY_WITHIN = 60.0


class InstallationError(Exception):
    """`timbre serve` ended, or did not answer in time."""


@dataclass(slots=True, kw_only=True)
class Installation:
    """`timbre serve` on a free loopback port. Its data survives ``stop`` and ``start``.

    ``open`` shows production with its door open; nobody works there, so that nothing can leave for the SII.
    ``settings`` are variables of its own, such as those of a database elsewhere.
    """

    data_dir: Path
    folios: str = "sending"
    workers: int | None = None
    open: bool = False
    port: int = field(default_factory=free_port)
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)
    _process: subprocess.Popen[str] | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        """What all its processes wrote to stderr."""
        return self.data_dir / "timbre.log"

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Returns when GET /healthz answers 200. Raises InstallationError."""
        arguments = ["serve", "--port", str(self.port), "--host", LOOPBACK, "--folios", self.folios]
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = start(arguments, self.environment, stdout=subprocess.DEVNULL, stderr=log)
        deadline = time.monotonic() + READY_WITHIN
        while not answers_at(LOOPBACK, self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise InstallationError(f"timbre serve no partió:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """SIGTERM, and waits until everything has ended."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(60)

    def create_key(self, email: str) -> str:
        """A fresh sandbox key of this user, by the command a person would type."""
        arguments = ["keys", "create", "--email", email, "--environment", "sandbox"]
        with start(arguments, self.environment, stdout=subprocess.PIPE) as command:
            answer, _ = command.communicate()
        return answer.strip()

    @property
    def pid(self) -> int:
        """The supervisor's process."""
        assert self._process is not None
        return self._process.pid

    @property
    def environment(self) -> dict[str, str]:
        """This installation's settings and none of the caller's."""
        outside = {name: value for name, value in os.environ.items() if not name.startswith("TIMBRE_")}
        workers = {"TIMBRE_WORKERS": str(self.workers)} if self.workers is not None else {}
        production = {"TIMBRE_PRODUCTION": "on", "TIMBRE_WORKERS": "0"} if self.open else {}
        return {**outside, **workers, **production, **self.settings, "TIMBRE_DATA_DIR": str(self.data_dir)}

    def processes(self) -> list[int]:
        """The supervisor and everything under it, parents first."""
        family = [self.pid]
        for pid in family:
            family += [int(child) for child in _children(pid)]
        return family

    def command_line(self, pid: int) -> list[str]:
        """The words a process was started with."""
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")

    @property
    def simulator_url(self) -> str:
        """Where its simulated SII answers."""
        lines = [self.command_line(pid) for pid in self.processes()]
        line = next(line for line in lines if "simulator" in line)
        return f"http://{LOOPBACK}:{line[line.index('--port') + 1]}"

    def memory(self) -> int:
        """Kilobytes of all its processes together: proportional set size, so shared pages count once."""
        return sum(_pss(pid) for pid in self.processes())


def _children(pid: int) -> list[str]:
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [child for children in lists for child in children.read_text().split()]


def _pss(pid: int) -> int:
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])
