"""A lane is a queue in which things happen one at a time; a claimable row is work that somebody may lease."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from timbre.work.environments import Environment


class Claimable(models.Model):
    """A row that is work: due at a time, leased by whoever holds ``token`` until ``lease_until``."""

    due_at = models.DateTimeField(null=True, db_index=True)
    lease_until = models.DateTimeField(null=True)
    token = models.CharField(max_length=32, default="", blank=True)

    class Meta:
        abstract = True


class Chore(Claimable):
    """What has to be done now and then by one worker, whichever it is: its id says what."""

    id = models.CharField(primary_key=True, max_length=32)

    def __str__(self) -> str:
        return self.id


class Lane(Claimable):
    """One queue to the SII. Its id says all: ``portal:sandbox:12345678-5`` is a person's one session."""

    id = models.CharField(primary_key=True, max_length=64)
    environment = models.CharField(max_length=10, choices=Environment.choices)
    gateway = models.CharField(max_length=12)
    holder = models.CharField(max_length=24)
    last_served = models.DateTimeField(null=True)
    closed_until = models.DateTimeField(null=True)
    closed_reason = models.CharField(max_length=40, default="", blank=True)
    session = models.TextField(default="", blank=True)
    session_owner = models.CharField(max_length=64, default="", blank=True)
    failures = models.PositiveIntegerField(default=0)
    rest_until = models.DateTimeField(null=True)
    """The SII could not be reached, or asked to be left alone: nothing wakes the lane before."""

    class Meta:
        indexes = [models.Index(fields=["due_at", "last_served"], name="lane_due")]

    def __str__(self) -> str:
        return self.id

    @classmethod
    def awake(cls, now: datetime) -> models.QuerySet["Lane"]:
        """The lanes whose person the SII lets in, and that do not rest."""
        return cls.objects.filter(
            Q(closed_until=None) | Q(closed_until__lte=now), Q(rest_until=None) | Q(rest_until__lte=now)
        )

    @classmethod
    def portal(cls, environment: str, person_rut: str) -> "Lane":
        """The lane of a person's portal session, created when new. One per (environment, RUT)."""
        lane, _ = cls.objects.get_or_create(
            id=f"portal:{environment}:{person_rut}",
            defaults={"environment": environment, "gateway": "portal", "holder": person_rut},
        )
        return lane

    @classmethod
    def wake(cls, lane_ids: list[str], now: datetime) -> None:
        """Says that there is work: the first thing a transaction does that will save some.

        The lock makes whoever hands the lane back wait for that work and see it, and taking it before any
        other row keeps the order in which workers lock.
        """
        list(cls.objects.select_for_update().filter(id__in=lane_ids).order_by("id").values_list("id"))
        cls.objects.filter(id__in=lane_ids).filter(Q(due_at=None) | Q(due_at__gt=now)).update(due_at=now)


class Beat(models.Model):
    """A worker process, ``host:pid``, and when it last said that it is alive."""

    id = models.CharField(primary_key=True, max_length=80)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.id
