"""Whether this process is alive, and whether this installation can do its work."""

from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from timbre.api.errors import respond
from timbre.work import alive


@require_safe
def healthz(_: HttpRequest) -> HttpResponse:
    """200 once the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return respond({"status": "ok"})


@require_safe
def readyz(_: HttpRequest) -> HttpResponse:
    """200 when a batch sent now would be accepted and worked on; 503 else, with what stands in the way.

    The SII is none of it: while it does not answer, documents are accepted and wait.
    """
    checks = _checks()
    ready = all(said == "ok" for said in checks.values())
    return respond({"status": "ok" if ready else "unavailable", "checks": checks}, 200 if ready else 503)


def _checks() -> dict[str, str]:
    checks = dict.fromkeys(("database", "migrations", "workers"), "unknown")
    try:
        applied = MigrationRecorder(connection).applied_migrations()
        checks["database"] = "ok"
        checks["migrations"] = "ok" if _known() <= set(applied) else "pending"
        if checks["migrations"] == "ok":
            checks["workers"] = "ok" if alive.workers(timezone.now()).exists() else "none_alive"
    except DatabaseError:
        checks["database"] = "unreachable"
    return checks


@cache
def _known() -> set[tuple[str, str]]:
    """The migrations of this version."""
    return set(MigrationLoader(None).disk_migrations)
