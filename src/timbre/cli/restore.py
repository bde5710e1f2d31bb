"""`timbre restore`: a backup becomes the database, closed until the SII was asked what was issued since.

It is closed where it is staged, before it takes its place: killed at any moment, this leaves the database of
before or the restored and closed one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from timbre.cli.archive import Manifest, Unusable, read_manifest, unpack
from timbre.cli.backup import FAILURES, copies_of_engine
from timbre.cli.presence import alone, refuse_root
from timbre.cli.restored import report
from timbre.issuing.restore.closing import Closed, close, drop_shut_secrets, sealed_secrets


@click.command(help="Restaura un respaldo; nada se emite hasta comparar con el SII lo emitido desde él.")
@click.argument("file", type=click.Path(path_type=Path), required=False, default=None)
@click.option("--force", is_flag=True, help="Aunque ya haya una base de datos: la de ahora queda a un lado.")
@click.option("--without-key", is_flag=True, help="Sigue aunque la llave secreta no abra lo cifrado.")
@click.option("--report", "only_report", is_flag=True, help="Muestra qué falta comparar y qué se encontró.")
def command(file: Path | None, *, force: bool, without_key: bool, only_report: bool) -> None:
    if only_report:
        report()
        return
    if file is None:
        raise click.UsageError("di qué archivo restaurar, o usa --report")
    if not file.is_file():
        raise click.ClickException(f"no se restauró, y nada cambió: no hay un archivo {file}")
    refuse_root(settings.DATA_DIR / "timbre.sqlite3", settings.DATA_DIR / "secret.key")
    try:
        with alone(settings.DATA_DIR):
            restore(file, force=force, without_key=without_key)
    except FAILURES as failure:
        raise click.ClickException(f"no se restauró, y nada cambió: {failure}") from None


def restore(file: Path, *, force: bool, without_key: bool) -> None:
    """Raises Unusable with the database as it was."""
    manifest, copies = read_manifest(file), copies_of_engine()
    _check(manifest)
    if not copies.is_empty() and not force:
        raise Unusable("ya hay una base de datos aquí; con --force la de ahora queda a un lado, sin borrarla")
    stamp = f"{timezone.now():%Y%m%dt%H%M%S}"
    database = settings.DATA_DIR / ".restoring.database"
    try:
        with copies.staged(stamp) as place:
            unpack(file, manifest, database)
            with _opened(copies.load(database, place)):
                call_command("migrate", verbosity=0, interactive=False)
                _check_key(without_key=without_key)
                closed = close(since=manifest.taken_at, now=timezone.now())
            before = copies.put_in_place(place, stamp)
    finally:
        database.unlink(missing_ok=True)
    _tell(manifest, closed, before)


def _check(manifest: Manifest) -> None:
    if manifest.engine != connection.vendor:
        raise Unusable(
            f"el respaldo es de {manifest.engine} y esta instalación usa {connection.vendor}: "
            "cambia TIMBRE_DATABASE_URL"
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    strange = [name for name in manifest.migrations if name not in known]
    if strange:
        raise Unusable(
            f"lo hizo Timbre {manifest.version}, más nuevo que este ({strange[0]}): actualiza primero"
        )


def _check_key(*, without_key: bool) -> None:
    total, shut = sealed_secrets()
    if not shut:
        return
    if not without_key:
        raise Unusable(
            f"la llave secreta de ahora no abre {shut} de las {total} claves guardadas. Pon en "
            "TIMBRE_SECRET_KEY, o en secret.key del directorio de datos, la llave con que se hizo el "
            "respaldo; o sigue con --without-key: habrá que escribir de nuevo las claves del SII y los "
            "secretos de los webhooks"
        )
    drop_shut_secrets()


@contextmanager
def _opened(name: str) -> Iterator[None]:
    """What this process asks of the database goes to another one of that name."""
    connection.close()
    usual = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual


def _tell(manifest: Manifest, closed: Closed, before: str | None) -> None:
    click.echo(f"Restaurado el respaldo de {manifest.moment}. Documentos: {manifest.documents}.")
    if before:
        click.echo(f"La base de antes quedó en {before}.")
    click.echo(
        f"Quedan en duda: {closed.documents}. Empresas cerradas: {closed.companies}. Al encender Timbre, los "
        "workers miran en el SII qué se emitió desde el respaldo, y luego siguen."
    )
    click.echo("Mira cómo va con: timbre restore --report")
