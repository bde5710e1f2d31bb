"""What the buttons of a webhook do."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from timbre.platform.frame import ScreenRequest, address, confirm, do, screen
from timbre.platform.hooks.rows import HookRow
from timbre.webhooks import endpoints


@require_POST
@screen
def pause(request: ScreenRequest, webhook_id: str) -> HttpResponse:
    """Nothing more is sent to it."""
    return _switch(request, webhook_id, active=False, done="En pausa: no recibe nada hasta que lo actives.")


@require_POST
@screen
def activate(request: ScreenRequest, webhook_id: str) -> HttpResponse:
    """It gets what happens from now on, and what still waits."""
    return _switch(request, webhook_id, active=True, done="Activo: recibe lo que pase desde ahora.")


@require_POST
@screen
def test(request: ScreenRequest, webhook_id: str) -> HttpResponse:
    """Sends a test event; how it goes appears in the log."""
    webhook = endpoints.find(request.scope, webhook_id)
    return do(
        request,
        lambda: endpoints.test(webhook, timezone.now()),
        done="La prueba va en camino. Su resultado aparece en los envíos.",
        back=_page(request, webhook_id),
    )


@require_http_methods(["GET", "POST"])
@screen
def delete(request: ScreenRequest, webhook_id: str) -> HttpResponse:
    """Takes the webhook away with its log, once a person has confirmed it."""
    webhook = endpoints.find(request.scope, webhook_id)
    company = HookRow(webhook).company
    if request.method == "GET":
        return confirm(
            request,
            ask=f"¿Borrar el webhook de {company}?",
            explain=f"{webhook.url} no recibe nada más, y se borra el registro de sus envíos. Los documentos "
            "y los eventos quedan.",
            button="Borrar webhook",
            back=_page(request, webhook_id),
        )
    return do(
        request,
        lambda: endpoints.delete(webhook),
        done=f"El webhook de {company} se borró.",
        back=address(request, "hooks"),
    )


def _switch(request: ScreenRequest, webhook_id: str, *, active: bool, done: str) -> HttpResponse:
    webhook = endpoints.find(request.scope, webhook_id)
    return do(
        request,
        lambda: endpoints.update(webhook, is_active=active),
        done=done,
        back=_page(request, webhook_id),
    )


def _page(request: ScreenRequest, webhook_id: str) -> str:
    return address(request, "hooks-one", webhook_id=webhook_id)
