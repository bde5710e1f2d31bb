"""GET /metrics for Prometheus: what the database knows now, and what this host's processes have counted."""

import hmac
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from timbre.accounts.addresses import client_address
from timbre.accounts.errors import Rejection
from timbre.api.errors import refuse, unknown_path
from timbre.issuing.measured import queues
from timbre.issuing.models import State
from timbre.issuing.restore.straying import comparisons
from timbre.webhooks.measured import troubled
from timbre.webhooks.models import Delivery
from timbre.work import alive
from timbre.work.models import Lane

_HERE = {"127.0.0.1", "::1"}


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """To whoever has TIMBRE_METRICS_TOKEN; without one set, only where nobody from elsewhere can ask, and not
    through a proxy either, whose public address Timbre was not told.
    """
    token: str = settings.METRICS_TOKEN
    if not token and not (settings.LOCAL and client_address(request) in _HERE):
        return refuse(request, unknown_path(request))
    if token and not hmac.compare_digest(
        request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()
    ):
        message = "Falta el encabezado «Authorization: Bearer <TIMBRE_METRICS_TOKEN>», o no es ese."
        return refuse(request, Rejection("unauthenticated", message, status=401))
    figures = CollectorRegistry()
    MultiProcessCollector(figures, path=str(settings.METRICS_DIR))
    figures.register(Present(timezone.now()))
    return HttpResponse(generate_latest(figures), content_type=CONTENT_TYPE_LATEST)


def forget_the_dead() -> None:
    """Drops what processes counted that have ended; so that counters start again together, at a start."""
    for file in Path(settings.METRICS_DIR).glob("*_*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdigit() and not _is_alive(int(pid)):
            file.unlink(missing_ok=True)


class Present(Collector):
    """How everything stands at ``now``, in six queries."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterable[Metric]:
        yield from self._documents()
        yield from self._lanes()
        yield from self._deliveries()
        yield from self._webhooks()
        waiting = comparisons().filter(done_at=None).count()
        yield _one(
            "timbre_reconciliations_open", "Companies to compare with the SII after a restore.", waiting
        )
        yield _one("timbre_workers_alive", "Worker processes alive.", alive.workers(self._now).count())

    def _documents(self) -> Iterator[Metric]:
        """By lane and state first: the order of an index, so that nothing but the index is read."""
        counts: dict[tuple[str, str], int] = {}
        oldest: dict[str, datetime] = {}
        doubtful: dict[str, int] = {}
        for lane, state, count, since in queues():
            environment = lane.split(":")[1]
            counts[environment, state] = counts.get((environment, state), 0) + count
            if state == State.RECEIVED:
                oldest[environment] = min(oldest.get(environment, since), since)
            if state == State.IN_DOUBT:
                doubtful[environment] = doubtful.get(environment, 0) + 1
        yield _many("timbre_documents", "Documents by state.", ["environment", "state"], counts)
        ages = {(each,): (self._now - since).total_seconds() for each, since in oldest.items()}
        said = "Age of the oldest document that is not signed yet; 0 when there is none."
        yield _many("timbre_oldest_document_seconds", said, ["environment"], _both(ages))
        lanes = {(each,): count for each, count in doubtful.items()}
        said = "Lanes with a document in doubt: nothing more is issued in them until it is settled."
        yield _many("timbre_lanes_in_doubt", said, ["environment"], _both(lanes))

    def _lanes(self) -> Iterator[Metric]:
        closed = (
            Lane.objects.filter(closed_until__gt=self._now)
            .order_by()
            .values_list("environment", "closed_reason")
        )
        counts = {(env, reason): count for env, reason, count in closed.annotate(count=Count("*"))}
        said = "Lanes the SII has closed, by reason."
        yield _many("timbre_lanes_closed", said, ["environment", "reason"], counts)

    def _deliveries(self) -> Iterator[Metric]:
        waiting = Delivery.objects.exclude(due_at=None).aggregate(count=Count("*"), due=Min("due_at"))
        late = (self._now - waiting["due"]).total_seconds() if waiting["due"] else 0
        yield _one(
            "timbre_deliveries_pending", "Deliveries on their way or to be tried again.", waiting["count"]
        )
        said = "How long the delivery that has waited longest has been due; 0 when none is."
        yield _one("timbre_oldest_delivery_seconds", said, max(late, 0))

    def _webhooks(self) -> Iterator[Metric]:
        found = troubled()
        yield _one("timbre_webhooks_disabled", "Webhooks disabled because they failed.", found["disabled"])
        yield _one("timbre_webhooks_failing", "Webhooks whose last attempts failed.", found["failing"])


def _one(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(name, said, value=value)


def _many(name: str, said: str, labels: list[str], values: Mapping[Any, float]) -> Metric:
    family = GaugeMetricFamily(name, said, labels=labels)
    for each, value in sorted(values.items()):
        family.add_metric(each, value)
    return family


def _both(values: Mapping[Any, float]) -> Mapping[Any, float]:
    """Zero is said, too: an alert on what is not there never rings."""
    return {(environment,): 0 for environment in ("sandbox", "production")} | dict(values)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
