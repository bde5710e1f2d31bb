"""GET /v2/master-entities/?rut= : a taxpayer by RUT, with the addresses and activities on file."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from timbre.accounts.errors import NotFound
from timbre.accounts.scope import Scope
from timbre.api.answers import Entity
from timbre.api.auth import scope_of
from timbre.api.errors import respond
from timbre.api.fields import LooseRut
from timbre.api.openapi import documented
from timbre.api.reading import read_query
from timbre.api.shape import STRICT
from timbre.dte.rut import with_dots
from timbre.taxpayers import lookups
from timbre.taxpayers.models import Address, Company, MasterEntity

router = Router(tags=["Entidades"])


class EntityQuery(TypedDict):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    rut: LooseRut


ENTITY_QUERY = TypeAdapter(EntityQuery)


@router.get(
    "/master-entities/",
    summary="Buscar entidad por RUT",
    **documented(query=ENTITY_QUERY, answers={200: Entity}),
)
def find(request: HttpRequest) -> HttpResponse:
    """Nombre, direcciones y actividades económicas que el SII tiene registradas.

    Sin ninguna credencial vigente todavía, responde el RUT con listas vacías; con una, un RUT que el SII no
    conoce es 404.
    Si el SII no contesta en 8 segundos: 503 con Retry-After.
    """
    scope, rut = scope_of(request), read_query(request, ENTITY_QUERY)["rut"]
    return respond(present(lookups.find(scope, rut, now=timezone.now())))


def present(entity: MasterEntity) -> dict[str, Any]:
    """A taxpayer in the API's words (contract 2.2, 3.2)."""
    return {
        "id": entity.pk,
        "tax_id": with_dots(entity.rut),
        "name": entity.name,
        "email": None,
        "addresses": [_address(address) for address in entity.addresses.all()],
        "activities": [
            {"id": activity.pk, "code": activity.codigo, "name": activity.glosa}
            for activity in entity.activities.all()
        ],
    }


def known_entity(scope: Scope, entity_id: str) -> MasterEntity:
    """The entity of this id in the scope's environment. Raises NotFound."""
    entity = MasterEntity.objects.filter(environment=scope.environment, pk=entity_id).first()
    if entity is None:
        missing = NotFound("una entidad", entity_id)
        missing.param = "master_entity_id"
        raise missing
    return entity


def own_company(scope: Scope, entity_id: str) -> Company:
    """The company the scope has or had enrolled for it. Raises NotFound: a stranger's is nobody's."""
    company = Company.within(scope).filter(entity_id=entity_id).first()
    if company is None:
        missing = NotFound("una empresa enrolada", entity_id)
        missing.param = "master_entity_id"
        raise missing
    return company


def _address(address: Address) -> dict[str, Any]:
    return {
        "id": address.pk,
        "address": address.direccion,
        "district": {"id": None, "name": address.comuna, "city": {"id": None, "name": address.ciudad}},
        "sii_branch_code": address.sucursal or None,
        "phone": None,
    }
