"""Sending again what happened in a stretch of time: what did not arrive, or everything."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from timbre.accounts.errors import NotFound, Rejection
from timbre.platform.forms import blame
from timbre.platform.frame import ScreenRequest, address, screen, show
from timbre.platform.hooks.rows import HookRow
from timbre.webhooks import deliveries, endpoints
from timbre.webhooks.models import Webhook

USUAL = timedelta(hours=24)
"""How far back the form reaches when the webhook has not been failing for longer."""


class MomentField(forms.DateTimeField):
    """A minute in Chile, as browsers send it."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
        said = {"invalid": "Escribe día y hora como 2026-03-14T09:30."}
        super().__init__(widget=widget, error_messages=said, **options)


class ReplayForm(forms.Form):
    """Which events a webhook gets again."""

    since = MomentField(label="Desde", help_text="Hora de Chile.")
    until = MomentField(label="Hasta", required=False, help_text="Si lo dejas vacío, hasta ahora.")
    everything = forms.ChoiceField(
        label="Qué se envía",
        choices=[
            ("", "Solo lo que no llegó: lo que falló, y lo que pasó mientras estuvo en pausa o desactivado"),
            ("all", "Todo: también lo que ya llegó. Tu servidor lo recibe otra vez"),
        ],
        required=False,
        widget=forms.RadioSelect,
    )

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and since > timezone.now():
            self.add_error("since", "Ese momento todavía no llega.")
        elif since and until and until < since:
            self.add_error("until", "Es anterior a «Desde».")


@require_http_methods(["GET", "POST"])
@screen
def replay(request: ScreenRequest, webhook_id: str) -> HttpResponse:
    """The form; posted, the webhook's page, which tells how many deliveries are on their way."""
    webhook = endpoints.find(request.scope, webhook_id)
    begin = {"since": _beginning(webhook, timezone.now()), "everything": ""}
    form = ReplayForm(request.POST or None, initial=begin)
    if form.is_valid():
        try:
            messages.success(request, _told(_replay(webhook, form.cleaned_data)))
            return HttpResponseRedirect(address(request, "hooks-one", webhook_id=webhook_id))
        except NotFound:
            raise
        except Rejection as rejection:
            blame(form, rejection)
    context = {"form": form, "webhook": webhook, "row": HookRow(webhook)}
    return show(request, "hooks/replay.html", context, status=422 if form.errors else 200)


def _replay(webhook: Webhook, asked: dict[str, Any]) -> int:
    return deliveries.replay(
        webhook,
        since=asked["since"],
        until=asked["until"],
        everything=bool(asked["everything"]),
        now=timezone.now(),
    )


def _beginning(webhook: Webhook, now: datetime) -> datetime:
    """A minute before its troubles began, or a day ago."""
    since = webhook.failing_since or webhook.disabled_at
    return min(since - timedelta(minutes=1), now - USUAL) if since else now - USUAL


def _told(sent: int) -> str:
    if not sent:
        return "No hay nada que reenviar en ese período."
    return "1 envío va en camino." if sent == 1 else f"{sent} envíos van en camino."
