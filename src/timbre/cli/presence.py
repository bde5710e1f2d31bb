"""Whether Timbre runs on a data dir: every process that uses it holds its lock until it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

LOCK = "running.lock"
_held: dict[Path, int] = {}


def attend(data_dir: Path) -> None:
    """Holds the data dir, with others, for as long as this process lives. ClickException during a restore."""
    if data_dir in _held:
        return
    descriptor = os.open(data_dir / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise click.ClickException("se está restaurando un respaldo aquí: espera a que termine") from None
    _held[data_dir] = descriptor


def refuse_root(*files: Path) -> None:
    """ClickException when root is about to write anew what is another user's, who could not open it then."""
    for file in files:
        owner = file.stat().st_uid if file.exists() else os.geteuid()
        if owner != os.geteuid() == 0:
            raise click.ClickException(
                f"{file} es de otro usuario (uid {owner}): ejecuta timbre como él, con sudo -u"
            )


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Keeps every other process of Timbre off the data dir. ClickException when there is one."""
    descriptor = os.open(data_dir / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise click.ClickException(f"Timbre está corriendo en {data_dir}: apágalo primero") from None
    finally:
        os.close(descriptor)
