"""A batch as its screens tell it: segments of a bar, troubles with what helps, and whose it is."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Case, QuerySet, Value, When

from timbre.accounts.scope import Scope
from timbre.issuing.figures import TROUBLE, Figures, Standing, figures_of
from timbre.issuing.models import Batch, Document
from timbre.issuing.words import ESTADOS, Estado, estado_of
from timbre.platform.advice import Action, Advice, advise
from timbre.platform.documents.words import field_name
from timbre.taxpayers.models import Company

MARKS = {
    Standing.EN_PROCESO: "wait",
    Standing.CON_PROBLEMAS: "doubt",
    Standing.TERMINADO: "good",
    Standing.NINGUNO: "bad",
    Standing.BORRADORES: "off",
}
MOST_TROUBLES, MOST_LINES = 10, 5
"""What is told of troubles on a screen; the rest is a link away."""
_FAT = ("request", "filled", "send_form", "fingerprint")
_ALONG_THE_WAY = (
    Estado.EMITIDO,
    Estado.EN_CAMINO,
    Estado.ESPERANDO,
    Estado.EN_DUDA,
    Estado.NO_EMITIDO,
    Estado.BORRADOR,
)
_WORST_FIRST = (Estado.EN_DUDA, Estado.NO_EMITIDO, Estado.ESPERANDO)


@dataclass(frozen=True, slots=True)
class Segment:
    """``count`` documents of one Estado, after ``start`` others: a stretch of the bar, in documents."""

    slug: str
    label: str
    start: int
    count: int


@dataclass(frozen=True, slots=True)
class Told:
    """A batch with its figures and the names of its companies."""

    batch: Batch
    figures: Figures
    companies: Sequence[Company]

    @property
    def names(self) -> str:
        """``Panadería Ñandú SpA``, or ``Panadería Ñandú SpA y 2 más``."""
        first, *others = [company.entity.name or company.entity.rut for company in self.companies] or [""]
        return f"{first} y {len(others)} más" if others else first

    @property
    def mark(self) -> str:
        return MARKS[self.figures.standing]

    @property
    def segments(self) -> list[Segment]:
        """In the order of the way, only those there are."""
        told, start = [], 0
        for word in _ALONG_THE_WAY:
            if count := self.figures.words.get(word, 0):
                told.append(Segment(str(word.value), str(word.label), start, count))
                start += count
        return told

    @property
    def issued(self) -> int:
        return self.figures.words.get(Estado.EMITIDO, 0)


@dataclass(slots=True)
class Trouble:
    """Documents with one and the same trouble. ``action`` is for all of them, or None."""

    estado: str
    advice: Advice
    param: str
    lines: list[Document]
    actions: list[Action | None]

    @property
    def action(self) -> Action | None:
        return self.actions[0] if all(each == self.actions[0] for each in self.actions) else None

    @property
    def field(self) -> str:
        """What the trouble is about: ``Dirección del receptor``."""
        return field_name(self.param)

    @property
    def shown(self) -> list[Document]:
        return self.lines[:MOST_LINES]

    @property
    def untold(self) -> int:
        return len(self.lines) - len(self.shown)


def tell(scope: Scope, batches: Sequence[Batch]) -> list[Told]:
    """The batches with their figures and companies: two queries, however many there are."""
    figures = figures_of(batches)
    wanted = {company_id for each in figures.values() for company_id in each.company_ids}
    named = Company.within(scope).filter(pk__in=wanted).select_related("entity").order_by("entity__name")
    companies = list(named)
    return [
        Told(batch, figures[batch.pk], [c for c in companies if c.pk in figures[batch.pk].company_ids])
        for batch in batches
    ]


def lines_of(scope: Scope, batch: Batch) -> QuerySet[Document]:
    """The batch's documents in their places, with their companies and without what no line shows."""
    rows = Document.within(scope).filter(batch=batch).select_related("company__entity")
    return rows.defer(*_FAT).order_by("index")


def troubles_of(lines: QuerySet[Document]) -> list[Trouble]:
    """What needs attention, the worst first; what is the same is told once."""
    worst = Case(*(When(ESTADOS[word], then=Value(n)) for n, word in enumerate(_WORST_FIRST)))
    return _alike(lines.filter(TROUBLE).order_by(worst, "index"))


def _alike(documents: Iterable[Document]) -> list[Trouble]:
    troubles: dict[tuple[str, str, str, str], Trouble] = {}
    for document in documents:
        said = advise(document)
        if said is None:
            continue
        estado = str(estado_of(document.state, document.error_code).value)
        same = (estado, said.happened, said.means, document.error_param)
        trouble = troubles.setdefault(same, Trouble(estado, said, document.error_param, [], []))
        trouble.lines.append(document)
        trouble.actions.append(said.action)
    return list(troubles.values())


def seen(figures: Figures) -> str:
    """A mark that changes when a document of the batch moves; to know that there is nothing new to show."""
    return hashlib.sha256(repr(sorted(figures.counts.items())).encode()).hexdigest()[:12]
