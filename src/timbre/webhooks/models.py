"""Webhooks (endpoints), events (what happened) and deliveries (one event owed to one webhook)."""

import uuid
from contextlib import suppress
from datetime import datetime

from django.db import models

from timbre.accounts import vault
from timbre.accounts.ids import new_id
from timbre.accounts.scope import Tenant
from timbre.taxpayers.models import Company
from timbre.work.models import Claimable


def new_webhook_id() -> str:
    return new_id("dowe")


class Webhook(Tenant):
    """Where a company's results go. ``both``, of production alone, brings its RUT's sandbox events too."""

    class Disabled(models.TextChoices):
        GONE = "gone"  # it answered 410
        FAILING = "failing"  # nothing got through for days

    id = models.CharField(primary_key=True, max_length=32, default=new_webhook_id)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=2000)
    events = models.JSONField(default=list)
    secret = models.TextField(default="", blank=True)
    is_active = models.BooleanField(default=True)
    both = models.BooleanField(default=False)
    api_version = models.PositiveSmallIntegerField(default=2)
    sent = models.PositiveIntegerField(default=0)  # attempts, all told
    delivered = models.PositiveIntegerField(default=0)
    slow = models.BooleanField(default=False)
    """The last attempt failed or dragged: one delivery at a time, so that nobody waits behind it."""
    rest_until = models.DateTimeField(null=True)
    """It asked for time (429, 503, Retry-After): nothing is sent to it before."""
    failing_since = models.DateTimeField(null=True)
    """The first failed attempt after the last good one; null while all is well."""
    warned_at = models.DateTimeField(null=True)
    """When its user was told by e-mail that it fails and will be disabled."""
    disabled_at = models.DateTimeField(null=True)
    disabled_reason = models.CharField(max_length=8, choices=Disabled.choices, default="", blank=True)
    previous_secret = models.TextField(default="", blank=True)
    """Still signs, beside the new one, until ``previous_secret_until``."""
    previous_secret_until = models.DateTimeField(null=True)
    inline_files = models.BooleanField(default=False)
    """XML and PDF come within the event, as base64, besides their links."""
    last_status_code = models.PositiveSmallIntegerField(null=True)
    last_sent_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "url"], name="webhook_once")]

    def __str__(self) -> str:
        return self.id

    @property
    def asked_environment(self) -> str:
        """What the API calls its environment: ``sandbox``, ``production`` or ``both``."""
        return "both" if self.both else self.environment

    @property
    def success_rate(self) -> float:
        """Percent of all attempts that were answered 2xx, to one decimal; 0 before the first."""
        return round(100 * self.delivered / self.sent, 1) if self.sent else 0.0

    def keep_secret(self, secret: str) -> None:
        """Seals the signing secret into the row (unsaved); from now on it alone signs."""
        self.secret = vault.seal(secret, place=f"webhook/{self.pk}/secret")
        self.previous_secret, self.previous_secret_until = "", None

    def replace_secret(self, secret: str, *, until: datetime) -> None:
        """Seals the new secret (unsaved); the one before signs beside it ``until`` then.

        One that no longer opens cannot sign any more, and is dropped.
        """
        try:
            before = vault.seal(self.open_secret(), place=f"webhook/{self.pk}/previous_secret")
        except vault.Unopenable:
            before = ""
        self.keep_secret(secret)
        if before:
            self.previous_secret, self.previous_secret_until = before, until

    def open_secret(self) -> str:
        return vault.unseal(self.secret, place=f"webhook/{self.pk}/secret")

    def open_secrets(self, *, now: datetime) -> list[str]:
        """Those that sign at ``now``, the newest first: one, or two while a rotation overlaps."""
        secrets = [self.open_secret()]
        if self.previous_secret_until and now < self.previous_secret_until:
            with suppress(vault.Unopenable):
                place = f"webhook/{self.pk}/previous_secret"
                secrets.append(vault.unseal(self.previous_secret, place=place))
        return secrets


class Event(Tenant):
    """Something that happened, in the words the API tells it. ``seq`` only grows: it is the cursor."""

    seq = models.BigAutoField(primary_key=True)
    id = models.UUIDField(unique=True, default=uuid.uuid4)
    type = models.CharField(max_length=40)
    company = models.ForeignKey(
        Company, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    batch_id = models.CharField(max_length=32, default="", blank=True)
    document_id = models.CharField(max_length=32, default="", blank=True)
    data = models.JSONField()
    files = models.JSONField(default=dict)
    """Payload field -> stored file id (``{"pdf_file": "file_…"}``): links are made fresh at each telling."""
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["user", "environment", "seq"], name="event_cursor"),
            # Each begins with the scope, as every query does: the planner would take the cursor's otherwise.
            models.Index(fields=["user", "environment", "type", "seq"], name="event_of_type"),
            models.Index(fields=["user", "environment", "company", "seq"], name="event_in_company"),
            models.Index(fields=["user", "environment", "batch_id", "seq"], name="event_of_batch"),
            models.Index(fields=["user", "environment", "document_id", "seq"], name="event_of_document"),
            models.Index(fields=["company", "created_at"], name="event_of_company"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.type}"


class Delivery(Claimable):
    """One event owed to one webhook. Its id stays the same over all attempts."""

    class Status(models.TextChoices):
        PENDING = "pending"
        DELIVERED = "delivered"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    resent_after = models.PositiveIntegerField(default=0)
    """Attempts that were over when it was last sent again: its schedule counts from there."""
    status_code = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=200, default="", blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["webhook", "event"], name="delivery_once")]
        indexes = [
            models.Index(fields=["webhook", "status", "-event"], name="delivery_status"),
            models.Index(fields=["webhook", "due_at"], name="delivery_next"),
            models.Index(fields=["webhook", "sent_at", "status"], name="delivery_lately"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Attempt(models.Model):
    """One POST of a delivery and what came back."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="log")
    at = models.DateTimeField()
    url = models.CharField(max_length=2000)
    duration_ms = models.PositiveIntegerField()
    status_code = models.PositiveSmallIntegerField(null=True)
    answer = models.CharField(max_length=2048, default="", blank=True)
    """The beginning of the answer's body, as text."""
    error = models.CharField(max_length=200, default="", blank=True)
    """What was wrong, in Spanish; empty when nothing was."""

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.at}"

    @property
    def good(self) -> bool:
        """Answered 2xx."""
        return self.status_code is not None and 200 <= self.status_code < 300
