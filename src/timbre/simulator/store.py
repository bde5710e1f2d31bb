"""What the simulated tax office remembers, in one SQLite file that survives ``kill -9`` and a restart.

WAL with ``synchronous=NORMAL``: a killed process loses nothing; a power cut may lose the last moments,
which a simulator can afford. One connection per thread; every write is one short IMMEDIATE transaction.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from timbre.simulator.tables import ISSUED, SCHEMA

SESSION_LIFE = 7200.0
"""Seconds a session lives from its log-in (protocol notes 5.1)."""


class FolioBehaviour(StrEnum):
    """When a folio is taken: nobody outside the SII knows, so the simulator can do both."""

    SIGNING = "signing"
    """Every signing page reserves a new folio for its document."""
    SENDING = "sending"
    """The signing page proposes the next free folio; only sending takes it."""


class FolioTaken(Exception):
    """Another document of this issuer and type already holds the folio."""


@dataclass(frozen=True, slots=True)
class Session:
    """A person logged in. ``company`` is the RUT it acts for, once chosen."""

    csession: str
    token: str
    person: str
    certificate: bool
    company: str | None
    started: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """A document the portal has built and stamped; ``text`` is the unsigned XML, None while being made."""

    number: int
    issuer: str
    tipo: int
    folio: int
    receiver: str
    tmst: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Issued:
    """A document that took its folio: ``codigo`` is the portal's number, ``xml`` the signed bytes."""

    codigo: int
    issuer: str
    tipo: int
    folio: int
    fecha: str
    receiver: str
    receiver_name: str
    total: Decimal
    """Whole pesos, or an export's currency."""
    digest: str
    xml: bytes
    objected_at: float | None = None
    """From when on (seconds since 1970) the SII shows objections to it; None for never."""


def _issued(row: Sequence[Any]) -> Issued:
    # Stores begun when only pesos were issued hold the total as a number.
    codigo, issuer, tipo, folio, fecha, receiver, name, total, *rest = row
    return Issued(codigo, issuer, tipo, folio, fecha, receiver, name, Decimal(str(total)), *rest)


