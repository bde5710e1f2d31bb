"""Child processes: each is `timbre` again, never outlives its parent and comes back when it dies."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

FIRST_PAUSE, LAST_PAUSE = 0.5, 10.0
HEALTHY_AFTER = 10.0
"""Seconds a child must live for its next death to count as its first."""


def start(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    stdout: int | None = None,
    stderr: IO[bytes] | None = None,
) -> subprocess.Popen[str]:
    """`timbre ARGUMENTS` as a child that dies with us, in a session of its own: Ctrl-C reaches us alone."""
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "timbre", "--parent", str(os.getpid()), *arguments],
        env=dict(environment),
        start_new_session=True,
        text=True,
        stdout=stdout,
        stderr=stderr,
    )


@dataclass(slots=True, kw_only=True)
class Child:
    """One process that is kept alive."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    _process: subprocess.Popen[str] | None = field(default=None, init=False)
    _started: float = field(default=0.0, init=False)
    _again: float = field(default=0.0, init=False)
    _pause: float = field(default=FIRST_PAUSE, init=False)

    def keep_alive(self) -> None:
        """Starts it, and starts it again after a pause that doubles while it keeps dying young."""
        now = time.monotonic()
        if self._process is not None:
            if self._process.poll() is None:
                return
            self._bury(self._process.returncode, now)
        if now >= self._again:
            self._process, self._started = start(self.arguments, self.environment), now

    def stop(self, *, within: float) -> None:
        """SIGTERM, and SIGKILL for what has not ended ``within`` seconds: nothing is lost by it."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(within)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _bury(self, code: int, now: float) -> None:
        lived = now - self._started
        self._pause = FIRST_PAUSE if lived > HEALTHY_AFTER else min(self._pause * 2, LAST_PAUSE)
        self._process, self._again = None, now + self._pause
        print(f"timbre {self.arguments[0]} terminó ({code}); vuelve en {self._pause:.0f} s", file=sys.stderr)
