"""/v2/webhooks/{id}/deliveries/: what was sent to a webhook, what it answered, and sending it again."""

from datetime import datetime
from typing import Any, Literal, Required

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from timbre.api.answers import Page, Replayed
from timbre.api.auth import scope_of
from timbre.api.errors import respond
from timbre.api.fields import Instant
from timbre.api.openapi import documented
from timbre.api.pages import Paged, page_of
from timbre.api.reading import read_body, read_query
from timbre.api.shape import STRICT
from timbre.issuing.words import instant
from timbre.webhooks import deliveries, endpoints
from timbre.webhooks.models import Attempt, Delivery

router = Router(tags=["Webhooks"])

Status = Literal["pending", "delivered", "failed", "cancelled"]


class DeliveryTold(TypedDict):
    """Un evento que se debe a un webhook. next_attempt_at es null cuando no queda ningún intento."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    id: str
    event_id: str
    event: str
    document_id: str | None
    batch_id: str | None
    is_sandbox: bool
    status: Status
    attempts: int
    status_code: int | None
    error: str | None
    created_at: str
    sent_at: str | None
    next_attempt_at: str | None


class AttemptTold(TypedDict):
    """answer es el comienzo de lo que respondió el servidor: hasta 2 KB, como texto."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    sent_at: str
    url: str
    duration_ms: int
    status_code: int | None
    answer: str
    error: str | None


class RequestTold(TypedDict):
    """Lo que se envía, salvo las firmas y los enlaces, que se hacen de nuevo en cada intento."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    url: str
    headers: dict[str, str]
    body: dict[str, Any]


class DeliveryInFull(DeliveryTold):
    """Un envío con su solicitud y sus intentos, del más nuevo al más antiguo: los últimos 50."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    request: RequestTold
    log: list[AttemptTold]


class DeliveryQuery(Paged, total=False):
    __pydantic_config__ = STRICT  # type: ignore[misc]
    status: Status


class ReplayAsked(TypedDict, total=False):
    """Desde cuándo y hasta cuándo, ambos incluidos, según el created_at de los eventos."""

    __pydantic_config__ = STRICT  # type: ignore[misc]
    since: Required[Instant]
    until: Instant | None
    everything: bool | None


QUERY, REPLAY = TypeAdapter(DeliveryQuery), TypeAdapter(ReplayAsked)


@router.get(
    "/webhooks/{webhook_id}/deliveries/",
    summary="Listar envíos de un webhook",
    **documented(query=QUERY, answers={200: Page[DeliveryTold]}),
)
def list_deliveries(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Los envíos, del evento más nuevo al más antiguo; todos, o los de un estado."""
    webhook = endpoints.find(scope_of(request), webhook_id)
    query = read_query(request, QUERY)
    rows = deliveries.log_of(webhook, status=query.get("status", ""))
    return respond(page_of(request, rows, query, lambda found: [present(each) for each in found]))


@router.get(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/",
    summary="Ver envío de un webhook",
    **documented(answers={200: DeliveryInFull}),
)
def read(request: HttpRequest, webhook_id: str, delivery_id: str) -> HttpResponse:
    """Un envío con lo que se envía y lo que respondió el servidor en cada intento."""
    delivery = _find(request, webhook_id, delivery_id)
    sent = deliveries.request_of(delivery)
    told = {"url": sent.url, "headers": sent.headers, "body": sent.body}
    log = [_attempt(each) for each in deliveries.attempts_of(delivery)]
    return respond(present(delivery) | {"request": told, "log": log})


@router.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/resend/",
    summary="Reenviar",
    **documented(answers={202: DeliveryTold}),
)
def resend(request: HttpRequest, webhook_id: str, delivery_id: str) -> HttpResponse:
    """Vuelve a enviar ahora el mismo evento, con los mismos identificadores.

    Un envío terminado recibe de nuevo todos sus intentos; uno pendiente adelanta el próximo.
    """
    delivery = _find(request, webhook_id, delivery_id)
    return respond(present(deliveries.resend(delivery, timezone.now())), 202)


@router.post(
    "/webhooks/{webhook_id}/replay/",
    summary="Reenviar un rango",
    **documented(body=REPLAY, answers={202: Replayed}),
)
def replay(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Envía lo que el webhook pide y no le llegó de los eventos entre since y until (ahora, si falta).

    Es lo que falló, se canceló, espera su próximo intento, o nunca se envió porque el webhook estaba en
    pausa, desactivado o no existía. Con everything: true, también lo que ya llegó. Cada evento conserva sus
    identificadores.
    """
    webhook = endpoints.find(scope_of(request), webhook_id)
    asked = read_body(request, REPLAY).values
    until = datetime.fromisoformat(asked["until"]) if "until" in asked else None
    count = deliveries.replay(
        webhook,
        since=datetime.fromisoformat(asked["since"]),
        until=until,
        everything=asked.get("everything", False),
        now=timezone.now(),
    )
    message = f"Van en camino: {count}." if count else "No hay nada que reenviar en ese rango."
    return respond({"success": True, "deliveries": count, "message": message}, 202)


def present(delivery: Delivery) -> dict[str, Any]:
    """A delivery in the API's words."""
    event = delivery.event
    return {
        "id": str(delivery.pk),
        "event_id": str(event.id),
        "event": event.type,
        "document_id": event.document_id or None,
        "batch_id": event.batch_id or None,
        "is_sandbox": event.environment == "sandbox",
        "status": delivery.status,
        "attempts": delivery.attempts,
        "status_code": delivery.status_code,
        "error": delivery.error or None,
        "created_at": instant(event.created_at),
        "sent_at": instant(delivery.sent_at) if delivery.sent_at else None,
        "next_attempt_at": instant(delivery.due_at) if delivery.due_at else None,
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "sent_at": instant(attempt.at),
        "url": attempt.url,
        "duration_ms": attempt.duration_ms,
        "status_code": attempt.status_code,
        "answer": attempt.answer,
        "error": attempt.error or None,
    }


def _find(request: HttpRequest, webhook_id: str, delivery_id: str) -> Delivery:
    return deliveries.find(endpoints.find(scope_of(request), webhook_id), delivery_id)
