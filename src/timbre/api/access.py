"""What a request leaves behind: an id on its answer and on every log line, a line of its own, a measure."""

import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from prometheus_client import Histogram
from structlog.contextvars import bound_contextvars

from timbre.accounts import audit
from timbre.accounts.addresses import client_address
from timbre.accounts.arrivals import busy, never_began
from timbre.accounts.ids import new_id
from timbre.api.errors import refuse

log = structlog.get_logger("access")
SECONDS = Histogram(
    "timbre_http_request_seconds",
    "Time to answer an HTTP request.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
_METHODS = {"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"}
_UNTOLD = ("/static/", "/healthz", "/readyz", "/metrics")
"""What machines ask for every few seconds, and what a page brings with it: measured, and in no log."""


class AccessMiddleware:
    """Outermost. Nobody acts yet: whoever proves to be somebody says so (``audit.act_as``)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        request.id = new_id("req")  # type: ignore[attr-defined]
        known = {"request_id": request.id, "address": client_address(request)}  # type: ignore[attr-defined]
        with audit.nobody_yet(), bound_contextvars(**known):
            response = self._get_response(request)
            _tell(request, response, time.perf_counter() - started)
        response["X-Request-Id"] = known["request_id"]
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """What neither the API's handlers nor a screen catches: the answer is a 500, and this says why."""
        if not request.path.startswith(settings.PROGRAMS):
            return None
        if never_began(error):
            return refuse(request, busy())
        log.error("unexpected_error", route=route_of(request), exc_info=error)
        return None


def route_of(request: HttpRequest) -> str:
    """The address as its pattern: what stands in a path may open a file, or set a password."""
    match = request.resolver_match
    return f"/{match.route}" if match else "unknown"


def _tell(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    method = request.method if request.method in _METHODS else "other"
    route = route_of(request)
    SECONDS.labels(method, route, response.status_code).observe(seconds)
    if request.path.startswith(_UNTOLD):
        return
    match = request.resolver_match
    named = {name: value for name, value in (match.kwargs if match else {}).items() if name.endswith("_id")}
    log.info(
        "request",
        method=method,
        route=route,
        status=response.status_code,
        ms=round(seconds * 1000, 1),
        **named,
    )
