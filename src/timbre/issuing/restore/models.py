"""What is remembered after a backup was restored: what to compare with the SII, and what that found."""

from django.db import models
from django.db.models import Q

from timbre.accounts.scope import Evidence
from timbre.taxpayers.models import Company
from timbre.work.models import Lane


class Reconciliation(models.Model):
    """A company to be compared with the SII, in a lane, after a backup was restored: until it is done, the
    company issues nothing there and its documents that were not final stay in doubt.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+")
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    """The backup's moment: what was saved before it is known, what was issued after it may not be."""
    restored_at = models.DateTimeField()
    due_at = models.DateTimeField()
    """When the SII's list is looked at (again)."""
    looks = models.PositiveSmallIntegerField(default=0)
    """Whole looks so far: two, some time apart, are what it takes to know that something is not there."""
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["lane", "done_at", "due_at"], name="reconciliation_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "lane"], condition=Q(done_at=None), name="reconciliation_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.company_id} {self.lane_id}"


class Stray(Evidence):
    """A document the SII issued for a company and Timbre does not know: issued after the restored backup."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+")
    tipo = models.PositiveSmallIntegerField()
    folio = models.BigIntegerField()
    codigo = models.CharField(max_length=40)
    date_issued = models.DateField()
    receiver_rut = models.CharField(max_length=10)
    total = models.BigIntegerField()
    digest = models.CharField(max_length=40)
    content_key = models.CharField(max_length=64)
    """Equal for equal content (``sii.portal.matching``)."""
    signed_at = models.DateTimeField()
    """By the SII's clock (TmstFirma)."""
    xml = models.BinaryField()
    found_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    """When it was told as unknown; before that it may still turn out to be a document in doubt."""

    class Meta:
        indexes = [models.Index(fields=["company", "content_key"], name="stray_content")]
        constraints = [models.UniqueConstraint(fields=["company", "tipo", "folio"], name="stray_once")]

    def __str__(self) -> str:
        return f"{self.company_id} {self.tipo} {self.folio}"
