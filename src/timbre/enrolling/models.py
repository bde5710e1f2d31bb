"""One try of a credential at the SII."""

from django.db import models

from timbre.accounts.ids import new_id
from timbre.accounts.scope import Tenant
from timbre.taxpayers.models import Credential, MasterEntity
from timbre.work.models import Lane


def new_enrollment_id() -> str:
    return new_id("cenr")


class Enrollment(Tenant):
    """Whether the SII lets a person in for a company; ``error`` means that it could not be asked."""

    class Status(models.TextChoices):
        PENDING = "pending"
        VALID = "valid"
        INVALID = "invalid"
        ERROR = "error"

    id = models.CharField(primary_key=True, max_length=32, default=new_enrollment_id)
    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="enrollments")
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PENDING)
    error_code = models.CharField(max_length=40, default="", blank=True)
    error = models.TextField(default="", blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    """When the SII is asked (again); an ``error`` may still become ``valid`` or ``invalid``. None: known."""
    clave_fingerprint = models.CharField(max_length=64, default="", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["lane", "due_at"], name="enrollment_due")]

    def __str__(self) -> str:
        return self.id


class Acknowledgement(Tenant):
    """A person's recorded word before a company enters production (design, 2.10). Only appended to."""

    entity = models.ForeignKey(MasterEntity, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    email = models.CharField(max_length=254)
    address = models.CharField(max_length=45, default="", blank=True)
    text = models.TextField()
    """What was on the screen, word by word."""

    class Meta:
        indexes = [models.Index(fields=["user", "entity"], name="acknowledged")]

    def __str__(self) -> str:
        return f"{self.email} {self.at}"
