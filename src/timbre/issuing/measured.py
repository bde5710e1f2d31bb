"""Documents by the state they came to: counted and logged once it is saved."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import structlog
from django.db.models import Count, Min
from prometheus_client import Counter
from structlog.contextvars import bound_contextvars

from timbre.issuing.models import Document

log = structlog.get_logger("issuing")
MOVED = Counter("timbre_documents_moved", "Documents that came to a state.", ["environment", "state"])


def queues() -> Iterable[tuple[str, str, int, datetime]]:
    """Lane, state, how many documents and the oldest one's instant; of all users, from one index alone."""
    found = Document.objects.order_by().values_list("lane_id", "state")
    return found.annotate(count=Count("*"), since=Min("accepted_at"))


@contextmanager
def named(documents: Sequence[Document]) -> Iterator[None]:
    """Every log line while they are worked on says which: one by its ids, many by their company."""
    first = documents[0]
    one = {"document_id": first.pk, "batch_id": first.batch_id}
    with bound_contextvars(**one if len(documents) == 1 else {"company_id": first.company_id}):
        yield


def tell(moved: Iterable[tuple[Document, str]]) -> None:
    """Of moves that were committed."""
    for document, state in moved:
        MOVED.labels(document.environment, state).inc()
        log.info("document", document_id=document.pk, batch_id=document.batch_id, state=state)
