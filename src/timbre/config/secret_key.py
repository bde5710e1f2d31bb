"""The secret key of an installation that was given none: made once, kept in the data dir, mode 0600.

One key a line, the newest first. There are two only while a rotation is under way.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


def load_or_create(path: Path) -> list[str]:
    """The keys in ``path``; written atomically by whichever process comes first."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = _draft(path, [_new_key()], f".{path.name}.{os.getpid()}")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().split()


def add_new(path: Path) -> None:
    """Puts a new key before the one there is; nothing when a rotation is under way already."""
    keys = load_or_create(path)
    if len(keys) == 1:
        _replace(path, [_new_key(), *keys])


def drop_old(path: Path) -> None:
    """Leaves the newest key alone: what another one sealed opens no more."""
    _replace(path, load_or_create(path)[:1])


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Whether nobody else rotates this file: two new keys at once would each forget the other."""
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _replace(path: Path, keys: Sequence[str]) -> None:
    """In one step, on disk before it returns: killed at any instant, the file has what it had or has this."""
    _draft(path, keys, f".{path.name}.new").replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _draft(path: Path, keys: Sequence[str], name: str) -> Path:
    draft = path.with_name(name)
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("\n".join(keys))
        file.flush()
        os.fsync(file.fileno())
    return draft


def _new_key() -> str:
    return secrets.token_urlsafe(48)
