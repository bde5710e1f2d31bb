"""How a process ends: with the one that started it, or when it is asked to."""

import ctypes
import os
import signal
from collections.abc import Collection

PR_SET_PDEATHSIG = 1
STOP = {signal.SIGTERM, signal.SIGINT}
_libc = ctypes.CDLL(None, use_errno=True)


def die_with(parent: int) -> None:
    """The kernel kills this process when ``parent`` ends, even by SIGKILL; at once if it has ended."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def stop_signal(*, timeout: float, wakers: Collection[signal.Signals] = ()) -> bool:
    """Waits ``timeout`` seconds for a signal (all of them blocked); whether it asks this process to stop.

    After a pause (SIGSTOP, a sleeping VM) sigtimedwait may return rubbish instead of None: only a signal
    that was asked for counts.
    """
    caught = signal.sigtimedwait([*STOP, *wakers], timeout)
    return caught is not None and caught.si_signo in STOP
