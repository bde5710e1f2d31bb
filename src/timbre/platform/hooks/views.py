"""The webhooks, one of them with the log of its deliveries, and the form that makes or changes one."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from timbre.accounts.errors import NotFound, Rejection
from timbre.platform import once
from timbre.platform.developers import snippets
from timbre.platform.forms import blame
from timbre.platform.frame import ScreenRequest, address, screen, show
from timbre.platform.hooks.forms import USUAL, WebhookForm
from timbre.platform.hooks.rows import STATUSES, DeliveryRow, HookRow, seconds_until_next_look
from timbre.platform.pages import page_of
from timbre.taxpayers.models import Company
from timbre.webhooks import deliveries, endpoints
from timbre.webhooks.catalogue import EVENTS
from timbre.webhooks.health import health, health_of
from timbre.webhooks.models import Webhook

_FIELDS = {"environment": "both"}


@require_GET
@screen
def index(request: ScreenRequest) -> HttpResponse:
    """The webhooks of this environment, by company; of one company when the frame is narrowed to it."""
    rows = Webhook.within(request.scope).select_related("company__entity")
    rows = rows.order_by("company__entity__name", "company__entity__rut", "created_at", "pk")
    if request.frame.company:
        rows = rows.filter(company=request.frame.company)
    page = page_of(request, rows, total=rows.count())
    doing = health_of(page.rows, now=timezone.now())
    context = {"rows": [HookRow(each, doing[each.pk]) for each in page.rows], "page": page}
    context["curl"] = "" if page.rows else snippets.own_webhook(request.frame)
    return show(request, "hooks/index.html", context)


@require_http_methods(["GET", "POST"])
@screen
def new(request: ScreenRequest) -> HttpResponse:
    """The form for a new webhook (``?empresa=`` chosen already); its secret is shown on the next page."""
    companies, environment = request.frame.companies, request.frame.environment
    if not companies:
        return show(request, "hooks/new.html", {"form": None})
    chosen = {"company": request.frame.company_id, "events": USUAL, "is_active": True}
    form = WebhookForm(request.POST or None, initial=chosen, companies=companies, environment=environment)
    if form.is_valid():
        try:
            company = next(each for each in companies if each.pk == form.cleaned_data["company"])
            return _create(request, company, form)
        except NotFound:
            raise
        except Rejection as rejection:
            blame(form, rejection, _FIELDS)
    return show(request, "hooks/new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@screen
def one(request: ScreenRequest, webhook_id: str) -> HttpResponse:
    """A webhook, its buttons, and what was sent to it; alone what changes when htmx asks for it again."""
    webhook = endpoints.find(request.scope, webhook_id)
    asked = request.GET.get("estado", "")
    status = asked if asked in STATUSES else ""
    rows = deliveries.log_of(webhook, status=status)
    page = page_of(request, rows, total=rows.count())
    context = {
        "webhook": webhook,
        "rows": [DeliveryRow(each) for each in page.rows],
        "page": page,
        "status": status,
        "statuses": [(value, word) for value, (_, word) in STATUSES.items()],
        "every": seconds_until_next_look(page.rows),
    }
    doing = health(webhook, now=timezone.now())
    context |= {"row": HookRow(webhook, doing), "health": doing}
    if request.htmx:
        return show(request, "hooks/live.html", context)
    told = {"secret": once.take(request, webhook.pk), "overlap": _overlap(webhook), "events": _named(webhook)}
    return show(request, "hooks/one.html", context | told)


@require_http_methods(["GET", "POST"])
@screen
def edit(request: ScreenRequest, webhook_id: str) -> HttpResponse:
    """The form that changes a webhook."""
    webhook, environment = endpoints.find(request.scope, webhook_id), request.frame.environment
    present = {
        "url": webhook.url,
        "events": webhook.events,
        "is_active": webhook.is_active,
        "inline_files": webhook.inline_files,
        "both": webhook.both,
    }
    form = WebhookForm(request.POST or None, initial=present, environment=environment)
    if form.is_valid():
        try:
            endpoints.update(webhook, **form.asked(environment))
        except Rejection as rejection:
            blame(form, rejection, _FIELDS)
        else:
            messages.success(request, "El webhook quedó como lo dejaste.")
            return HttpResponseRedirect(address(request, "hooks-one", webhook_id=webhook_id))
    context = {"form": form, "row": HookRow(webhook), "webhook_id": webhook_id}
    return show(request, "hooks/edit.html", context, status=422 if form.errors else 200)


def _create(request: ScreenRequest, company: Company, form: WebhookForm) -> HttpResponse:
    asked = form.asked(request.frame.environment)
    webhook, secret = endpoints.create(request.scope, company, **asked, now=timezone.now())
    once.keep(request, webhook.pk, secret)
    return HttpResponseRedirect(address(request, "hooks-one", webhook_id=webhook.pk))


def _overlap(webhook: Webhook) -> datetime | None:
    """Until when the secret before this one signs, too; None when it does not any more."""
    until = webhook.previous_secret_until
    return until if until and until > timezone.now() else None


def _named(webhook: Webhook) -> list[tuple[str, str]]:
    return [(EVENTS.get(event, event), event) for event in webhook.events]
