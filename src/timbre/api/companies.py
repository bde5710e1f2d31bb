"""/v2/companies/: the enrolled companies, how they stand, and what their documents say by default."""

import json
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from timbre.accounts.errors import NotFound
from timbre.accounts.scope import Scope
from timbre.api.answers import CompanyTold, Page
from timbre.api.auth import scope_of
from timbre.api.errors import respond
from timbre.api.fields import Payment, Text
from timbre.api.openapi import documented
from timbre.api.pages import Paged, page_of
from timbre.api.reading import Asked, read_body, read_query
from timbre.api.searching import names
from timbre.api.shape import STRICT
from timbre.dte.rut import with_dots
from timbre.enrolling.standing import foremost, with_credentials
from timbre.issuing.words import instant
from timbre.taxpayers.defaults import set_defaults
from timbre.taxpayers.models import Company, Credential, Logo

router = Router(tags=["Empresas"])
HAS_LOGO = "has_logo"
"""Whether there is one, without its bytes."""


class CompanyChange(TypedDict, total=False):
    """Lo que cambia; lo que no se envía queda igual, y null lo borra."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    address_id: str | None
    activity_id: str | None
    email: Text | None
    phone: Text | None
    payment_method: Payment | None


class CompanyQuery(Paged, total=False):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    search: str


CHANGE, QUERY = TypeAdapter(CompanyChange), TypeAdapter(CompanyQuery)


@router.get(
    "/companies/", summary="Listar empresas", **documented(query=QUERY, answers={200: Page[CompanyTold]})
)
def list_companies(request: HttpRequest) -> HttpResponse:
    """Las empresas enroladas, por nombre. search busca en el nombre y en el RUT."""
    query, rows = read_query(request, QUERY), _companies(scope_of(request))
    if "search" in query:
        rows = rows.filter(names("entity__name", "entity__rut", query["search"]))
    rows = rows.order_by("entity__name", "entity__rut")
    return respond(page_of(request, rows, query, lambda found: [present(each) for each in found]))


@router.get("/companies/{company_id}/", summary="Ver empresa", **documented(answers={200: CompanyTold}))
def read(request: HttpRequest, company_id: str) -> HttpResponse:
    """Por su id comp_, o por el id ment_ de su entidad."""
    return respond(present(_find(scope_of(request), company_id)))


@router.patch(
    "/companies/{company_id}/",
    summary="Cambiar valores por defecto",
    **documented(body=CHANGE, answers={200: CompanyTold}),
)
def change(request: HttpRequest, company_id: str) -> HttpResponse:
    """Lo que dicen sus documentos cuando la solicitud no dice otra cosa. El logo se sube en la plataforma.

    address_id y activity_id son de los que trae GET /v2/master-entities/?rut= para esta empresa.
    """
    company, asked = _find(scope_of(request), company_id), read_body(request, CHANGE)
    set_defaults(company, **_with_nulls(asked))
    warned = {"warnings": asked.warnings} if asked.warnings else {}
    return respond(present(_find(scope_of(request), company_id)) | warned)


def present(company: Company) -> dict[str, Any]:
    """A company in the API's words, read by ``_companies``."""
    entity = company.entity
    return {
        "id": company.pk,
        "master_entity": {"id": entity.pk, "name": entity.name, "tax_id": with_dots(entity.rut)},
        "environment": company.environment,
        "gateway": company.gateway,
        "credential": _standing(foremost(company)),
        "address_id": company.address_id,
        "activity_id": company.activity_id,
        "email": company.email or None,
        "phone": company.phone or None,
        "payment_method": company.payment_method or None,
        "has_logo": getattr(company, HAS_LOGO),
        "created_at": instant(company.created_at),
    }


def _standing(credential: Credential | None) -> dict[str, Any] | None:
    if credential is None:
        return None
    return {
        "id": credential.pk,
        "user": credential.person_rut,
        "status": credential.status,
        "reason": credential.reason or None,
        "is_default": credential.is_default,
        "verified_at": instant(credential.verified_at) if credential.verified_at else None,
    }


def _with_nulls(asked: Asked) -> dict[str, Any]:
    """Here null is an answer: it clears."""
    nulls = {name for name, value in json.loads(asked.text).items() if value is None}
    return dict.fromkeys(nulls & CompanyChange.__annotations__.keys()) | asked.values


def _companies(scope: Scope) -> Any:
    logo = Exists(Logo.objects.filter(company=OuterRef("pk")))
    enrolled = Company.within(scope).filter(unenrolled_at=None).annotate(**{HAS_LOGO: logo})
    return with_credentials(enrolled, scope)


def _find(scope: Scope, company_id: str) -> Company:
    company: Company | None = _companies(scope).filter(Q(pk=company_id) | Q(entity=company_id)).first()
    if company is None:
        raise NotFound("una empresa enrolada", company_id)
    return company
