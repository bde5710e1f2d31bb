from django.conf import settings
from django.http import HttpResponse

from timbre.platform.developers import snippets
from timbre.platform.frame import ScreenRequest, screen, show
from timbre.simulator.scenarios import CATALOGUE
from timbre.work.environments import Environment


@screen
def index(request: ScreenRequest) -> HttpResponse:
    """Everything a program needs to begin, with the user's own company in the examples."""
    companies, environment = request.frame.companies, request.frame.environment
    own = companies[0].entity.rut if companies else ""
    issuer, receiver = snippets.parties(environment, own)
    shown = {
        "base_url": settings.BASE_URL,
        "issuer": issuer,
        "receiver": receiver,
        "export": snippets.export(environment),
        "header": snippets.HEADER,
        "curl": snippets.batch(issuer, receiver),
        "scenarios": list(CATALOGUE.values()) if environment == Environment.SANDBOX else [],
    }
    return show(request, "developers/index.html", shown)
