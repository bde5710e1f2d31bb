"""The scope: whose rows and which environment. Every query of tenant data starts from one."""

from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import QuerySet

from timbre.work.environments import Environment


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller may see: one user's rows in one environment, nothing else."""

    user_id: str
    environment: str


class Tenant(models.Model):
    """A row that belongs to one user in one environment."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    environment = models.CharField(max_length=10, choices=Environment.choices)

    class Meta:
        abstract = True

    @classmethod
    def within(cls, scope: Scope) -> QuerySet[Self]:
        """The rows of this scope: the only door to tenant data from outside a model's own package."""
        return cls._default_manager.filter(user_id=scope.user_id, environment=scope.environment)

    @property
    def scope(self) -> Scope:
        """The scope this row belongs to."""
        return Scope(self.user_id, self.environment)


class Evidence(Tenant):
    """What has to be kept six years, whatever else is deleted: nobody deletes the user of such a row."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True
