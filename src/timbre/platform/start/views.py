"""The front door, and the first screen of an environment."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from timbre.accounts.people import nobody_yet
from timbre.enrolling.door import CLOSED
from timbre.platform.developers import snippets
from timbre.platform.frame import ScreenRequest, screen, show
from timbre.platform.start.checklist import attention, credentials_of, latest, progress, unreached
from timbre.work.environments import Environment


def arrive(request: HttpRequest) -> HttpResponse:
    """The front door: a new installation asks for its first user, a stranger to log in."""
    if request.user.is_authenticated:
        return redirect(reverse("start", kwargs={"environment": Environment.SANDBOX}))
    return redirect("signup" if nobody_yet() else "login")


@screen
def index(request: ScreenRequest) -> HttpResponse:
    """The steps to the first invoice; when all are done, what waits for a person and the latest batches."""
    now = timezone.now()
    credentials = credentials_of(request.scope)
    reached = progress(request.scope, credentials, now)
    if reached.complete:
        waiting = attention(request.scope, credentials, now)
        shown = {"attention": waiting, "batches": latest(reached.batches)}
        return show(request, "start/index.html", shown)
    curl = snippets.batch(*snippets.parties(request.frame.environment, reached.issuer))
    shut = "" if settings.PRODUCTION else CLOSED
    context = {"reached": reached, "curl": curl, "shut": shut, "unreached": unreached(request.scope)}
    return show(request, "start/steps.html", context)
