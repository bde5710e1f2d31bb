"""How often somebody may try: counted in the database, so that all processes count together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from django.db.models import Q

from timbre.accounts.errors import Rejection
from timbre.accounts.models import Attempt
from timbre.accounts.vault import fingerprint

QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)
PRUNED = 50
"""Old rows that one try clears away: more than it adds, so the table cannot grow for ever."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` tries ``within`` this time by whoever is the same ``by``."""

    by: tuple[str, ...]
    most: int
    within: timedelta


LIMITS: Mapping[str, tuple[Limit, ...]] = {
    # One guesser from one place; one account from many places; many accounts from one place.
    "login": (
        Limit(("email", "address"), 5, QUARTER),
        Limit(("email",), 30, HOUR),
        Limit(("address",), 60, QUARTER),
    ),
    # Both may send an e-mail to somebody who did not ask for it.
    "signup": (Limit(("email",), 3, HOUR), Limit(("address",), 10, HOUR)),
    "reset": (Limit(("email",), 3, HOUR), Limit(("address",), 10, HOUR)),
    "password": (Limit(("email",), 5, QUARTER),),
    # What one user has happen again and again: letters to an address nobody has proved to be theirs, and
    # work for the whole database.
    "letter": (Limit(("email",), 20, HOUR),),
    "replay": (Limit(("user",), 60, QUARTER),),
}


@dataclass(frozen=True, slots=True)
class Try:
    """A try that was let through and counts until it is forgiven."""

    rows: tuple[Attempt, ...]

    def forgive(self) -> None:
        """It was right: forgets it, and the failures before it by the narrowest of its limits."""
        narrow = self.rows[0]
        same = Q(subject=narrow.subject, what=narrow.what)
        Attempt.objects.filter(same | Q(pk__in=[row.pk for row in self.rows])).delete()


def attempt(what: str, *, now: datetime, **who: str) -> Try:
    """Counts one more try of ``what`` by ``who`` (``email``, ``address``).

    It is written before it is judged: of many at the same instant no more than the limit get through.
    Raises Rejection ``too_many_attempts`` with the seconds to wait; a refused try does not count.
    """
    _prune(now)
    limits = LIMITS[what]
    rows = tuple(
        Attempt.objects.bulk_create(
            [Attempt(what=what, subject=_subject(limit, who), at=now) for limit in limits]
        )
    )
    waits = [_wait(limit, row, now) for limit, row in zip(limits, rows, strict=True)]
    if any(waits):
        Attempt.objects.filter(pk__in=[row.pk for row in rows]).delete()
        raise _too_many(max(waits))
    return Try(rows)


def forget(what: str, **who: str) -> None:
    """The failures of somebody who has proved by other means whose account it is; never a whole place's."""
    own = [_subject(limit, who) for limit in LIMITS[what] if "email" in limit.by]
    Attempt.objects.filter(what=what, subject__in=own).delete()


def _wait(limit: Limit, row: Attempt, now: datetime) -> int:
    """Seconds until this limit lets one more through; 0 when it does now."""
    same = Attempt.objects.filter(subject=row.subject, what=row.what, at__gt=now - limit.within)
    before = same.exclude(pk=row.pk).order_by("-at").values_list("at", flat=True)
    full_since = list(before[limit.most - 1 : limit.most])
    return max(1, ceil((full_since[0] + limit.within - now).total_seconds())) if full_since else 0


def _subject(limit: Limit, who: Mapping[str, str]) -> str:
    parts = [network(who[by]) if by == "address" else who[by] for by in limit.by]
    return fingerprint("attempt", *limit.by, *parts)


def network(address: str) -> str:
    """Who has one IPv6 address has 2^64 of them: they count as one."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{read}/64", strict=False)) if isinstance(read, IPv6Address) else str(read)


def _prune(now: datetime) -> None:
    """Rows are added in the order of time: the oldest are the first, found without a search."""
    first = Attempt.objects.order_by("pk").values_list("pk", "at")[:PRUNED]
    old = [pk for pk, at in first if at < now - HOUR]
    if old:
        Attempt.objects.filter(pk__in=old).delete()


def _too_many(seconds: int) -> Rejection:
    wait = f"{seconds} segundos" if seconds < 90 else f"{ceil(seconds / 60)} minutos"
    message = f"Demasiados intentos. Espera {wait} y vuelve a probar."
    return Rejection("too_many_attempts", message, status=429, retry_after=seconds)
