"""Sandbox and production: two worlds that share tables and never meet."""

from django.db.models import TextChoices


class Environment(TextChoices):
    """Where a row belongs. Every tenant row, lane and master entity has exactly one."""

    SANDBOX = "sandbox", "Sandbox"
    PRODUCTION = "production", "Producción"
