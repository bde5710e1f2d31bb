"""The way to the first issued invoice and what waits for a person, told from the rows themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from timbre.accounts.models import ApiKey
from timbre.accounts.scope import Scope
from timbre.dte.clock import today_in_chile
from timbre.enrolling.models import Acknowledgement
from timbre.issuing.figures import Figures, figures_of
from timbre.issuing.models import Batch, Document
from timbre.issuing.words import ESTADOS, Estado
from timbre.platform.hooks.rows import HookRow
from timbre.taxpayers.models import Credential
from timbre.webhooks.models import Webhook
from timbre.work.environments import Environment

RECENT = timedelta(days=7)
LATEST = 5
MOST_WEBHOOKS = 5


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
    """How much waits for a person."""

    doubtful: int
    refused: int
    since: date
    """The first day of emission that ``refused`` counts."""
    credentials: int
    webhooks: Sequence[HookRow]
    """Those that were disabled, or that nothing reaches."""

    @property
    def any(self) -> bool:
        return bool(self.doubtful or self.refused or self.credentials or self.webhooks)


@dataclass(frozen=True, slots=True)
class Row:
    """A batch as the first screen tells it."""

    batch: Batch
    documents: int
    words: Sequence[tuple[Estado, int]]


def progress(scope: Scope, credentials: Sequence[Credential], now: datetime) -> Progress:
    sandbox = scope.environment == Environment.SANDBOX
    valid = [c for c in credentials if _in_use(c) and c.status == Credential.Status.VALID]
    issued = Document.within(scope).filter(ESTADOS[Estado.EMITIDO]).order_by("accepted_at", "-index", "-pk")
    return Progress(
        acknowledged=sandbox or Acknowledgement.within(scope).exists(),
        issuer=valid[0].company.entity.rut if valid else "",
        key=ApiKey.within(scope).filter(ApiKey.living(now)).exists(),
        batches=list(Batch.within(scope).order_by("-created_at", "pk")[:LATEST]),
        webhook=Webhook.within(scope).filter(Q(is_active=True) | ~Q(disabled_at=None)).exists(),
        issued=issued.values_list("pk", flat=True).first() or "",
    )


def attention(scope: Scope, credentials: Sequence[Credential], now: datetime) -> Attention:
    """With 100,000 documents, too: by their lanes what is in doubt is found without a search, and what was
    accepted lately is one stretch of the index that lists are read from.
    """
    mine, since = Document.within(scope), today_in_chile(now) - RECENT
    doubtful = mine.filter(ESTADOS[Estado.EN_DUDA], lane__in={c.lane_id for c in credentials})
    # No document is issued on a day after the one it was accepted on.
    lately = mine.filter(date_issued__gte=since, accepted_at__gte=now - RECENT - timedelta(days=1))
    return Attention(
        doubtful=doubtful.count(),
        refused=lately.filter(ESTADOS[Estado.NO_EMITIDO]).count(),
        since=since,
        credentials=sum(_in_use(c) and c.status == Credential.Status.INVALID for c in credentials),
        webhooks=unreached(scope),
    )


def unreached(scope: Scope) -> list[HookRow]:
    """The webhooks that were disabled, or that nothing reaches; not those a person paused."""
    rows = Webhook.within(scope).filter(~Q(disabled_at=None) | ~Q(failing_since=None) & Q(is_active=True))
    ordered = rows.select_related("company__entity").order_by("is_active", "failing_since", "pk")
    return [HookRow(webhook) for webhook in ordered[:MOST_WEBHOOKS]]


def credentials_of(scope: Scope) -> list[Credential]:
    """All there ever were, oldest first, without their secrets."""
    rows = Credential.within(scope).select_related("company__entity").order_by("created_at", "pk")
    return list(rows.defer("clave", "certificate_password", "clave_fingerprint"))


def latest(batches: Sequence[Batch]) -> list[Row]:
    """Each batch and how its documents stand, in the order of the words."""
    figures = figures_of(batches)
    return [Row(batch, figures[batch.pk].documents, _words(figures[batch.pk])) for batch in batches]


def _words(figures: Figures) -> list[tuple[Estado, int]]:
    return [(word, figures.words[word]) for word in Estado if word in figures.words]


def _in_use(credential: Credential) -> bool:
    return credential.deactivated_at is None and credential.company.unenrolled_at is None
