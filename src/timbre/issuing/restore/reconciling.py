"""After a restore: what the SII has issued since the backup is looked up before anything else is issued.

A company's documents in doubt are compared with the SII's own list and copies (``pairing``). What is found is
adopted as issued; what two whole looks do not find was not issued, and goes on; what nobody here knows
(accepted after the backup) is kept as a ``Stray`` and told. Only then does the company issue again.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import groupby

import structlog
from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from timbre.dte.clock import today_in_chile
from timbre.dte.rules import PORTAL
from timbre.issuing.models import KNOWN_ISSUED, Document, Reconciliation, State, Stray
from timbre.issuing.restore.adopting import adopt, hand_over, hold_equal, resume
from timbre.issuing.restore.pairing import SIGNING, pair
from timbre.issuing.restore.straying import tell_strays
from timbre.sii.gateway import Copy, Gateway, OnFile, Refused, Unreachable
from timbre.taxpayers.models import Credential, MasterEntity
from timbre.taxpayers.portal import LoginRefused, open_portal
from timbre.work.claim import LostClaim, holding, holding_and_waking, renew
from timbre.work.models import Lane
from timbre.work.timing import TIMINGS

log = structlog.get_logger(__name__)
Clock = Callable[[], datetime]

CHUNK = 20
"""Copies fetched before they are saved and the lane's lease is renewed: as many as one download holds."""
BACKDATED = timedelta(days=31)
"""A document may bear an earlier date than the day it is issued: how far back the SII's list is read."""
LOOKS = 2
WAITING = (State.RECEIVED, State.IN_DOUBT, State.ISSUED)


def reconcile_next(lane: Lane, clock: Clock) -> bool:
    """One look at the SII for the lane's next due company; False when none is due.

    Raises LoginRefused, LostClaim, and Unreachable when the SII asks to be left alone; the company is
    looked at again later.
    """
    due = _usable(lane).filter(due_at__lte=clock()).select_related("company__entity").order_by("due_at")
    row = due.first()
    if row is None:
        return False
    usable = Credential.usable_in(lane).filter(company=row.company_id)
    credential = usable.order_by("-is_default", "created_at")[0]
    try:
        look(lane, row, open_portal(credential, lane), clock)
    except LostClaim:
        raise
    except Refused as refused:
        _postpone(lane, row, clock())
        if refused.about_credential:
            raise LoginRefused(credential, refused) from refused
        log.warning("reconciliation refused", company=row.company_id, why=str(refused))
    except Unreachable as unreachable:
        log.info("reconciliation put off", company=row.company_id, why=str(unreachable))
        _postpone(lane, row, clock())
        if unreachable.retry_after:
            raise  # Asked to be left alone. What one company alone meets keeps no other waiting.
    except Exception:
        _postpone(lane, row, clock())
        log.exception("reconciliation failed", company=row.company_id)
    return True


def next_reconciliation_at(lane: Lane) -> datetime | None:
    """When the lane's next company is due to be looked at."""
    return _usable(lane).aggregate(at=Min("due_at"))["at"]


def look(lane: Lane, row: Reconciliation, gateway: Gateway, clock: Clock) -> None:
    """Reads all that the SII has issued for the company since the backup, and concludes what it can."""
    for tipo in sorted(PORTAL.types):
        unknown = _unknown(row, tipo, _read_list(lane, row, tipo, gateway, clock))
        for fecha, folios in _downloads(unknown):
            copies = gateway.fetch_copies(row.company.entity.rut, tipo, fecha, folios)
            _keep(lane, row, copies, unknown, clock())
            if len(copies) < len(folios):
                raise Unreachable("El SII lista documentos cuya copia aún no entrega.")
    _conclude(lane, row, clock())


def _read_list(
    lane: Lane, row: Reconciliation, tipo: int, gateway: Gateway, clock: Clock
) -> dict[int, OnFile]:
    """By folio, to the last page: the one that brings nothing new."""
    found: dict[int, OnFile] = {}
    since, page = _first_day(row), 1
    while True:
        rows = gateway.list_issued(row.company.entity.rut, tipo, since, page)
        if all(each.folio in found for each in rows):
            return found
        found |= {each.folio: each for each in rows}
        page += 1
        _renew(lane, clock())


def _first_day(row: Reconciliation) -> date:
    """The oldest date of what was not issued when the backup was made, drafts and failures too: whatever
    became of it since bears that date.
    """
    open_ = Document.objects.filter(company=row.company_id).exclude(state__in=KNOWN_ISSUED)
    oldest, backdated = open_.aggregate(at=Min("date_issued"))["at"], _backdated(row)
    return min(backdated, oldest or backdated)


def _backdated(row: Reconciliation) -> date:
    return today_in_chile(row.since) - BACKDATED


def _unknown(row: Reconciliation, tipo: int, listed: dict[int, OnFile]) -> dict[int, OnFile]:
    """What is neither a document of this issuer, of whichever user, nor a stray that was kept before."""
    issued = _of_issuer(row).filter(tipo=tipo, state__in=KNOWN_ISSUED).values_list("folio", flat=True)
    strays = Stray.objects.filter(company=row.company, tipo=tipo).values_list("folio", flat=True)
    known = {*issued, *strays}
    return {folio: each for folio, each in listed.items() if folio not in known}


def _downloads(unknown: dict[int, OnFile]) -> Iterator[tuple[date, tuple[int, ...]]]:
    """The unknown folios by date, no more at once than one download holds."""
    ordered = sorted(unknown.values(), key=lambda each: (each.fecha_emision, each.folio))
    for fecha, day in groupby(ordered, key=lambda each: each.fecha_emision):
        folios = [each.folio for each in day]
        for start in range(0, len(folios), CHUNK):
            yield fecha, tuple(folios[start : start + CHUNK])


