"""/v2/connections/: the same credentials as the published client sees them (contract 3.3)."""

from typing import Annotated, Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from timbre.accounts.errors import NotFound, Rejection
from timbre.api.answers import Connection, Connections
from timbre.api.auth import scope_of
from timbre.api.errors import respond
from timbre.api.fields import Counting, told_as
from timbre.api.openapi import documented
from timbre.api.reading import read_query
from timbre.api.searching import MAX_TEXT, names
from timbre.api.shape import STRICT
from timbre.dte.rut import with_dots
from timbre.enrolling import enroll
from timbre.issuing.words import instant
from timbre.taxpayers.models import Credential

router = Router(tags=["Conexiones"])
DEFAULT_LIMIT, MAX_LIMIT = 25, 100


class ConnectionQuery(TypedDict, total=False):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    search: Annotated[str, told_as(pattern=r"\S[\s\S]*\S", maxLength=MAX_TEXT)]
    limit: Counting


QUERY = TypeAdapter(ConnectionQuery)


@router.get(
    "/connections/", summary="Listar conexiones", **documented(query=QUERY, answers={200: Connections})
)
def list_connections(request: HttpRequest) -> HttpResponse:
    """Las empresas conectadas, también las inactivas. search busca en el nombre y en el RUT."""
    query = read_query(request, QUERY)
    limit = query.get("limit", DEFAULT_LIMIT)
    if limit < 1:
        raise Rejection("parameter_invalid", "«limit» debe ser 1 o más.", param="limit")
    rows = Credential.within(scope_of(request)).select_related("company__entity")
    if "search" in query:
        rows = rows.filter(_search(query["search"].strip()))
    rows = rows.prefetch_related("company__entity__addresses", "company__entity__activities")
    found = rows.order_by("-created_at", "pk")[: min(limit, MAX_LIMIT)]
    data = [present(credential) for credential in found]
    return respond({"data": data, "total": rows.count(), "limit": min(limit, MAX_LIMIT)})


@router.delete(
    "/connections/{connection_id}/", summary="Desactivar conexión", **documented(answers={200: Connection})
)
def deactivate(request: HttpRequest, connection_id: str) -> HttpResponse:
    """Olvida la clave; la conexión queda como inactive. Repetirlo no cambia nada."""
    found = Credential.within(scope_of(request)).select_related("company__entity").filter(pk=connection_id)
    credential = found.first()
    if credential is None:
        raise NotFound("una conexión", connection_id)
    if credential.deactivated_at is None:
        enroll.deactivate(credential, now=timezone.now())
    return respond(present(credential))


def present(credential: Credential) -> dict[str, Any]:
    """A credential as a connection."""
    entity = credential.company.entity
    address = next(iter(entity.addresses.all()), None)
    activity = next(iter(entity.activities.all()), None)
    return {
        "connection_id": credential.pk,
        "company_id": entity.pk,
        "provider": "sii",
        "type": "tax",
        "name": entity.name,
        "tax_id": with_dots(entity.rut),
        "environment": credential.environment,
        "status": _status(credential),
        "last_verified_at": instant(credential.verified_at) if credential.verified_at else None,
        "business_activity": activity.glosa if activity else None,
        "activity_code": int(activity.codigo) if activity else None,
        "address": address.direccion if address else None,
        "district": address.comuna if address else None,
        "city": address.ciudad if address else None,
    }


def _status(credential: Credential) -> str:
    if credential.deactivated_at:
        return "inactive"
    return "active" if credential.status == Credential.Status.VALID else "requires_action"


def _search(text: str) -> Q:
    if len(text) < 2:
        raise Rejection("parameter_invalid", "«search» debe tener al menos 2 caracteres.", param="search")
    return names("company__entity__name", "company__entity__rut", text)
