"""GET /v2/audit/: who did what in this environment, by key, by screen or at the terminal."""

from collections.abc import Sequence
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from timbre.accounts import audit
from timbre.accounts.errors import Rejection
from timbre.accounts.models import AuditEntry
from timbre.api.answers import Page
from timbre.api.auth import scope_of
from timbre.api.errors import respond
from timbre.api.fields import Instant, told_as
from timbre.api.openapi import documented
from timbre.api.pages import Paged, page_of
from timbre.api.reading import read_query
from timbre.api.shape import STRICT
from timbre.issuing.words import instant

router = Router(tags=["Auditoría"])


class AuditQuery(Paged, total=False):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    action: Annotated[str, told_as(enum=list(audit.ACTIONS))]
    since: Instant
    until: Instant


class AuditTold(TypedDict):
    """Algo que alguien hizo. actor es api:<comienzo de la key>, person:<correo>, cli o timbre."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    id: int
    at: str
    action: str
    description: str
    target: str | None
    actor: str
    address: str | None
    request_id: str | None
    detail: dict[str, Any]


QUERY = TypeAdapter(AuditQuery)


@router.get(
    "/audit/",
    summary="Leer el registro de auditoría",
    **documented(query=QUERY, answers={200: Page[AuditTold]}),
)
def list_entries(request: HttpRequest) -> HttpResponse:
    """Quién hizo qué en este ambiente, de lo más nuevo a lo más antiguo; se guarda dos años.

    Lo de la cuenta misma (ingresos, contraseña) está solo en la plataforma. Requiere el permiso manage.
    """
    query, scope = read_query(request, QUERY), scope_of(request)
    rows = audit.entries(scope.user_id, scope.environment).filter(environment=scope.environment)
    if "action" in query:
        rows = rows.filter(action=_known(query["action"]))
    if "since" in query:
        rows = rows.filter(at__gte=query["since"])
    if "until" in query:
        rows = rows.filter(at__lte=query["until"])
    return respond(page_of(request, rows, query, _present))


def _known(action: str) -> str:
    if action not in audit.ACTIONS:
        message = f"«action» debe ser una de: {', '.join(audit.ACTIONS)}."
        raise Rejection("parameter_invalid", message, param="action")
    return action


def _present(entries: Sequence[AuditEntry]) -> list[dict[str, Any]]:
    return [
        {
            "id": entry.pk,
            "at": instant(entry.at),
            "action": entry.action,
            "description": audit.ACTIONS.get(entry.action, entry.action),
            "target": entry.target or None,
            "actor": entry.actor,
            "address": entry.address or None,
            "request_id": entry.request_id or None,
            "detail": entry.detail,
        }
        for entry in entries
    ]
