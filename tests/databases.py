"""A database of its own for an installation, of whichever kind this run of the tests is on."""

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql

from clusters import VARIABLE

SECRET_KEY = "a key for installations under test"


@dataclass(frozen=True, slots=True)
class Database:
    """SQLite in ``data_dir``, or PostgreSQL at ``url``."""

    data_dir: Path
    url: str = ""

    @property
    def settings(self) -> dict[str, str]:
        """What an installation has to be told of it."""
        return {"TIMBRE_DATABASE_URL": self.url, "TIMBRE_SECRET_KEY": SECRET_KEY} if self.url else {}

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of a query that both kinds understand."""
        return self._do(query) or []

    def pass_time(self, seconds: int, *columns: tuple[str, str]) -> None:
        """Moves the times in these columns (of these tables) into the past."""
        for table, column in columns:
            earlier = f"strftime('%Y-%m-%d %H:%M:%f', {column}, '-{seconds} seconds')"
            if self.url:
                earlier = f"{column} - interval '{seconds} seconds'"
            self._do(f"UPDATE {table} SET {column} = {earlier} WHERE {column} IS NOT NULL")  # noqa: S608

    def is_free(self) -> bool:
        """Whether somebody else could write now: SQLite has one writer, who may be standing still."""
        if self.url:
            return True
        database = sqlite3.connect(self.data_dir / "timbre.sqlite3", timeout=0, isolation_level=None)
        try:
            database.execute("BEGIN IMMEDIATE")
            database.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return False
        finally:
            database.close()
        return True

    def _do(self, query: str) -> list[tuple[Any, ...]] | None:
        if self.url:
            with psycopg.connect(self.url) as connection, connection.cursor() as cursor:
                cursor.execute(cast("LiteralString", query))
                return cursor.fetchall() if cursor.description else None
        with (
            contextlib.closing(sqlite3.connect(self.data_dir / "timbre.sqlite3", timeout=20)) as database,
            database,
        ):
            return database.execute(query).fetchall()


@contextlib.contextmanager
def own_database(data_dir: Path, server: str | None = None) -> Iterator[Database]:
    """An empty one, gone with the block; on this run's server unless another (or none: SQLite) is named."""
    server = os.environ.get(VARIABLE, "") if server is None else server
    if not server:
        yield Database(data_dir)
        return
    name = f"timbre_{secrets.token_hex(6)}"
    administer(server, "CREATE DATABASE {}", name)
    try:
        yield Database(data_dir, named(server, name))
    finally:
        administer(server, "DROP DATABASE {} WITH (FORCE)", name)


def administer(server: str, statement: LiteralString, *names: str) -> None:
    """One statement about databases, on the server this URL leads to."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def named(server: str, name: str) -> str:
    """The URL of another database on the same server."""
    return f"{server.rpartition('/')[0]}/{name}"
