"""Batches, documents, their history, their files, and the keys that make a request safe to repeat."""

import hashlib
from functools import cached_property
from typing import Any

from django.db import models
from django.db.models import Q

from timbre.accounts.ids import new_id
from timbre.accounts.scope import Evidence, Tenant
from timbre.dte.totals import Totales, compute_totals
from timbre.issuing.asking import to_documento
from timbre.issuing.restore.models import Reconciliation as Reconciliation
from timbre.issuing.restore.models import Stray as Stray
from timbre.taxpayers.models import Company, Credential
from timbre.work.models import Lane


def new_batch_id() -> str:
    return new_id("doba")


def new_document_id() -> str:
    return new_id("docu")


def new_file_id() -> str:
    return new_id("file")


class Batch(Evidence):
    """Documents accepted together."""

    class Status(models.TextChoices):
        CREATED = "created"
        PROCESSING = "processing"
        COMPLETED = "completed"
        FAILED = "failed"

    id = models.CharField(primary_key=True, max_length=32, default=new_batch_id)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PROCESSING)
    idempotency_key = models.CharField(max_length=256, default="", blank=True)
    scenario = models.CharField(max_length=40, default="", blank=True)
    """What the simulated SII is to do with its documents; sandbox alone."""
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "environment", "-created_at"], name="batch_newest")]

    def __str__(self) -> str:
        return self.id


class State(models.TextChoices):
    """Where a document is on its way (design, section 4). A draft is on none until somebody issues it."""

    DRAFT = "draft"
    RECEIVED = "received"
    SENDING = "sending"
    IN_DOUBT = "in_doubt"
    ISSUED = "issued"
    DONE = "done"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    INCOMPLETE = "incomplete"


KNOWN_ISSUED = (State.ISSUED, State.DONE)
KNOWN_NOT_ISSUED = (State.REFUSED, State.EXPIRED, State.CANCELLED)
FINAL = (State.DONE, *KNOWN_NOT_ISSUED, State.INCOMPLETE)


UNSIGNED: dict[str, Any] = {
    "folio": None,
    "codigo": "",
    "digest": "",
    "send_form": {},
    "sends": 0,
    "absent_since": None,
    "send_deadline": None,
    "issued_at": None,
}
"""The columns of a document as they are before it is signed: nothing of an earlier signing may stay."""


DOCUMENT_LIST = (
    "user", "environment", "-accepted_at", "index", "id", "company", "tipo", "state", "error_code",
    "error_param", "date_issued", "is_paid", "total", "neto", "exento", "iva", "folio", "receiver_rut",
    "receiver_name", "external_id", "batch",
)  # fmt: skip
"""All that a list is filtered by, sorted by and summed up: answered from this index alone, never from the
rows, which are fat with what was asked. Lists find ids first, then read the few rows of a page."""

DOCUMENT_SUMS = (
    "user", "environment", "accepted_at", "total", "neto", "exento", "iva", "is_paid", "state", "date_issued",
    "tipo", "company", "error_code",
)  # fmt: skip
"""The same for sums that ask for no words. Half as wide, and it grows at its end, so that its pages are
full: adding up 100,000 documents takes half the time."""


