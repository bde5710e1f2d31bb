"""Which documents somebody asks for: one value for the API's filters, the screens, their sums and files.

Lists and sums touch only what stands in the indexes DOCUMENT_LIST and DOCUMENT_SUMS. The rows are fat with
what was asked, so only those shown are read, by their ids.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from timbre.accounts.scope import Scope
from timbre.dte.codes import NOTAS_DE_CREDITO
from timbre.issuing.models import KNOWN_ISSUED, Document, State
from timbre.issuing.pesos import Pesos, signed
from timbre.issuing.spelling import named
from timbre.issuing.words import ESTADOS, STATUSES, Estado

MAX_TEXT = 100
"""Characters of a search: names have no more, and SQLite compares with no pattern over 50,000."""
CHUNK = 500
"""Documents read at once of a selection that is taken away whole."""
ORDER = ("-accepted_at", "index", "pk")
EMITTED = ESTADOS[Estado.EMITIDO]
UNPAID = EMITTED & Q(is_paid=False)
DRAFTS = ESTADOS[Estado.BORRADOR]
FAT = ("request", "filled", "send_form", "fingerprint", "codigo", "digest")
"""What no list shows."""
_RUT = re.compile(r"\d{1,8}(-?[\dK])?|\d{1,8}-")
_MAX_FOLIO = 10**18


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is asked for; what is left as it is asks for nothing. Amounts are pesos, IVA included."""

    text: str = ""
    company: str = ""
    folio: int | None = None
    types: frozenset[int] = frozenset()
    since: date | None = None
    until: date | None = None
    at_least: int | None = None
    at_most: int | None = None
    estados: tuple[Estado, ...] = ()
    statuses: tuple[str, ...] = ()
    is_paid: bool | None = None
    batch: str | None = None
    external_id: str | None = None

    def within(self, scope: Scope) -> QuerySet[Document]:
        """The documents of the scope that are asked for, newest first."""
        exact = {
            "company": self.company or None,
            "folio": self.folio,
            "tipo__in": self.types or None,
            "date_issued__gte": self.since,
            "date_issued__lte": self.until,
            "total__gte": self.at_least,
            "total__lte": self.at_most,
            "is_paid": self.is_paid,
            "batch": self.batch,
            "external_id": self.external_id,
        }
        rows = Document.within(scope).filter(**{name: v for name, v in exact.items() if v is not None})
        if self.folio is not None:
            rows = rows.filter(EMITTED)
        return rows.filter(matching(self.text), self._standing()).order_by(*ORDER)

    def _standing(self) -> Q:
        wanted = Q()
        for condition in [ESTADOS[e] for e in self.estados] + [STATUSES[s] for s in self.statuses]:
            wanted |= condition
        return wanted


@dataclass(frozen=True, slots=True)
class Sums:
    """How many documents, and their pesos; ``unpaid`` is of those that were issued and are not paid.

    A credit note takes off what it credits: an invoice and the note that annuls it come to nothing.
    Drafts are counted, but their pesos are told apart: nobody asked to issue them.
    """

    count: int = 0
    neto: int = 0
    exento: int = 0
    iva: int = 0
    total: int = 0
    unpaid_count: int = 0
    unpaid: int = 0
    drafts_count: int = 0
    drafts: int = 0


def sums(rows: QuerySet[Document]) -> Sums:
    """Of all these documents, in one walk through the index."""
    # Not under the columns' own names: Django would take those for the columns.
    figures = rows.order_by().aggregate(
        of_count=Count("*"),
        of_neto=Pesos(signed("neto"), filter=~DRAFTS),
        of_exento=Pesos(signed("exento"), filter=~DRAFTS),
        of_iva=Pesos(signed("iva"), filter=~DRAFTS),
        of_total=Pesos(signed("total"), filter=~DRAFTS),
        of_unpaid_count=Count("state", filter=UNPAID),
        of_unpaid=Pesos(signed("total"), filter=UNPAID),
        of_drafts_count=Count("state", filter=DRAFTS),
        of_drafts=Pesos(signed("total"), filter=DRAFTS),
    )
    return Sums(**{name.removeprefix("of_"): figure or 0 for name, figure in figures.items()})


def sums_of(documents: Sequence[Document]) -> Sums:
    """The same of documents that were read already."""
    owed = [d for d in documents if d.state in KNOWN_ISSUED and not d.is_paid]
    drafts = [d for d in documents if d.state == State.DRAFT]
    asked = [d for d in documents if d.state != State.DRAFT]
    return Sums(
        count=len(documents),
        neto=sum(_sign(d) * d.neto for d in asked),
        exento=sum(_sign(d) * d.exento for d in asked),
        iva=sum(_sign(d) * d.iva for d in asked),
        total=sum(_sign(d) * d.total for d in asked),
        unpaid_count=len(owed),
        unpaid=sum(_sign(d) * d.total for d in owed),
        drafts_count=len(drafts),
        drafts=sum(_sign(d) * d.total for d in drafts),
    )


def _sign(document: Document) -> int:
    return -1 if document.tipo in NOTAS_DE_CREDITO else 1


def read(ids: Sequence[str]) -> list[Document]:
    """The documents of these ids, in this order, without what is fat. The ids come from a selection."""
    # By id alone: told whose they are as well, SQLite would rather walk through all of the user's.
    rows = Document.objects.filter(pk__in=ids).select_related("company__entity").defer(*FAT)
    found = {document.pk: document for document in rows}
    return [found[pk] for pk in ids if pk in found]


def walk(rows: QuerySet[Document]) -> Iterator[Document]:
    """All of a selection in its order, a chunk at a time: no cursor stays open for a slow reader."""
    after: tuple[datetime, int, str] | None = None
    while True:
        keys = list(_beyond(rows, after).values_list("accepted_at", "index", "pk")[:CHUNK])
        if not keys:
            return
        yield from read([pk for _, _, pk in keys])
        after = keys[-1]


def matching(text: str) -> Q:
    """One box for a folio, a RUT or its beginning, a piece of a name, an external_id or its beginning, the
    id of a batch or of a document. Digits alone are no name: they are looked for in what is a number.
    """
    text = text.strip()
    if not text:
        return Q()
    if text.startswith("docu_"):
        return Q(pk=text)
    if text.startswith("doba_"):
        return Q(batch=text)
    plain = text.replace(".", "").upper()
    is_number = plain.isascii() and plain.isdigit()
    wanted = Q(external_id__istartswith=text)
    if not is_number:
        wanted |= named("receiver_name", text)
    if _RUT.fullmatch(plain):
        wanted |= Q(receiver_rut__startswith=plain) | Q(receiver_rut=f"{plain[:-1]}-{plain[-1]}")
    if is_number and int(plain) < _MAX_FOLIO:
        wanted |= EMITTED & Q(folio=int(plain))
    return wanted


def _beyond(rows: QuerySet[Document], after: tuple[datetime, int, str] | None) -> QuerySet[Document]:
    if after is None:
        return rows
    at, index, pk = after
    same_place = Q(index__gt=index) | Q(index=index, pk__gt=pk)
    return rows.filter(Q(accepted_at__lt=at) | Q(same_place, accepted_at=at), accepted_at__lte=at)
