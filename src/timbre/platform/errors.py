"""Pages for what is not there, what may not be done, and what broke. Never a stack, always the request_id."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from timbre.accounts.arrivals import never_began
from timbre.accounts.errors import NotFound

log = structlog.get_logger()


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: absent, or somebody else's; the page does not say which."""
    said = exception.message if isinstance(exception, NotFound) else "Esta página no existe."
    return _page(request, 404, "No está aquí", said)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's
    return _page(
        request, 400, "No se entendió", "El navegador envió algo que no se puede leer. Vuelve atrás."
    )


def too_large(request: HttpRequest) -> HttpResponse:
    """413: more than any form of ours has to say."""
    said = "Pesa más de 1 MB: ningún formulario pide tanto, y un logo admite hasta 200 KB. No se guardó nada."
    return _page(request, 413, "Es demasiado grande", said)


def busy(request: HttpRequest) -> HttpResponse:
    """503: nothing was done."""
    said = "Timbre está ocupado y no hizo nada. Vuelve a intentarlo en unos segundos."
    return _page(request, 503, "Un momento", said)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's
    """403: a form without its token, be it an old tab or somebody else's page."""
    said = "Por seguridad no se hizo nada: abriste este formulario hace mucho o desde otra página."
    return _page(request, 403, "El formulario venció", said)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: nobody knows how far it got."""
    return _page(request, 500, "Timbre falló", "No sabemos si alcanzó a hacerse: revisa antes de repetir.")


def log_failure(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """An exception no screen expected: to the log, under the request's id. By its route and not its address,
    which may be a link that sets a password.
    """
    route = request.resolver_match.route if request.resolver_match else ""
    if never_began(error):
        log.warning("database_busy", route=route, why=str(error))
        return busy(request)
    log.error("unexpected_error", route=route, exc_info=error)
    return None


def _page(request: HttpRequest, status: int, title: str, said: str) -> HttpResponse:
    """Without the request, whose session and messages are the database's: that may be what broke."""
    shown = {"title": title, "said": said, "request_id": getattr(request, "id", "")}
    return render(None, "platform/error.html", shown, status=status)
