from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from timbre.platform.frame import ScreenRequest, screen, show
from timbre.work.environments import Environment


def arrive(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's
    """The front door."""
    return HttpResponseRedirect(reverse("start", kwargs={"environment": Environment.SANDBOX}))


@screen
def index(request: ScreenRequest) -> HttpResponse:
    return show(request, "start/index.html")
