"""The embedded database: copied while it is written to, and replaced in one step."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from django.conf import settings

from timbre.cli.archive import COUNT, MIGRATIONS, Dumped, Unusable, sync_folder

PAGES, PAUSE = 256, 0.005
"""A step of the copy and the rest after it: one megabyte, so that who writes is never kept waiting."""
_BESIDE = ("-wal", "-shm", "-journal")


def path() -> Path:
    return Path(str(settings.DATABASES["default"]["NAME"]))


def is_empty() -> bool:
    """Whether there is nothing a restore could overwrite."""
    return not path().exists() or path().stat().st_size == 0


def dump(into: Path) -> Dumped:
    """One moment of the database, whatever is written meanwhile: writers wait for nothing but the disk."""
    if is_empty():
        raise Unusable(f"no hay una base de datos en {path()}")
    into.unlink(missing_ok=True)
    into.touch(mode=0o600)  # SQLite does not say which file it could not open, nor why
    with closing(_open(path())) as source, closing(_open(into)) as target:
        target.execute("PRAGMA journal_mode=MEMORY")  # the copy is thrown away if it fails: nothing beside it
        # An open read keeps the snapshot: without it each write would make the copy begin anew.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(target, pages=PAGES, sleep=PAUSE)
        source.execute("ROLLBACK")
        target.execute("PRAGMA journal_mode=DELETE")
        (verdict,) = target.execute("PRAGMA integrity_check").fetchone()
        if verdict != "ok":
            raise Unusable(f"la copia no está sana: {verdict}")
        (documents,) = target.execute(COUNT).fetchone()
        return Dumped(documents, [name for (name,) in target.execute(MIGRATIONS)])


@contextmanager
def staged(stamp: str) -> Iterator[Path]:  # noqa: ARG001 - the place has one name, so that it can be cleared
    """A place beside the database for what is being restored. What a killed restore left there is cleared."""
    place = path().with_name(".restoring.sqlite3")
    _remove(place)
    try:
        yield place
    finally:
        _remove(place)


def load(archive: Path, place: Path) -> str:
    """Makes the unpacked database usable under the name that Django is to open; that name."""
    archive.replace(place)
    return str(place)


def put_in_place(place: Path, stamp: str) -> str | None:
    """The staged database becomes the database, in one step; where the one before is kept, if there was one.

    Killed at any moment, it leaves the one before or the restored one, whole.
    """
    with closing(_open(place)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode=DELETE")
    _sync(place)
    aside = path().with_name(f"{path().name}.before-{stamp}")
    had = path().exists()
    if had:
        _fold(path())
        os.link(path(), aside)
    for suffix in _BESIDE:  # of a database that is lost or broken: they must not be applied to another
        left = Path(f"{path()}{suffix}")
        if left.exists():
            left.replace(f"{aside}{suffix}")
    sync_folder(path().parent)
    place.replace(path())
    sync_folder(path().parent)
    return str(aside) if had else None


def _fold(database: Path) -> None:
    """What is in the write-ahead log goes into the file, so that it is whole by itself."""
    with suppress(sqlite3.DatabaseError), closing(_open(database)) as old:  # it may be what was broken
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _open(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(database, timeout=20, isolation_level=None)


def _remove(place: Path) -> None:
    for suffix in ("", *_BESIDE):
        Path(f"{place}{suffix}").unlink(missing_ok=True)


def _sync(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
