"""PostgreSQL: dumped by its own ``pg_dump``, restored into a database of its own that then changes names."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from timbre.cli.archive import COUNT, MIGRATIONS, Dumped, Unusable

_MAINTENANCE = "postgres"
"""The database every cluster has: one cannot be renamed from within."""


def is_empty() -> bool:
    """Whether there is nothing a restore could overwrite."""
    with _connect(_settings()["NAME"]) as connection:
        found = connection.execute("SELECT to_regclass('django_migrations')").fetchone()
    return found == (None,)


def dump(into: Path) -> Dumped:
    """One moment of the database, in pg_dump's own compressed format."""
    name = _settings()["NAME"]
    with _connect(name) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        (documents,) = connection.execute(COUNT).fetchone() or (0,)
        migrations = connection.execute(MIGRATIONS).fetchall()
        (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        same = f"--snapshot={snapshot}"
        _run("pg_dump", "-Fc", "--no-owner", "--no-privileges", same, "-d", name, "-f", str(into))
    _run("pg_restore", "--list", str(into))
    return Dumped(documents, [name for (name,) in migrations])


@contextmanager
def staged(stamp: str) -> Iterator[str]:
    """A new, empty database for what is being restored; dropped again if it does not become the database."""
    name = f"{_settings()['NAME']}_restored_{stamp}"
    _refuse_company()
    with _maintenance() as connection:
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege:
            user = _settings()["USER"]
            message = f"el usuario «{user}» de PostgreSQL no puede crear bases: dale CREATEDB (ALTER ROLE)"
            raise Unusable(message) from None
    try:
        yield name
    finally:
        with _maintenance() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def load(archive: Path, place: str) -> str:
    """Fills the staged database; the name that Django is to open."""
    _run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "-d", place, str(archive))
    return place


def put_in_place(place: str, stamp: str) -> str | None:
    """Both databases change names in one transaction; the name the one before has now.

    PostgreSQL refuses while anybody is connected to either: then nothing has changed.
    """
    name = _settings()["NAME"]
    before = f"{name}_before_{stamp}"
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    try:
        with _maintenance() as connection, connection.transaction():
            connection.execute(rename.format(sql.Identifier(name), sql.Identifier(before)))
            connection.execute(rename.format(sql.Identifier(place), sql.Identifier(name)))
    except psycopg.errors.ObjectInUse:
        raise Unusable("alguien se conectó a la base mientras se restauraba: no se cambió nada") from None
    return before


def _refuse_company() -> None:
    """Whoever else is connected may be a Timbre on another host."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
    with _maintenance() as connection:
        row = connection.execute(query, [_settings()["NAME"]]).fetchone()
    if row and row[0]:
        raise Unusable(
            f"hay {row[0]} conexiones a la base: apaga Timbre (serve, web, worker) en todos los hosts"
        )


def _settings() -> dict[str, Any]:
    return settings.DATABASES["default"]


def _maintenance() -> "psycopg.Connection[tuple[Any, ...]]":
    return _connect(_MAINTENANCE)


def _connect(name: str) -> "psycopg.Connection[tuple[Any, ...]]":
    given = _settings()
    keywords = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"]}
    chosen = {keyword: value for keyword, value in keywords.items() if value}
    return psycopg.connect(dbname=name, password=given["PASSWORD"] or None, autocommit=True, **chosen)


def _run(program: str, *arguments: str) -> None:
    """One of PostgreSQL's programs. The password goes by the environment: a command line is public."""
    found = shutil.which(program)
    if found is None:
        raise Unusable(f"falta {program}: instala el cliente de PostgreSQL (postgresql-client)")
    given = _settings()
    names = {"PGHOST": given["HOST"], "PGPORT": given["PORT"], "PGUSER": given["USER"]}
    environment = {**os.environ, **{name: value for name, value in names.items() if value}}
    if given["PASSWORD"]:
        environment["PGPASSWORD"] = given["PASSWORD"]
    done = subprocess.run([found, *arguments], env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise Unusable(f"{program} falló: {done.stderr.strip()[-500:]}")
