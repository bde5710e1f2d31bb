"""What is true of every screen: no script but ours, in nobody's frame, kept by no cache, compressed."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from timbre.accounts.arrivals import receive
from timbre.accounts.errors import Rejection
from timbre.platform.errors import bad_request, busy, log_failure, too_large

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
MAX_FORM = 1024 * 1024
"""Bytes of a form, which anybody may send: ten megabytes of one keep a processor busy for seconds."""


class ScreenMiddleware:
    """Leaves the API alone. A screen may set its own value of a header first; the rest is added."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        self._gzip = GZipMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(settings.PROGRAMS):
            return self._get_response(request)
        response = self._without_its_form(request) or self._get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        # Only text: the bytes of a PDF or a zip are as small as they get.
        if response.get("Content-Type", "").startswith(("text/", "application/javascript", "image/svg")):
            return self._gzip.process_response(request, response)
        return response

    def _without_its_form(self, request: HttpRequest) -> HttpResponse | None:
        """What is said when the form is too large, cannot wait for room, or does not arrive whole."""
        size = int(request.META.get("CONTENT_LENGTH") or 0)
        if size > MAX_FORM:
            return too_large(request)
        try:
            if size:
                receive(request)
        except Rejection:
            return busy(request)
        except UnreadablePostError:
            return bad_request(request)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return None if request.path.startswith(settings.PROGRAMS) else log_failure(request, error)
