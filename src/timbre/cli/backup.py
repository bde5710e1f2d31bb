"""`timbre backup`: one moment of the database in one file, while Timbre serves; without the secret key."""

import os
import sqlite3
from datetime import UTC
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import click
import psycopg
from django.db import connection
from django.db.utils import DatabaseError
from django.utils import timezone

from timbre.cli import postgres_copies, sqlite_copies
from timbre.cli.archive import Manifest, Unusable, pack, sha256_of

FAILURES = (Unusable, OSError, DatabaseError, sqlite3.Error, psycopg.Error)
"""What a person is told in a line: no rights, a full disk, a database that does not answer."""
NO_KEY = (
    "La llave secreta no va en él: guarda aparte TIMBRE_SECRET_KEY, o secret.key del directorio de datos."
)


@click.command(help="Respalda la base de datos en un archivo, sin apagar nada. La llave secreta no va en él.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Reemplaza el archivo si ya existe.")
def command(file: Path, *, force: bool) -> None:
    if file.exists() and not force:
        raise click.ClickException(f"{file} ya existe: elige otro nombre, o usa --force")
    if not file.parent.is_dir():
        raise click.ClickException(f"no existe la carpeta {file.parent}: créala, o elige otra")
    try:
        manifest = back_up(file, force=force)
        size, sha256 = file.stat().st_size, sha256_of(file)
    except FAILURES as failure:
        raise click.ClickException(f"no se pudo respaldar: {failure}") from None
    click.echo(f"{file}: {manifest.documents} documentos, {size} bytes, {manifest.moment}")
    click.echo(f"SHA-256 {sha256}")
    click.echo(NO_KEY)


def back_up(file: Path, *, force: bool = False) -> Manifest:
    """Writes the backup, whole or not at all. Raises FAILURES."""
    copies = copies_of_engine()
    database = file.with_name(f".{file.name}.{os.getpid()}.database")
    moment = timezone.now().astimezone(UTC)  # before the snapshot: all that was saved by now is in it
    try:
        dumped = copies.dump(database)
        manifest = Manifest(
            engine=connection.vendor,
            version=version("timbre"),
            moment=moment.isoformat(),
            documents=dumped.documents,
            migrations=dumped.migrations,
            sha256=sha256_of(database),
        )
        pack(manifest, database, file, force=force)
    finally:
        database.unlink(missing_ok=True)
    return manifest


def copies_of_engine() -> ModuleType:
    """How the database of this installation is copied and replaced."""
    return sqlite_copies if connection.vendor == "sqlite" else postgres_copies