def _keep(
    lane: Lane, row: Reconciliation, copies: Iterable[Copy], unknown: dict[int, OnFile], now: datetime
) -> None:
    """Saves the copies of what nobody here has settled yet."""
    doubtful = _doubtful(row).values("pk")
    settled = _of_issuer(row).exclude(state=State.IN_DOUBT).exclude(digest="").exclude(pk__in=doubtful)
    digests = [copy.digest for copy in copies]
    folios = [copy.folio for copy in copies]
    known = set(settled.filter(folio__in=folios, digest__in=digests).values_list("digest", flat=True))
    strays = [
        _stray(row, copy, unknown[copy.folio].codigo, now)
        for copy in copies
        if copy.digest not in known and _may_be_lost(row, copy)
    ]
    with holding(lane):
        renew(lane, until=now + TIMINGS[lane.environment].lease)
        Stray.objects.bulk_create(strays, ignore_conflicts=True)


def _may_be_lost(row: Reconciliation, copy: Copy) -> bool:
    """Not what somebody issued elsewhere, long before the backup."""
    return copy.fecha_emision >= _backdated(row) or copy.signed_at >= row.since - SIGNING


def _stray(row: Reconciliation, copy: Copy, codigo: str, now: datetime) -> Stray:
    return Stray(
        user_id=row.company.user_id,
        environment=row.company.environment,
        company=row.company,
        tipo=copy.tipo,
        folio=copy.folio,
        codigo=codigo,
        date_issued=copy.fecha_emision,
        receiver_rut=copy.receptor,
        total=copy.total,
        digest=copy.digest,
        content_key=copy.content_key,
        signed_at=copy.signed_at,
        xml=copy.xml,
        found_at=now,
    )


def _conclude(lane: Lane, row: Reconciliation, now: datetime) -> None:
    """Adopts what was found; after the second look, lets all else go on and opens the company."""
    with holding_and_waking(lane, _lanes_of(row), now):
        # Another user's company of the same taxpayer may be compared in another lane: one find, one document.
        MasterEntity.objects.select_for_update().get(pk=row.company.entity_id)
        _forget_known(row)
        documents = list(_doubtful(row).select_related("company__entity"))
        pairs = pair(documents, list(Stray.objects.filter(company=row.company)), row.since)
        adopt([each for each in pairs if each.sure], now)
        row.looks += 1
        row.due_at = now + TIMINGS[lane.environment].doubt_gap
        if row.looks >= LOOKS:
            unsure = [each for each in pairs if not each.sure]
            hand_over(unsure, now)
            paired = {each.document.pk for each in pairs}
            resume([document for document in documents if document.pk not in paired], now)
            _hold_what_was_asked_again(row, now)
            row.done_at = now
        row.save(update_fields=["looks", "due_at", "done_at"])
        if row.done_at:
            tell_strays(row.company, now)
    log.info("reconciled", company=row.company_id, look=row.looks, adopted=len(pairs), of=len(documents))


def _hold_what_was_asked_again(row: Reconciliation, now: datetime) -> None:
    """Asked for or retried since the restore, and equal to what the SII has and nobody knows: for a person.

    A caller that never heard of the restore repeats its request; nobody could warn it yet.
    """
    asked = Document.objects.filter(company=row.company_id, state=State.RECEIVED)
    strays = Stray.objects.filter(company=row.company, signed_at__gte=row.since - SIGNING)
    hold_equal(asked.select_related("company__entity").order_by("accepted_at", "index"), strays, now)


def _forget_known(row: Reconciliation) -> None:
    """Of what was kept at an earlier look, whatever turned out since to be a document of this issuer."""
    same = {"tipo": OuterRef("tipo"), "folio": OuterRef("folio"), "state__in": KNOWN_ISSUED}
    Stray.objects.filter(Exists(_of_issuer(row).filter(**same)), company=row.company).delete()


def _doubtful(row: Reconciliation) -> QuerySet[Document]:
    """The company's documents in doubt, in whichever lane; also those that a person was asked about since."""
    asked = Q(state=State.INCOMPLETE, error_code="doubt_unresolved", send_deadline=row.restored_at)
    mine = Document.objects.filter(Q(state=State.IN_DOUBT) | asked, company=row.company_id)
    return mine.order_by("accepted_at", "index")


def _lanes_of(row: Reconciliation) -> set[str]:
    """Wherever something of the company waits, or may come to wait, for the end of the comparison."""
    waiting = Document.objects.filter(company=row.company_id, state__in=WAITING)
    credentials = row.company.credentials.values_list("lane_id", flat=True)
    return {*waiting.values_list("lane_id", flat=True).distinct(), *credentials}


def _of_issuer(row: Reconciliation) -> QuerySet[Document]:
    return Document.objects.filter(company__entity=row.company.entity_id)


def _usable(lane: Lane) -> QuerySet[Reconciliation]:
    """The lane's companies still to be compared whose credential opens the SII's list."""
    usable = Credential.usable_in(lane).filter(company=OuterRef("company"))
    return Reconciliation.objects.filter(Exists(usable), lane=lane, done_at=None)


def _postpone(lane: Lane, row: Reconciliation, now: datetime) -> None:
    with holding(lane):
        later = now + TIMINGS[lane.environment].doubt_gap
        Reconciliation.objects.filter(pk=row.pk).update(due_at=later)


def _renew(lane: Lane, now: datetime) -> None:
    with holding(lane):
        renew(lane, until=now + TIMINGS[lane.environment].lease)
