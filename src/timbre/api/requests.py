"""What is true of every request before a route sees it, and how a JSON body is read without trusting it."""

import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException, UnreadablePostError

from timbre.accounts.arrivals import receive
from timbre.accounts.errors import Rejection
from timbre.api.errors import internal_error, refuse, unknown_path

MAX_BODY = 10 * 1024 * 1024
"""Bytes of a request body; 500 documents of ten lines are well under 2 MB."""
MAX_DEPTH = 20
MAX_VALUES = 250_000
"""Keys and list items of a body; 500 documents of ten full lines have about 100,000."""
_WITHOUT_SLASH = ("/v2/openapi.json", "/v2/reference")

View = Callable[[HttpRequest], HttpResponse]


class RequestMiddleware:
    """Bounded bodies, errors in the API's envelope."""

    def __init__(self, get_response: View) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._answer(request)
        if turn := getattr(request, "turn", None):
            for name, value in turn.headers.items():
                response[name] = value
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        _canonical_path(request)
        try:
            _refuse_hostile(request)
        except Rejection as rejection:
            return refuse(request, rejection)
        return _enveloped(request, self._get_response(request))


def read_json(request: HttpRequest) -> tuple[dict[str, Any], str]:
    """The JSON object of the body, and its canonical text (the same for the same content).

    Numbers with a decimal point are ``Decimal``, exactly as written. Raises Rejection ``json_invalid``,
    ``json_too_deep``, ``payload_too_large`` or ``service_unavailable``.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _not_json("viene comprimido y debe venir sin Content-Encoding")
    try:
        text = receive(request).decode("utf-8-sig")
        if not text.strip():
            raise _not_json("viene vacío")
        value = json.loads(
            text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_no_duplicates
        )
    except RecursionError:
        raise _too_deep() from None
    except UnicodeDecodeError:
        raise _not_json("no está en UTF-8") from None
    except json.JSONDecodeError as error:
        raise _not_json(f"línea {error.lineno}, columna {error.colno}") from None
    except (ValueError, InvalidOperation):
        raise _not_json("tiene un número demasiado largo") from None
    except (RawPostDataException, UnreadablePostError):
        raise _not_json("llegó incompleto") from None
    if not isinstance(value, dict):
        raise _not_json("debe ser un objeto, entre llaves")
    _bound(value)
    return value, _canonical(value)


def _canonical(value: dict[str, Any]) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _not_json("tiene un carácter Unicode a medias") from None
    if "\\u0000" in text:
        raise _not_json("tiene el carácter nulo")
    return text


def _bound(value: dict[str, Any]) -> None:
    """Depth and size, level by level: deep or endless input costs no recursion."""
    level: list[Any] = [value]
    values = 0
    for _ in range(MAX_DEPTH):
        children = [
            child
            for container in level
            for child in (container.values() if isinstance(container, dict) else container)
        ]
        values += len(children)
        if values > MAX_VALUES:
            raise Rejection("payload_too_large", f"El JSON trae más de {MAX_VALUES} valores.", status=413)
        level = [child for child in children if isinstance(child, dict | list)]
        if not level:
            return
    raise _too_deep()


def _no_constant(name: str) -> None:
    raise _not_json(f"contiene {name}, que no es un número")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _not_json(f"repite el campo «{name[:80]}» en un mismo objeto")
        found[name] = value
    return found


def _not_json(why: str) -> Rejection:
    return Rejection("json_invalid", f"El cuerpo no es un JSON válido: {why}.")


def _too_deep() -> Rejection:
    return Rejection("json_too_deep", f"El JSON está anidado en más de {MAX_DEPTH} niveles.")


def _canonical_path(request: HttpRequest) -> None:
    """``/api/v2/x`` is ``/v2/x/``: the alias and a forgotten slash are answered, not redirected."""
    path = request.path_info
    if path == "/api/v2" or path.startswith("/api/v2/"):
        path = path.removeprefix("/api")
    if (path == "/v2" or path.startswith("/v2/")) and path not in _WITHOUT_SLASH and not path.endswith("/"):
        path += "/"
    request.path_info = request.path = path


def _refuse_hostile(request: HttpRequest) -> None:
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        message = "Falta Content-Length: no se aceptan cuerpos enviados por trozos (chunked)."
        raise Rejection("length_required", message, status=411)
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise Rejection("parameter_invalid", "El encabezado Content-Length no es un número.") from None
    if length > MAX_BODY and request.path.startswith(settings.PROGRAMS):
        limit = MAX_BODY // 1024 // 1024
        message = f"El cuerpo pesa más de {limit} MB. Divide el envío en varios lotes."
        raise Rejection("payload_too_large", message, status=413)
    if "\x00" in unquote(request.get_full_path()):
        raise Rejection("parameter_invalid", "La dirección contiene el carácter nulo.")
    try:
        # Django reads the query when it is first asked for; here the answer is still ours to give.
        _ = request.GET
    except TooManyFieldsSent:
        raise Rejection("parameter_invalid", "La consulta trae más de 1.000 parámetros.") from None


def _enveloped(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Django's own errors (405, 400, 404, 500), told as ours; the platform has pages of its own."""
    if (
        not request.path.startswith(settings.PROGRAMS)
        or response.status_code < 400
        or response.get("Content-Type") == "application/json"
    ):
        return response
    told = refuse(request, _said_by_django(request, response))
    if "Allow" in response:
        told["Allow"] = response["Allow"]
    return told


def _said_by_django(request: HttpRequest, response: HttpResponse) -> Rejection:
    if response.status_code == 405:
        message = f"{request.path} no admite {request.method}: usa {response.get('Allow')}."
        return Rejection("method_not_allowed", message, status=405)
    if response.status_code == 404:
        return unknown_path(request)
    if response.status_code < 500:
        message = "La solicitud está mal formada."
        return Rejection("parameter_invalid", message, status=response.status_code)
    return internal_error()