class Store:
    """The simulator's memory. Safe to share between threads, and one file between processes."""

    def __init__(self, path: Path, folios: FolioBehaviour = FolioBehaviour.SENDING) -> None:
        self._path = path
        self._local = threading.local()
        self.folios = folios
        path.parent.mkdir(parents=True, exist_ok=True)
        self.connection.executescript(SCHEMA)

    @property
    def connection(self) -> sqlite3.Connection:
        """The calling thread's own."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=20, isolation_level=None)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            self._local.connection = connection
        return connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One IMMEDIATE transaction, rolled back by any exception."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def close(self) -> None:
        """Closes the calling thread's connection."""
        self.connection.close()
        del self._local.connection

    # -- sessions

    def open_session(self, session: Session, limit: int) -> bool:
        """Remembers a log-in; False when the person already has ``limit`` live sessions."""
        with self.writing() as db:
            ended = (session.started - SESSION_LIFE,)
            db.execute(
                "DELETE FROM previews WHERE csession IN (SELECT csession FROM sessions WHERE started <= ?)",
                ended,
            )
            db.execute("DELETE FROM sessions WHERE started <= ?", (session.started - 2 * SESSION_LIFE,))
            (live,) = db.execute(
                "SELECT count(*) FROM sessions WHERE person = ? AND started > ?", (session.person, *ended)
            ).fetchone()
            if live >= limit:
                return False
            db.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)",
                (session.csession, session.token, session.person, session.certificate, None, session.started),
            )
        return True

    def find_session(self, csession: str, token: str) -> Session | None:
        """The session both cookies belong to, however old."""
        row = self.connection.execute(
            "SELECT csession, token, person, certificate, company, started FROM sessions"
            " WHERE csession = ? AND token = ?",
            (csession, token),
        ).fetchone()
        return Session(row[0], row[1], row[2], bool(row[3]), row[4], row[5]) if row else None

    def close_session(self, csession: str) -> None:
        """Logs out: the session and its previews are forgotten."""
        with self.writing() as db:
            db.execute("DELETE FROM previews WHERE csession = ?", (csession,))
            db.execute("DELETE FROM sessions WHERE csession = ?", (csession,))

    def age_session(self, csession: str) -> None:
        """Makes a session as old as none may become."""
        with self.writing() as db:
            db.execute(
                "UPDATE sessions SET started = started - ? WHERE csession = ?", (SESSION_LIFE, csession)
            )

    def choose_company(self, session: Session, company: str) -> None:
        """The session acts for the company from now on, and the person represents it for good."""
        with self.writing() as db:
            db.execute("UPDATE sessions SET company = ? WHERE csession = ?", (company, session.csession))
            db.execute("INSERT OR IGNORE INTO represented VALUES (?, ?)", (session.person, company))

    def represented(self, person: str) -> list[str]:
        """RUTs of the companies a person has acted for, oldest first."""
        rows = self.connection.execute(
            "SELECT company FROM represented WHERE person = ? ORDER BY rowid", (person,)
        )
        return [company for (company,) in rows]

    def remember_preview(self, csession: str, digest: str) -> None:
        """What the session was shown, so that only that can be signed."""
        with self.writing() as db:
            db.execute("INSERT OR IGNORE INTO previews VALUES (?, ?)", (csession, digest))

    def was_previewed(self, csession: str, digest: str) -> bool:
        row = self.connection.execute(
            "SELECT 1 FROM previews WHERE csession = ? AND digest = ?", (csession, digest)
        ).fetchone()
        return row is not None

    # -- keys

    def find_key(self, name: str) -> tuple[str, str] | None:
        """(private PEM, public text) under a name; the public text is a CAF or a certificate."""
        row = self.connection.execute("SELECT private, public FROM keys WHERE name = ?", (name,)).fetchone()
        return (row[0], row[1]) if row else None

    def keep_key(self, name: str, private: str, public: str) -> tuple[str, str]:
        """Keeps the first key offered under a name and returns the one kept."""
        with self.writing() as db:
            db.execute("INSERT OR IGNORE INTO keys VALUES (?, ?, ?)", (name, private, public))
        kept = self.find_key(name)
        assert kept is not None
        return kept

    # -- folios and documents

    def next_folio(self, issuer: str, tipo: int, folios: FolioBehaviour | None = None) -> int:
        """The folio the next signing page will show, under this store's behaviour or the one given."""
        table = "proposals" if (folios or self.folios) == FolioBehaviour.SIGNING else "issued"
        (last,) = self.connection.execute(
            f"SELECT max(folio) FROM {table} WHERE issuer = ? AND tipo = ?",  # noqa: S608 - one of two names
            (issuer, tipo),
        ).fetchone()
        return int(last or 0) + 1

    def propose(
        self, issuer: str, tipo: int, receiver: str, tmst: str, folios: FolioBehaviour | None = None
    ) -> Proposal:
        """Opens a proposal with its number and folio; SIGNING reserves the folio by this very row."""
        with self.writing() as db:
            folio = self.next_folio(issuer, tipo, folios)
            number = db.execute(
                "INSERT INTO proposals (issuer, tipo, folio, receiver, tmst) VALUES (?, ?, ?, ?, ?)",
                (issuer, tipo, folio, receiver, tmst),
            ).lastrowid
        assert number is not None
        return Proposal(number, issuer, tipo, folio, receiver, tmst, None)

    def save_proposal(self, number: int, text: str) -> None:
        """Keeps the unsigned text: it may be signed and sent later, from any session of the company."""
        with self.writing() as db:
            db.execute("UPDATE proposals SET text = ? WHERE number = ?", (text, number))

    def find_proposal(self, issuer: str, number: int) -> Proposal | None:
        row = self.connection.execute(
            "SELECT number, issuer, tipo, folio, receiver, tmst, text FROM proposals"
            " WHERE number = ? AND issuer = ?",
            (number, issuer),
        ).fetchone()
        return Proposal(*row) if row else None

    def issue(self, document: Issued) -> Issued:
        """Takes the folio and stores the document with its objection, all or nothing. Raises FolioTaken."""
        values = (document.issuer, document.tipo, document.folio, document.fecha, document.receiver)
        rest = (document.receiver_name, str(document.total), document.digest, document.xml)
        try:
            with self.writing() as db:
                codigo = db.execute(
                    "INSERT INTO issued"
                    " (issuer, tipo, folio, fecha, receiver, receiver_name, total, digest, xml)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    values + rest,
                ).lastrowid
                if document.objected_at is not None:
                    db.execute("INSERT INTO objections VALUES (?, ?)", (codigo, document.objected_at))
        except sqlite3.IntegrityError as error:
            raise FolioTaken from error
        assert codigo is not None
        return replace(document, codigo=codigo)

    def object_to(self, codigo: int, since: float) -> None:
        """The document is shown with objections from that moment on."""
        with self.writing() as db:
            db.execute("INSERT OR REPLACE INTO objections VALUES (?, ?)", (codigo, since))

    def find_issued(self, issuer: str, codigo: int) -> Issued | None:
        row = self.connection.execute(
            f"{ISSUED} WHERE codigo = ? AND issuer = ?", (codigo, issuer)
        ).fetchone()
        return _issued(row) if row else None

    def issued(
        self, issuer: str | None = None, condition: str = "1", values: Sequence[object] = (), page: str = ""
    ) -> list[Issued]:
        """Issued documents, newest first; ``condition`` is SQL of this package over the table's columns."""
        where, first = ("issuer = ?", [issuer]) if issuer else ("1", [])
        query = f"{ISSUED} WHERE {where} AND {condition} ORDER BY codigo DESC {page}"
        return [_issued(row) for row in self.connection.execute(query, [*first, *values])]

    def count_issued(self, issuer: str, condition: str = "1", values: Sequence[object] = ()) -> int:
        query = f"SELECT count(*) FROM issued WHERE issuer = ? AND {condition}"  # noqa: S608 - our own SQL
        (count,) = self.connection.execute(query, [issuer, *values]).fetchone()
        return int(count)
