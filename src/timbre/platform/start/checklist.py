"""The way to the first issued invoice and what waits for a person, told from the rows themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from timbre.accounts.models import ApiKey
from timbre.accounts.scope import Scope
from timbre.dte.clock import today_in_chile
from timbre.enrolling.models import Acknowledgement
from timbre.issuing.figures import Figures, figures_of
from timbre.issuing.models import Batch, Document
from timbre.issuing.words import ESTADOS, Estado
from timbre.taxpayers.models import Credential
from timbre.webhooks.models import Webhook
from timbre.work.environments import Environment

RECENT = timedelta(days=7)
LATEST = 5
MOST_COUNTED = 1000
"""Where counting ends: nobody needs to know how many thousands there are."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scope has come."""

    acknowledged: bool
    issuer: str
    """RUT of a company with a valid credential; empty without one."""
    key: bool
    batches: Sequence[Batch]
    """The latest."""
    webhook: bool
    issued: str
    """Id of the first issued document; empty before it."""

    @property
    def complete(self) -> bool:
        return all((self.acknowledged, self.issuer, self.key, self.batches, self.webhook, self.issued))


@dataclass(frozen=True, slots=True)
class Attention:
    """How much waits for a person, each counted up to MOST_COUNTED."""

    doubtful: int
    refused: int
    since: date
    """The first day of emission that ``refused`` counts."""
    credentials: int

    @property
    def any(self) -> bool:
        return bool(self.doubtful or self.refused or self.credentials)


@dataclass(frozen=True, slots=True)
class Row:
    """A batch as the first screen tells it."""

    batch: Batch
    documents: int
    words: Sequence[tuple[Estado, int]]


def progress(scope: Scope, now: datetime) -> Progress:
    sandbox = scope.environment == Environment.SANDBOX
    valid = _credentials(scope).filter(status=Credential.Status.VALID).order_by("created_at")
    issued = Document.within(scope).filter(ESTADOS[Estado.EMITIDO]).order_by("accepted_at", "-index", "-pk")
    return Progress(
        acknowledged=sandbox or Acknowledgement.within(scope).exists(),
        issuer=valid.values_list("company__entity__rut", flat=True).first() or "",
        key=ApiKey.within(scope).filter(ApiKey.living(now)).exists(),
        batches=list(Batch.within(scope).order_by("-created_at", "pk")[:LATEST]),
        webhook=Webhook.within(scope).filter(is_active=True).exists(),
        issued=issued.values_list("pk", flat=True).first() or "",
    )


def attention(scope: Scope, now: datetime) -> Attention:
    mine, since = Document.within(scope), today_in_chile(now) - RECENT
    refused = mine.filter(ESTADOS[Estado.NO_EMITIDO], date_issued__gte=since)
    return Attention(
        doubtful=_count(mine.filter(ESTADOS[Estado.EN_DUDA])),
        refused=_count(refused),
        since=since,
        credentials=_count(_credentials(scope).filter(status=Credential.Status.INVALID)),
    )


def latest(batches: Sequence[Batch]) -> list[Row]:
    """Each batch and how its documents stand, in the order of the words."""
    figures = figures_of(batches)
    return [Row(batch, figures[batch.pk].documents, _words(figures[batch.pk])) for batch in batches]


def _words(figures: Figures) -> list[tuple[Estado, int]]:
    return [(word, figures.words[word]) for word in Estado if word in figures.words]


def _credentials(scope: Scope) -> QuerySet[Credential]:
    return Credential.within(scope).filter(deactivated_at=None, company__unenrolled_at=None)


def _count(rows: QuerySet[Document] | QuerySet[Credential]) -> int:
    return rows.order_by()[:MOST_COUNTED].count()
