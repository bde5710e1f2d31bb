"""A 503 means "not processed" because every operation writes in one transaction: when it cannot begin,
nothing was written before it, and when it has ended, nothing is left that could still fail.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from test_strangers import Other, every_request, other, send

from calling import make_key

__all__ = ["other"]

pytestmark = pytest.mark.django_db
WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass(slots=True)
class Ledger:
    """The transactions of one request that wrote something, as the tables each wrote to.

    In a test all is one transaction already, and those of the request are savepoints in it.
    """

    written: list[set[str]] = field(default_factory=list)
    depth: int = 0

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        verb = sql.split(" ", 1)[0]
        if verb == "SAVEPOINT":
            self.depth += 1
            if self.depth == 1:
                self.written.append(set())
        elif verb == "RELEASE":
            self.depth -= 1
        elif verb == "ROLLBACK":
            self.depth = max(0, self.depth - 1)
        elif verb in WRITES:
            if not self.depth:
                self.written.append(set())
            self.written[-1].add(sql.split('"')[1])
        return execute(sql, *rest)


def test_every_operation_writes_in_one_transaction(other: Other) -> None:
    caller = make_key(other.furnished.user)
    send(caller, next(every_request(other)))  # notes that the key is in use, once a minute
    changed, split = set(), {}
    for asked in every_request(other):
        ledger = Ledger()
        with connection.execute_wrapper(ledger):
            answer = send(caller, asked)
        written = [tables for tables in ledger.written if tables]
        if written and answer.status_code < 300:
            changed.add((asked.verb, asked.template))
        if len(written) > 1 or (written and asked.verb == "get"):
            split[str(asked)] = written
    assert split == {}
    assert len(changed) >= 10
