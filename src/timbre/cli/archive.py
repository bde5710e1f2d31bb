"""A backup file: an uncompressed tar of ``manifest.json`` and ``database``. The secret key is never in it."""

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

FORMAT = 1
_MANIFEST, _DATABASE = "manifest.json", "database"
_MAX_MANIFEST = 1_000_000


class Unusable(Exception):
    """The file is no backup, or not a whole one; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup is of. ``moment``: all that was saved before it is in it (ISO 8601, UTC)."""

    engine: str
    version: str
    moment: str
    documents: int
    migrations: list[str]
    """``app.name`` of each migration the database had seen: one that knows more cannot be restored."""
    sha256: str
    """Of the database as dumped."""
    format: int = FORMAT

    @property
    def taken_at(self) -> datetime:
        return datetime.fromisoformat(self.moment)


@dataclass(frozen=True, slots=True)
class Dumped:
    """What a dump holds: how many documents, and the migrations it had seen."""

    documents: int
    migrations: list[str]


COUNT = "SELECT count(*) FROM issuing_document"
MIGRATIONS = "SELECT app || '.' || name FROM django_migrations ORDER BY 1"


def pack(manifest: Manifest, database: Path, into: Path, *, force: bool) -> None:
    """Writes the archive under another name, to the disk, then gives it its own; mode 0600.

    Raises FileExistsError unless ``force``. Whatever kills it, ``into`` is whole or as it was.
    """
    draft = into.with_name(f".{into.name}.{os.getpid()}")
    try:
        with _private(draft) as file, tarfile.open(fileobj=file, mode="w") as tar:
            text = json.dumps(asdict(manifest), indent=1).encode()
            about = tarfile.TarInfo(_MANIFEST)
            about.size, about.mode = len(text), 0o600
            tar.addfile(about, io.BytesIO(text))
            about = tarfile.TarInfo(_DATABASE)
            about.size, about.mode = database.stat().st_size, 0o600
            with database.open("rb") as content:
                tar.addfile(about, content)
        if force:
            draft.replace(into)
        else:
            os.link(draft, into)
        sync_folder(into.parent)
    finally:
        draft.unlink(missing_ok=True)


def read_manifest(archive: Path) -> Manifest:
    """Raises Unusable when the file is no backup of a format this version knows."""
    with _opened(archive) as tar:
        member = tar.next()
        file = tar.extractfile(member) if member and member.name == _MANIFEST else None
        if file is None or member is None or member.size > _MAX_MANIFEST:
            raise Unusable("no es un respaldo de Timbre")
        told = json.loads(file.read())
    if told.get("format") != FORMAT:
        raise Unusable(f"es de un formato ({told.get('format')}) que esta versión de Timbre no conoce")
    return Manifest(**told)


def unpack(archive: Path, manifest: Manifest, into: Path) -> None:
    """Writes the database out of the archive. Raises Unusable when it is not what was packed."""
    with _opened(archive) as tar:
        file = tar.extractfile(_DATABASE)
        assert file is not None
        with _private(into) as out:
            shutil.copyfileobj(file, out, 1 << 20)
    if sha256_of(into) != manifest.sha256:
        raise Unusable("está dañado: su contenido no es el que se respaldó")


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _private(path: Path) -> Iterator[BinaryIO]:
    """A new file that its owner alone can read, on the disk once it is left."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _opened(archive: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(archive, mode="r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError, KeyError, TypeError, ValueError) as error:
        raise Unusable("no es un respaldo de Timbre, o no está entero") from error
