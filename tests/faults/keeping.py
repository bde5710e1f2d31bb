"""The state of an installation just enrolled, kept aside and put back before each scenario."""

import contextlib
import sqlite3
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

from databases import administer, named


def keep(root: Path) -> None:
    """Keeps both stores aside. Nobody may be writing."""
    connections.close_all()
    copy_sqlite(root / "simulator.sqlite3", root / "simulator.template")
    if connection.vendor == "sqlite":
        copy_sqlite(root / "timbre.sqlite3", root / "timbre.template")
    else:
        name = settings.DATABASES["default"]["NAME"]
        administer(_server(), "CREATE DATABASE {} TEMPLATE {}", f"{name}_kept", name)


def restore(root: Path) -> None:
    """Puts both back. Nobody may be connected."""
    connections.close_all()
    copy_sqlite(root / "simulator.template", root / "simulator.sqlite3")
    if connection.vendor == "sqlite":
        copy_sqlite(root / "timbre.template", root / "timbre.sqlite3")
        return
    name = settings.DATABASES["default"]["NAME"]
    administer(_server(), "DROP DATABASE {} WITH (FORCE)", name)
    administer(_server(), "CREATE DATABASE {} TEMPLATE {}", name, f"{name}_kept")


def _server() -> str:
    return named(settings.DATABASE_URL, "postgres")


def copy_sqlite(source: Path, target: Path) -> None:
    """A whole copy, what is still in the write-ahead log included; the old target is gone."""
    for suffix in ("", "-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    with (
        contextlib.closing(sqlite3.connect(source)) as old,
        contextlib.closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
