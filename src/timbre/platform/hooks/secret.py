"""A new signing secret, and for how long the one before signs beside it."""

from datetime import timedelta

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from timbre.accounts.errors import NotFound, Rejection
from timbre.platform import once
from timbre.platform.forms import blame
from timbre.platform.frame import ScreenRequest, address, screen, show
from timbre.platform.hooks.rows import HookRow
from timbre.webhooks import endpoints

USUAL = "24"


class SecretForm(forms.Form):
    """How long both secrets sign."""

    hours = forms.ChoiceField(
        label="El secreto actual",
        choices=[
            ("24", "Sigue firmando 24 horas junto al nuevo"),
            ("72", "Sigue firmando 3 días junto al nuevo"),
            ("0", "Deja de firmar al momento: si alguien más lo conoce"),
        ],
        required=False,
        initial=USUAL,
        widget=forms.RadioSelect,
    )

    @property
    def keep(self) -> timedelta:
        return timedelta(hours=int(self.cleaned_data["hours"] or USUAL))


@require_http_methods(["GET", "POST"])
@screen
def rotate(request: ScreenRequest, webhook_id: str) -> HttpResponse:
    """A new secret, once a person has confirmed it; shown on the next page and never again."""
    webhook = endpoints.find(request.scope, webhook_id)
    back = address(request, "hooks-one", webhook_id=webhook_id)
    form = SecretForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            secret = endpoints.rotate_secret(webhook, keep=form.keep, now=timezone.now())
            once.keep(request, webhook.pk, secret)
            return HttpResponseRedirect(back)
        except NotFound:
            raise
        except Rejection as rejection:
            blame(form, rejection)
    context = {"form": form, "webhook": webhook, "row": HookRow(webhook), "back": back}
    return show(request, "hooks/secret.html", context, status=422 if form.errors else 200)
