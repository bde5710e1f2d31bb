"""What batches come to: how many documents stand how, what they add up to, whose they are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, TextChoices

from timbre.accounts.scope import Scope
from timbre.issuing.models import FINAL, KNOWN_NOT_ISSUED, Batch, Document, DocumentState, State
from timbre.issuing.pesos import Pesos, signed
from timbre.issuing.restore.adopting import UNSENT
from timbre.issuing.words import ESTADOS, Estado, estado_of

TROUBLE = Q(state__in=[State.REFUSED, State.EXPIRED]) | ESTADOS[Estado.EN_DUDA] | ESTADOS[Estado.ESPERANDO]
"""Documents somebody should look at. What a person cancelled is no trouble."""


class Standing(TextChoices):
    """How a batch stands, in the words that people read."""

    EN_PROCESO = "en_proceso", "En proceso"
    CON_PROBLEMAS = "con_problemas", "Con problemas"
    TERMINADO = "terminado", "Terminado"
    NINGUNO = "ninguno", "Ninguno emitido"
    BORRADORES = "borradores", "Borradores"


@dataclass(frozen=True, slots=True)
class Figures:
    """One batch: its documents counted by state and error code, the sum of their totals in pesos, whose.

    A credit note takes off what it credits. ``drafted`` is the sum of its drafts, which are not in ``total``.
    """

    counts: Mapping[tuple[str, str], int]
    total: int
    drafted: int
    company_ids: frozenset[str]

    @property
    def documents(self) -> int:
        return sum(self.counts.values())

    @property
    def words(self) -> Mapping[Estado, int]:
        """How many there are of each word; only those there are."""
        words: Counter[Estado] = Counter()
        for (state, error_code), count in self.counts.items():
            words[estado_of(state, error_code)] += count
        return words

    @property
    def finished(self) -> bool:
        """Whether nothing of it is under way any more."""
        return self.among(State.DRAFT, *FINAL) == self.documents

    @property
    def cancellable(self) -> int:
        """How many a cancellation would stop now, or once they were compared with the SII."""
        return self.among(State.RECEIVED) + self.uncompared

    @property
    def uncompared(self) -> int:
        """How many a restored backup shows unsent, so that a cancellation has to wait for the SII's list."""
        return self.counts.get((State.IN_DOUBT, UNSENT), 0)

    @property
    def retriable(self) -> int:
        """How many are known not issued."""
        return self.among(*KNOWN_NOT_ISSUED)

    @property
    def standing(self) -> Standing:
        if self.among(State.DRAFT) == self.documents:
            return Standing.BORRADORES
        if self.retriable == self.documents:
            return Standing.NINGUNO
        words, refused = self.words, self.retriable - self.among(State.CANCELLED)
        if refused or words.get(Estado.EN_DUDA) or words.get(Estado.ESPERANDO):
            return Standing.CON_PROBLEMAS
        return Standing.TERMINADO if self.finished else Standing.EN_PROCESO

    def among(self, *states: State) -> int:
        """How many are in one of these states."""
        return sum(count for (state, _), count in self.counts.items() if state in states)


def figures_of(batches: Sequence[Batch]) -> dict[str, Figures]:
    """The figures of each batch by its id: one query, answered from the index ``document_counts`` alone."""
    grouped = Document.objects.filter(batch__in=[batch.pk for batch in batches])
    rows = grouped.values_list("batch", "state", "error_code", "company").annotate(
        n=Count("*"), pesos=Pesos(signed("total"))
    )
    by_batch: dict[str, list[_Row]] = {batch.pk: [] for batch in batches}
    for batch_id, *row in rows.order_by("batch"):
        by_batch[batch_id].append(_Row(*row))
    return {batch_id: _add_up(found) for batch_id, found in by_batch.items()}


def listed(scope: Scope, *, company_id: str = "", standing: str = "") -> QuerySet[Batch]:
    """The scope's batches, newest first; or those of a company, under way or in trouble."""
    found = Batch.within(scope).order_by("-created_at", "pk")
    theirs = Document.objects.filter(batch=OuterRef("pk"))
    if company_id:
        found = found.filter(Exists(theirs.filter(company=company_id)))
    if standing == Standing.EN_PROCESO:
        found = found.filter(status=Batch.Status.PROCESSING)
    if standing == Standing.CON_PROBLEMAS:
        found = found.filter(Exists(theirs.filter(TROUBLE)))
    return found


def beginning_of(batch: Batch) -> DocumentState | None:
    """The first thing that happened to it: who asked for it stands there."""
    happened = DocumentState.objects.filter(document__batch=batch)
    return happened.order_by("document__index", "at", "pk").first()


@dataclass(frozen=True, slots=True)
class _Row:
    state: str
    error_code: str
    company_id: str
    documents: int
    pesos: int


def _add_up(rows: Sequence[_Row]) -> Figures:
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        counts[row.state, row.error_code] += row.documents
    drafted = sum(row.pesos for row in rows if row.state == State.DRAFT)
    total = sum(row.pesos for row in rows) - drafted
    return Figures(counts, total, drafted, frozenset(row.company_id for row in rows))
