"""A restored database does not know what was issued since: all of it is closed before it is used."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.db import connection, transaction
from django.db.models import Min

from timbre.accounts.vault import Unopenable, unseal
from timbre.issuing.causes import say
from timbre.issuing.models import Document, Reconciliation, State
from timbre.issuing.restore.adopting import CANCEL_ASKED, UNSENT
from timbre.issuing.states import Move, move
from timbre.taxpayers.models import Credential
from timbre.webhooks.models import Event, Webhook
from timbre.work.models import Lane
from timbre.work.timing import TIMINGS

# Of every user at once, which is no business of a scope: hence the rows by _base_manager.
OPEN = (State.RECEIVED, State.SENDING, State.IN_DOUBT)
"""Not final, and not known to be issued: what the SII has issued no backup takes back."""
AT_ONCE = 500
SEQ_AHEAD = 1_000_000
"""Numbers of events told after the backup are never given again: whoever reads on from one misses nothing."""


@dataclass(frozen=True, slots=True)
class Closed:
    """What was closed: documents now in doubt, and companies that issue once they are compared."""

    documents: int
    companies: int


def close(*, since: datetime, now: datetime) -> Closed:
    """Closes every lane until it is reconciled, in one transaction. ``since`` is the backup's moment."""
    with transaction.atomic(durable=True):
        Lane.objects.update(token="", lease_until=None, due_at=now, failures=0)
        rows = _reconciliations(since, now)
        documents = _close_documents(since, now)
        _skip_events()
    return Closed(documents, len(rows))


def sealed_secrets() -> tuple[int, int]:
    """How many sealed claves and webhook secrets there are, and how many the present key does not open."""
    claves = [_opens(each.clave, f"credential/{each.pk}/clave") for each in _with_clave()]
    webhooks = Webhook._base_manager.exclude(secret="").values_list("pk", "secret")
    secrets = [_opens(secret, f"webhook/{pk}/secret") for pk, secret in webhooks]
    return len(claves + secrets), (claves + secrets).count(False)


def drop_shut_secrets() -> None:
    """Credentials whose clave does not open ask for it anew, as after a wrong one."""
    for credential in _with_clave():
        if not _opens(credential.clave, f"credential/{credential.pk}/clave"):
            credential.drop_secrets()
            credential.status, credential.reason = Credential.Status.INVALID, "sii_credentials_invalid"
            credential.save()


def _with_clave() -> Iterator[Credential]:
    return Credential._base_manager.exclude(clave="").iterator()


def _opens(sealed: str, place: str) -> bool:
    try:
        unseal(sealed, place=place)
    except Unopenable:
        return False
    return True


def _reconciliations(since: datetime, now: datetime) -> list[Reconciliation]:
    """What has to be compared; a comparison that the backup shows under way begins again, as far back."""
    open_rows = Reconciliation.objects.filter(done_at=None)
    earlier = dict(open_rows.values_list("company").annotate(Min("since")))
    places = _places()
    open_rows.delete()
    return Reconciliation.objects.bulk_create(
        Reconciliation(
            company_id=company,
            lane_id=lane,
            since=min(since, earlier.get(company, since)),
            restored_at=now,
            due_at=_first_look(environment, now),
        )
        for company, (lane, environment) in places.items()
    )


def _first_look(environment: str, now: datetime) -> datetime:
    """What the lost workers last sent may be under way until its deadline."""
    return now + TIMINGS[environment].send_deadline + TIMINGS[environment].doubt_first


def _places() -> dict[str, tuple[str, str]]:
    """Company -> the lane to compare it in, and its environment: its issuing credential's, if it has one.

    One that was retired may have been enrolled again after the backup: it is compared once it is enrolled.
    """
    open_rows = Reconciliation.objects.filter(done_at=None)
    waiting = Document.objects.filter(state__in=OPEN)
    every = Credential._base_manager.order_by("is_default", "-created_at")
    credentials = every.filter(deactivated_at=None)
    valid = credentials.filter(status=Credential.Status.VALID)
    found = [
        rows.values_list("company", "lane", "lane__environment")
        for rows in (every, open_rows, waiting, credentials, valid)
    ]
    return {company: (lane, environment) for company, lane, environment in chain(*found)}


def _close_documents(since: datetime, now: datetime) -> int:
    moment = f"{since:%Y-%m-%d %H:%M} UTC"
    said = f"Restaurado del respaldo de {moment}: Timbre averigua si el SII lo emitió después."
    columns = {"absent_since": None, "send_deadline": now}
    ids = list(Document.objects.filter(state__in=OPEN).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        some = Document.objects.filter(pk__in=ids[start : start + AT_ONCE]).select_related("company__entity")
        moves = [
            Move(document=each, to=State.IN_DOUBT, said=said, columns=columns | _told(each)) for each in some
        ]
        move(moves, now=now)
    return len(ids)


def _told(document: Document) -> dict[str, str]:
    """What it waits for, if the backup shows it unsigned: that may have been cancelled since, and can be."""
    if document.digest:
        return {"error_code": "", "error_message": ""}
    code = CANCEL_ASKED if document.error_code == CANCEL_ASKED else UNSENT
    return {"error_code": code, "error_message": say(code)}


def _skip_events() -> None:
    last = Event._base_manager.order_by("-seq").values_list("seq", flat=True).first() or 0
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [Event._meta.db_table])
            cursor.execute(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)",
                [Event._meta.db_table, last + SEQ_AHEAD],
            )
        else:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'seq'), %s)",
                [Event._meta.db_table, last + SEQ_AHEAD],
            )