class Document(Evidence):
    """One DTE from request to the SII's files."""

    id = models.CharField(primary_key=True, max_length=32, default=new_document_id)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="documents")
    index = models.PositiveSmallIntegerField()
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    credential = models.ForeignKey(Credential, on_delete=models.PROTECT, related_name="+")
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=128, default="", blank=True)
    fingerprint = models.CharField(max_length=64)
    """Of what was asked, to warn of a second one within a day; twins are allowed."""
    request = models.JSONField()
    """What was asked, in the API's words, with the defaults filled in."""
    filled = models.JSONField(default=dict)
    """Path of each field that was filled in -> from where (``{"document_issuer.address": "company"}``)."""

    tipo = models.PositiveSmallIntegerField()
    date_issued = models.DateField()
    receiver_rut = models.CharField(max_length=10)
    receiver_name = models.CharField(max_length=100, default="", blank=True)
    neto = models.BigIntegerField()
    exento = models.BigIntegerField()
    iva = models.BigIntegerField()
    total = models.BigIntegerField()

    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    due_at = models.DateTimeField(null=True)
    issue_until = models.DateTimeField()
    """When it expires; a draft is forgotten."""
    failures = models.PositiveSmallIntegerField(default=0)
    error_code = models.CharField(max_length=64, default="", blank=True)
    error_message = models.TextField(default="", blank=True)
    error_param = models.CharField(max_length=120, default="", blank=True)
    sii_words = models.TextField(default="", blank=True)

    folio = models.BigIntegerField(null=True)
    codigo = models.CharField(max_length=40, default="", blank=True)
    digest = models.CharField(max_length=40, default="", blank=True)
    send_form = models.JSONField(default=dict)
    signings = models.PositiveSmallIntegerField(default=0)
    sends = models.PositiveSmallIntegerField(default=0)
    """How often the bytes signed last were sent."""
    send_deadline = models.DateTimeField(null=True)
    absent_since = models.DateTimeField(null=True)
    """The first look into the SII's list that did not find it; doubt needs two, some time apart."""

    is_paid = models.BooleanField(default=False)
    accepted_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["lane", "state", "company", "accepted_at", "index"], name="document_queues"),
            models.Index(fields=DOCUMENT_LIST, name="document_list"),
            models.Index(fields=DOCUMENT_SUMS, name="document_sums"),
            models.Index(
                fields=["batch", "state", "error_code", "company", "total", "tipo"], name="document_counts"
            ),
            models.Index(fields=["company", "tipo", "folio"], name="document_folio"),
            models.Index(fields=["company", "fingerprint", "accepted_at"], name="document_twins"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["batch", "index"], name="document_place"),
            models.UniqueConstraint(
                fields=["company", "external_id"],
                condition=~Q(external_id="") & ~Q(state__in=["refused", "expired", "cancelled"]),
                name="external_id_once",
            ),
            models.UniqueConstraint(
                fields=["company", "tipo", "folio"],
                condition=Q(state__in=["issued", "done"]),
                name="folio_once",
            ),
        ]

    def __str__(self) -> str:
        return self.id

    @cached_property
    def totales(self) -> Totales:
        """Worked out from what was asked, which keeps its amounts for good; once for each time it is read."""
        return compute_totals(to_documento(self.request))

    @property
    def scenario(self) -> str:
        """What the simulated SII is told with each of the document's requests; blank for nothing."""
        return f"{self.batch.scenario} {self.pk}" if self.batch.scenario else ""


class DocumentState(models.Model):
    """One thing that happened to a document. Only appended to."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="states")
    at = models.DateTimeField()
    code = models.CharField(max_length=24)
    description = models.CharField(max_length=400)
    actor = models.CharField(max_length=60, default="timbre")
    evidence = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.document_id} {self.code}"


class Reference(models.Model):
    """That a document names another one: by the SII's type code and its folio, without zeros before it."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    tipo = models.CharField(max_length=3)
    folio = models.CharField(max_length=18)
    codigo = models.PositiveSmallIntegerField(null=True)
    """CodRef: 1 annuls, 2 corrects text, 3 corrects amounts; only notes have it."""

    class Meta:
        indexes = [models.Index(fields=["company", "tipo", "folio"], name="reference_to")]

    def __str__(self) -> str:
        return f"{self.document_id} {self.tipo} {self.folio}"


class StoredFile(Evidence):
    """Evidence: the bytes of an XML (ISO-8859-1, exactly as sent) or of a PDF, with their SHA-256."""

    class Kind(models.TextChoices):
        XML = "xml"
        PDF = "pdf"

    id = models.CharField(primary_key=True, max_length=32, default=new_file_id)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="files")
    kind = models.CharField(max_length=3, choices=Kind.choices)
    current = models.BooleanField(default=True)
    """False for signed bytes that were never issued, because their folio went to another document."""
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True)
    """When the SII's own copy was seen to carry the same digest (XML)."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "kind"], condition=Q(current=True), name="file_once")
        ]

    def __str__(self) -> str:
        return self.id

    @classmethod
    def of(cls, document: Document, kind: "StoredFile.Kind", content: bytes) -> "StoredFile":
        """An unsaved file of the document."""
        return cls(
            user_id=document.user_id,
            environment=document.environment,
            document=document,
            kind=kind,
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
        )


class IdempotencyKey(Tenant):
    """A request answered once: the same body gets the same answer, another body a 409. Kept a year."""

    key = models.CharField(max_length=256)
    fingerprint = models.CharField(max_length=64)
    answer = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "environment", "key"], name="idempotency_key_once")
        ]

    def __str__(self) -> str:
        return self.key
