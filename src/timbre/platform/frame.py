"""What every screen stands in: who looks, at which environment, through which company."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from timbre.accounts import audit
from timbre.accounts.errors import NotFound, Rejection
from timbre.accounts.models import User
from timbre.accounts.scope import Scope
from timbre.platform.errors import not_found
from timbre.taxpayers.models import Company
from timbre.work.environments import Environment

P = ParamSpec("P")


class ScreenRequest(HttpRequest):
    """A request of somebody logged in, to a screen of one environment."""

    user: User
    htmx: HtmxDetails
    id: str
    scope: Scope
    """Whose rows this screen shows."""
    frame: "Frame"


@dataclass
class Frame:
    """The environment of a screen and the company it is narrowed to, if any (``?empresa=comp_…``)."""

    user: User
    environment: Environment
    company_id: str = ""

    @property
    def scope(self) -> Scope:
        return Scope(self.user.pk, self.environment)

    @cached_property
    def companies(self) -> list[Company]:
        """The enrolled companies of this environment, by name; one query a screen."""
        mine = Company.within(self.scope).filter(unenrolled_at=None).select_related("entity")
        return list(mine.order_by("entity__name", "entity__rut"))

    @cached_property
    def company(self) -> Company | None:
        """The company the lists are narrowed to; None for all."""
        return next((c for c in self.companies if c.pk == self.company_id), None) if self.company_id else None


def screen(
    view: Callable[Concatenate[ScreenRequest, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """A screen for people who are logged in. A stranger's row is a 404; another Rejection is told on top."""

    @wraps(view)
    def framed(request: HttpRequest, environment: Environment, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_login(request)
        looked_at = cast("ScreenRequest", request)
        audit.act_as(f"person:{looked_at.user.email}", logged=looked_at.user.pk)
        looked_at.frame = Frame(looked_at.user, environment, request.GET.get("empresa", ""))
        looked_at.scope = looked_at.frame.scope
        try:
            return cast("Callable[..., HttpResponseBase]", view)(looked_at, **kwargs)
        except NotFound as missing:
            return not_found(request, missing)

    framed.is_screen = True  # type: ignore[attr-defined]
    return framed


def show(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """A screen: ``template`` is a path under ``templates/platform/``."""
    return render(request, f"platform/{template}", dict(context or {}), status=status)


def do(request: ScreenRequest, action: Callable[[], object], *, done: str, back: str) -> HttpResponse:
    """Does what a button asks, says so (or why not), and goes back to a page of ours. NotFound passes on."""
    try:
        action()
    except NotFound:
        raise
    except Rejection as rejection:
        messages.error(request, rejection.message)
    else:
        messages.success(request, done)
    return HttpResponseRedirect(back)


def confirm(request: ScreenRequest, *, ask: str, explain: str, button: str, back: str) -> HttpResponse:
    """The question a destructive button asks once; its form posts to the same address."""
    return show(request, "confirm.html", {"ask": ask, "explain": explain, "button": button, "back": back})


def address(request: ScreenRequest, name: str, **kwargs: str) -> str:
    """The address of another screen of the same environment."""
    return reverse(name, kwargs={"environment": request.frame.environment, **kwargs})


def actor_of(request: ScreenRequest) -> str:
    """Who does it, for the histories: ``person:ana@example.cl``, cut to what they hold."""
    return f"person:{request.user.email}"[:60]


def context(request: HttpRequest) -> dict[str, Any]:
    """What the frame's template needs; nothing on screens before the log-in."""
    frame = getattr(request, "frame", None)
    if frame is None:
        return {"environment": None}
    other = Environment.PRODUCTION if frame.environment == Environment.SANDBOX else Environment.SANDBOX
    return {"frame": frame, "environment": frame.environment, "other": other, "area": _area(request)}


def _area(request: HttpRequest) -> str:
    """The first word of the screen's name, for the navigation: ``documents`` of ``documents-one``."""
    return (request.resolver_match.url_name or "").partition("-")[0] if request.resolver_match else ""


def _to_login(request: HttpRequest) -> HttpResponse:
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(reverse("login"))
    return redirect_to_login(request.get_full_path())
