"""A secret on its way to the one page that shows it: sealed in the session, and gone once shown."""

from timbre.accounts import vault
from timbre.platform.frame import ScreenRequest
from timbre.webhooks.models import Webhook

_KEY = "webhook_secret"


def keep(request: ScreenRequest, webhook: Webhook, secret: str) -> None:
    """Until the webhook's page is opened next."""
    request.session[_KEY] = {"webhook": webhook.pk, "sealed": vault.seal(secret, place=_place(webhook))}


def take(request: ScreenRequest, webhook: Webhook) -> str:
    """The webhook's secret, this once; empty when there is none to show."""
    kept = request.session.get(_KEY)
    if not kept or kept["webhook"] != webhook.pk:
        return ""
    del request.session[_KEY]
    try:
        return vault.unseal(kept["sealed"], place=_place(webhook))
    except vault.Unopenable:
        return ""


def _place(webhook: Webhook) -> str:
    return f"shown/{webhook.pk}/secret"
