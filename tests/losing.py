"""A database that was lost and restored: what a backup says of documents, and what it never heard of."""

from datetime import datetime
from typing import Any

from offices import Office, factura
from timbre.issuing.models import Document, DocumentState, State, StoredFile
from timbre.issuing.restore import closing as restoring
from timbre.webhooks.models import Event


def item(name: str = "Caja", **changes: Any) -> dict[str, Any]:
    details = [{"item_name": name, "quantity": "1", "unit_price": "1000"}]
    return factura(details=details, **changes)


def forget(*documents: Document) -> None:
    """The documents as they were before they were signed: what a backup made then says of them."""
    for document in documents:
        StoredFile.objects.filter(document=document).delete()
        DocumentState.objects.filter(document=document).exclude(code="received").delete()
        blank = {"folio": None, "codigo": "", "digest": "", "issued_at": None, "sends": 0, "signings": 0}
        Document.objects.filter(pk=document.pk).update(state=State.RECEIVED, **blank)
    batches = {document.batch_id for document in documents}
    for document in documents:
        document.batch.__class__.objects.filter(pk__in=batches).update(status="processing")


def lose(*documents: Document) -> None:
    """Documents accepted after the backup: the restored database never heard of them."""
    for document in documents:
        StoredFile.objects.filter(document=document).delete()
        DocumentState.objects.filter(document=document).delete()
        Event.objects.filter(document_id=document.pk).delete()
        Document.objects.filter(pk=document.pk).delete()


def restore(office: Office, *, since: datetime) -> restoring.Closed:
    return restoring.close(since=since, now=office.clock())


def reconcile(office: Office) -> None:
    """Lets the time of both looks pass, and what follows from them."""
    for _ in range(4):
        office.pass_time(seconds=15)
        office.work()


def states(*documents: Document) -> list[str]:
    return [Document.objects.get(pk=document.pk).state for document in documents]
