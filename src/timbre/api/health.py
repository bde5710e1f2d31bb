"""Whether this process can do its work."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from timbre.api.errors import respond


@require_safe
def healthz(_: HttpRequest) -> HttpResponse:
    """200 once the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return respond({"status": "ok"})
