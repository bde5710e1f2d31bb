"""/v2/webhooks/: where a company's results go (contract 2.13, 3.6)."""

from typing import Any, Required

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from timbre.accounts.errors import NotFound
from timbre.accounts.scope import Scope
from timbre.api.answers import Page, TestSent, WebhookTold
from timbre.api.auth import scope_of
from timbre.api.document_shape import STRICT
from timbre.api.errors import respond
from timbre.api.openapi import documented
from timbre.api.pages import MAX_PAGE_SIZE, Paged, page_of
from timbre.api.reading import read_body, read_query
from timbre.issuing.words import instant
from timbre.taxpayers.models import Company
from timbre.webhooks import endpoints
from timbre.webhooks.catalogue import EVENTS
from timbre.webhooks.models import Webhook

router = Router(tags=["Webhooks"])


class WebhookAsked(TypedDict, total=False):
    """Un webhook de una empresa."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    master_entity_id: Required[str]
    url: Required[str]
    events: Required[list[str]]
    secret: str | None
    is_active: bool | None
    environment: str | None
    api_version: int | None


class WebhookChange(TypedDict, total=False):
    """Lo que cambia; lo que no se envía queda igual."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    url: str | None
    events: list[str] | None
    secret: str | None
    is_active: bool | None
    environment: str | None
    api_version: int | None


class WebhookQuery(Paged, total=False):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    master_entity_id: str


ASKED, CHANGE, QUERY = TypeAdapter(WebhookAsked), TypeAdapter(WebhookChange), TypeAdapter(WebhookQuery)


@router.post("/webhooks/", summary="Crear webhook", **documented(body=ASKED, answers={201: WebhookTold}))
def create(request: HttpRequest) -> HttpResponse:
    """Sin secret, Timbre genera uno; se muestra solo en esta respuesta.

    environment es el de la key; una de producción puede pedir both: así llegan también los eventos de sandbox
    de la misma empresa.
    """
    asked = read_body(request, ASKED)
    given = dict(asked.values)
    company = _company(scope_of(request), given.pop("master_entity_id"))
    webhook, secret = endpoints.create(scope_of(request), company, **given, now=timezone.now())
    return respond(present(webhook) | {"secret": secret} | _warned(asked.warnings), 201)


@router.get(
    "/webhooks/", summary="Listar webhooks", **documented(query=QUERY, answers={200: Page[WebhookTold]})
)
def list_webhooks(request: HttpRequest) -> HttpResponse:
    """Los webhooks de todas las empresas, o de una: de a 200, si no se pide otro page_size."""
    query = read_query(request, QUERY)
    rows = Webhook.within(scope_of(request)).select_related("company").order_by("created_at", "pk")
    if "master_entity_id" in query:
        rows = rows.filter(company__entity_id=query["master_entity_id"])
    page = page_of(
        request,
        rows,
        query,
        lambda found: [present(each) for each in found],
        # The published client lists webhooks without a way to ask for the next page.
        default_size=MAX_PAGE_SIZE,
    )
    return respond(page)


@router.get("/webhooks/{webhook_id}/", summary="Ver webhook", **documented(answers={200: WebhookTold}))
def read(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Un webhook y cómo le ha ido."""
    return respond(present(endpoints.find(scope_of(request), webhook_id)))


@router.patch(
    "/webhooks/{webhook_id}/",
    summary="Cambiar webhook",
    **documented(body=CHANGE, answers={200: WebhookTold}),
)
def change(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Cambia lo que se envía."""
    webhook, asked = endpoints.find(scope_of(request), webhook_id), read_body(request, CHANGE)
    return respond(present(endpoints.update(webhook, **asked.values)) | _warned(asked.warnings))


@router.delete("/webhooks/{webhook_id}/", summary="Borrar webhook", **documented(answers={204: None}))
def delete(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Borra el webhook y sus envíos pendientes; los eventos quedan en /v2/events/."""
    endpoints.delete(endpoints.find(scope_of(request), webhook_id))
    return HttpResponse(status=204)


@router.post("/webhooks/{webhook_id}/test/", summary="Probar webhook", **documented(answers={202: TestSent}))
def test(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Envía el evento webhook.test a este webhook."""
    delivery = endpoints.test(endpoints.find(scope_of(request), webhook_id), now=timezone.now())
    told = {"success": True, "delivery_id": str(delivery.pk), "message": "Evento de prueba en camino."}
    return respond(told, 202)


def present(webhook: Webhook) -> dict[str, Any]:
    """A webhook in the API's words. Its secret is shown when it is created, never again."""
    return {
        "id": webhook.pk,
        "master_entity_id": webhook.company.entity_id,
        "url": webhook.url,
        "events": webhook.events,
        "events_display": [EVENTS[event] for event in webhook.events],
        "secret": None,
        "is_active": webhook.is_active,
        "environment": webhook.asked_environment,
        "api_version": webhook.api_version,
        "last_status_code": webhook.last_status_code,
        "last_sent_at": instant(webhook.last_sent_at) if webhook.last_sent_at else None,
        "success_rate": webhook.success_rate,
        "created_at": instant(webhook.created_at),
        "updated_at": instant(webhook.updated_at),
    }


def _company(scope: Scope, entity_id: str) -> Company:
    company = Company.within(scope).filter(entity_id=entity_id, unenrolled_at=None).first()
    if company is None:
        missing = NotFound("una empresa enrolada", entity_id)
        missing.param = "master_entity_id"
        raise missing
    return company


def _warned(warnings: list[dict[str, Any]]) -> dict[str, Any]:
    return {"warnings": warnings} if warnings else {}
