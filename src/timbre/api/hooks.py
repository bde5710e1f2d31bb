"""/v2/webhooks/: where a company's results go (contract 2.13, 3.6)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Required

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import Field, TypeAdapter, WithJsonSchema
from typing_extensions import TypedDict

from timbre.accounts.errors import NotFound
from timbre.accounts.scope import Scope
from timbre.api.answers import Page, TestSent, WebhookTold
from timbre.api.auth import scope_of
from timbre.api.errors import respond
from timbre.api.fields import told_as
from timbre.api.openapi import documented
from timbre.api.pages import MAX_PAGE_SIZE, Paged, page_of
from timbre.api.reading import read_body, read_query
from timbre.api.shape import STRICT
from timbre.issuing.words import instant
from timbre.taxpayers.models import Company
from timbre.webhooks import endpoints
from timbre.webhooks.catalogue import EVENTS
from timbre.webhooks.health import Health, health_of
from timbre.webhooks.models import Webhook

router = Router(tags=["Webhooks"])
DEFAULT_HOURS = 24
EventNames = Annotated[
    list[str],
    WithJsonSchema({"type": "array", "minItems": 1, "items": {"type": "string", "enum": list(EVENTS)}}),
]
OwnSecret = Annotated[
    str, told_as(minLength=endpoints.MIN_SECRET, maxLength=endpoints.MAX_SECRET, format="password")
]
EnvironmentAsked = Annotated[str, told_as(enum=["sandbox", "production", "both"])]
Version = Annotated[int, WithJsonSchema({"type": "integer", "const": 2})]


class WebhookAsked(TypedDict, total=False):
    """Un webhook de una empresa."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    master_entity_id: Required[str]
    url: Required[str]
    events: Required[EventNames]
    secret: OwnSecret | None
    is_active: bool | None
    environment: EnvironmentAsked | None
    api_version: Version | None
    inline_files: bool | None


class WebhookChange(TypedDict, total=False):
    """Lo que cambia; lo que no se envía queda igual."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    url: str | None
    events: EventNames | None
    secret: OwnSecret | None
    is_active: bool | None
    environment: EnvironmentAsked | None
    api_version: Version | None
    inline_files: bool | None


class Rotation(TypedDict, total=False):
    """{} basta: Timbre genera el secreto, y el anterior firma también por 24 horas."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    secret: OwnSecret | None
    keep_hours: Annotated[int, Field(ge=0, le=168)] | None


class WebhookQuery(Paged, total=False):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    master_entity_id: str


ASKED, CHANGE, QUERY = TypeAdapter(WebhookAsked), TypeAdapter(WebhookChange), TypeAdapter(WebhookQuery)
ROTATION = TypeAdapter(Rotation)


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
        present_all,
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


@router.post(
    "/webhooks/{webhook_id}/rotate-secret/",
    summary="Rotar el secreto",
    **documented(body=ROTATION, answers={200: WebhookTold}),
)
def rotate_secret(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Cambia el secreto sin cortar los envíos: el nuevo se muestra solo en esta respuesta.

    Por keep_hours (24, si no se pide otra cosa; 0 a 168) webhook-signature trae las firmas de ambos y
    X-Pana-Signature la del nuevo. PATCH con secret lo cambia de una vez.
    """
    webhook = endpoints.find(scope_of(request), webhook_id)
    asked = read_body(request, ROTATION)
    keep = timedelta(hours=asked.values.get("keep_hours", DEFAULT_HOURS))
    secret = endpoints.rotate_secret(
        webhook, secret=asked.values.get("secret"), keep=keep, now=timezone.now()
    )
    return respond(present(webhook) | {"secret": secret} | _warned(asked.warnings))


@router.post("/webhooks/{webhook_id}/test/", summary="Probar webhook", **documented(answers={202: TestSent}))
def test(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Envía el evento webhook.test a este webhook."""
    delivery = endpoints.test(endpoints.find(scope_of(request), webhook_id), now=timezone.now())
    told = {"success": True, "delivery_id": str(delivery.pk), "message": "Evento de prueba en camino."}
    return respond(told, 202)


def present(webhook: Webhook) -> dict[str, Any]:
    """A webhook in the API's words. Its secret is shown when it is made, never again."""
    [told] = present_all([webhook])
    return told


def present_all(webhooks: Sequence[Webhook]) -> list[dict[str, Any]]:
    """Each of them, with how it does."""
    now = timezone.now()
    healths = health_of(webhooks, now=now)
    return [_told(webhook, healths[webhook.pk], now) for webhook in webhooks]


def _told(webhook: Webhook, health: Health, now: datetime) -> dict[str, Any]:
    until = webhook.previous_secret_until
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
        "inline_files": webhook.inline_files,
        "last_status_code": webhook.last_status_code,
        "last_sent_at": _instant(webhook.last_sent_at),
        "success_rate": webhook.success_rate,
        "sent_24h": health.sent_24h,
        "delivered_24h": health.delivered_24h,
        "success_rate_24h": health.success_rate_24h,
        "pending": health.pending,
        "rest_until": _instant(health.rest_until),
        "failing_since": _instant(health.failing_since),
        "disables_at": _instant(health.disables_at),
        "disabled_at": _instant(health.disabled_at),
        "disabled_reason": health.disabled_reason or None,
        "previous_secret_until": _instant(until if until and until > now else None),
        "created_at": instant(webhook.created_at),
        "updated_at": instant(webhook.updated_at),
    }


def _instant(at: datetime | None) -> str | None:
    return instant(at) if at else None


def _company(scope: Scope, entity_id: str) -> Company:
    company = Company.within(scope).filter(entity_id=entity_id, unenrolled_at=None).first()
    if company is None:
        missing = NotFound("una empresa enrolada", entity_id)
        missing.param = "master_entity_id"
        raise missing
    return company


def _warned(warnings: list[dict[str, Any]]) -> dict[str, Any]:
    return {"warnings": warnings} if warnings else {}
