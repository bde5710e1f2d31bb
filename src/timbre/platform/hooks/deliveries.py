"""One delivery: what is sent, what came back each time, and sending it again."""

import json

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from timbre.platform.frame import ScreenRequest, address, do, screen, show
from timbre.platform.hooks.rows import DeliveryRow, HookRow, seconds_until_next_look
from timbre.webhooks import deliveries, endpoints


@require_GET
@screen
def one(request: ScreenRequest, webhook_id: str, delivery_id: str) -> HttpResponse:
    """A delivery in full; alone how it goes when htmx asks for it again."""
    webhook = endpoints.find(request.scope, webhook_id)
    delivery = deliveries.find(webhook, delivery_id)
    context = {
        "webhook": webhook,
        "delivery": delivery,
        "row": DeliveryRow(delivery),
        "attempts": deliveries.attempts_of(delivery),
        "every": seconds_until_next_look([delivery]),
    }
    if request.htmx:
        return show(request, "hooks/outcome.html", context)
    sent = deliveries.request_of(delivery)
    told = {
        "sent": sent,
        "body": json.dumps(sent.body, ensure_ascii=False, indent=2),
        "company": HookRow(webhook).company,
    }
    return show(request, "hooks/delivery.html", context | told)


@require_POST
@screen
def resend(request: ScreenRequest, webhook_id: str, delivery_id: str) -> HttpResponse:
    """The same event again, now."""
    delivery = deliveries.find(endpoints.find(request.scope, webhook_id), delivery_id)
    return do(
        request,
        lambda: deliveries.resend(delivery, timezone.now()),
        done="Se envía de nuevo, con los mismos identificadores. El resultado aparece abajo.",
        back=address(request, "hooks-delivery", webhook_id=webhook_id, delivery_id=delivery_id),
    )
