"""The one API: its routers, its error handlers, its OpenAPI and its readable page."""

from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from ninja import NinjaAPI
from ninja.errors import ValidationError

from timbre.accounts.errors import Rejection
from timbre.api import (
    audit,
    batches,
    companies,
    connections,
    credentials,
    deliveries,
    documents,
    drafts,
    entities,
    events,
    hooks,
    not_offered,
    notes,
    rules,
)
from timbre.api.auth import KeyAuth
from timbre.api.catalogue import CODES
from timbre.api.errors import fail, refuse, refuse_parameters, respond
from timbre.api.openapi import Schema, complete
from timbre.api.reference import render

DESCRIPTION = (
    "API de Facturación: emite documentos tributarios electrónicos en lotes y entrega XML y PDF por webhook. "
    "Toda solicitud lleva «Authorization: Api-Key <tu key>»; una key de sandbox solo ve sandbox."
)

api = NinjaAPI(
    title="Timbre",
    version="2",
    description=DESCRIPTION,
    auth=KeyAuth(),
    docs_url=None,
    openapi_url=None,
    urls_namespace="v2",
)
for room in (
    entities,
    companies,
    credentials,
    connections,
    batches,
    documents,
    drafts,
    notes,
    hooks,
    deliveries,
    events,
    audit,
    rules,
):
    api.add_router("", room.router)
api.exception_handler(Rejection)(refuse)
api.exception_handler(ValidationError)(refuse_parameters)
api.exception_handler(Exception)(fail)


def openapi(_: HttpRequest) -> HttpResponse:
    """The OpenAPI document. No key needed."""
    return respond(schema())


def reference(_: HttpRequest) -> HttpResponse:
    """The same for people: one page, in Spanish, that loads nothing from anywhere."""
    response = HttpResponse(_page(), content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response


def urls() -> list[URLPattern | URLResolver]:
    """Every address under /v2/; what matches none is told by name."""
    return [
        path("openapi.json", openapi),
        path("reference", reference),
        # Before the routes, of which one would take "batch" for a credential's id.
        path("credentials/batch/", not_offered.answer, {"rest": "credentials/batch"}),
        path("", api.urls),
        path("<path:rest>", not_offered.answer),
    ]


@cache
def schema() -> Schema:
    """The OpenAPI of this installation."""
    told = complete(dict(api.get_openapi_schema(path_prefix="/v2/")))
    return told | {"servers": [{"url": settings.BASE_URL}]}


@cache
def _page() -> str:
    return render(schema(), CODES)
