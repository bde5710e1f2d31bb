"""What the simulator has been told: scenarios in force, how often each has struck, how its clock goes.

Kept in the simulator's one file, so that a restart forgets none of it.
"""

from dataclasses import asdict, dataclass
from typing import Any

from timbre.simulator.store import Store

_SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    number INTEGER PRIMARY KEY AUTOINCREMENT, scenario TEXT NOT NULL, step TEXT NOT NULL,
    company TEXT NOT NULL, person TEXT NOT NULL, receiver TEXT NOT NULL, times INTEGER, seconds REAL);
CREATE TABLE IF NOT EXISTS strikes (
    mark TEXT PRIMARY KEY, count INTEGER NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS clock (only INTEGER PRIMARY KEY CHECK (only = 1), seconds REAL NOT NULL);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A scenario asked of the control API; a blank filter lets everything pass."""

    scenario: str
    step: str = ""
    company: str = ""
    person: str = ""
    receiver: str = ""
    times: int | None = None
    """How often in all; None until it is cleared."""
    seconds: float | None = None
    number: int = 0

    @property
    def mark(self) -> str:
        return f"order {self.number}"


class Orders:
    """The orders in a store. Safe to share between threads and processes, as the store is."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.connection.executescript(_SCHEMA)

    def add(self, order: Order) -> Order:
        """Puts an order in force; it comes back with its number."""
        values = asdict(order) | {"number": None}
        with self._store.writing() as db:
            number = db.execute(
                "INSERT INTO orders VALUES"
                " (:number, :scenario, :step, :company, :person, :receiver, :times, :seconds)",
                values,
            ).lastrowid
        return Order(**(values | {"number": number}))

    def in_force(self) -> list[tuple[Order, int]]:
        """Each order that may still strike, oldest first, and how often it has."""
        rows = self._store.connection.execute(
            "SELECT orders.*, coalesce(count, 0) AS struck FROM orders"
            " LEFT JOIN strikes ON mark = 'order ' || number"
            " WHERE times IS NULL OR struck < times ORDER BY number"
        )
        return [(_order(row), row[-1]) for row in rows]

    def clear(self) -> None:
        """No order is in force any more."""
        with self._store.writing() as db:
            db.execute("DELETE FROM orders")

    def take(self, mark: str, times: int | None, now: float, *, lasts: float | None = None) -> bool:
        """Counts one more strike under a mark, unless it has had its times. ``lasts`` seconds forget them."""
        with self._store.writing() as db:
            if lasts is not None:
                db.execute("DELETE FROM strikes WHERE mark = ? AND at <= ?", (mark, now - lasts))
            row = db.execute("SELECT count FROM strikes WHERE mark = ?", (mark,)).fetchone()
            count = int(row[0]) if row else 0
            if times is not None and count >= times:
                return False
            db.execute("INSERT OR REPLACE INTO strikes VALUES (?, ?, ?)", (mark, count + 1, now))
        return True

    @property
    def offset(self) -> float:
        """Seconds the simulator's clock is ahead of the host's."""
        row = self._store.connection.execute("SELECT seconds FROM clock").fetchone()
        return float(row[0]) if row else 0.0

    def set_clock(self, offset: float) -> None:
        with self._store.writing() as db:
            db.execute("INSERT OR REPLACE INTO clock VALUES (1, ?)", (offset,))


def _order(row: tuple[Any, ...]) -> Order:
    names = ("number", "scenario", "step", "company", "person", "receiver", "times", "seconds")
    return Order(**dict(zip(names, row, strict=False)))
