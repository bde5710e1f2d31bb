"""Every no of the API in one envelope (contract 3.1): type, stable code, message, param, request id."""

import json
from itertools import islice
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja.errors import ValidationError

from timbre.accounts.arrivals import busy, never_began
from timbre.accounts.errors import OUTSIDE, InvalidDocuments, NotFound, Rejection, param_of
from timbre.dte.errors import Fault
from timbre.sii.gateway import CREDENTIAL_REASONS

log = structlog.get_logger()

MOST_TOLD = 100
"""Faults of a batch that one answer tells."""
_OWN = "non_field_errors"
TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    409: "conflict_error",
    411: "invalid_request_error",
    413: "invalid_request_error",
    422: "validation_error",
    429: "rate_limit_error",
}
"""The contract's error types by HTTP status; what is not here is an ``api_error``."""


def respond(data: Any, status: int = 200) -> HttpResponse:
    """A JSON answer: plain values, UTF-8, nothing escaped that need not be."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(body, status=status, content_type="application/json")


def refuse(request: HttpRequest, rejection: Rejection) -> HttpResponse:
    """The answer that says no, with ``Retry-After`` when asking again later helps."""
    body: dict[str, Any] = {"error": _envelope(request, rejection)}
    if isinstance(rejection, InvalidDocuments):
        body["error"] |= _faults_of(rejection)
        body |= _indexed(rejection)
    response = respond(body, rejection.status)
    if rejection.retry_after is not None:
        response["Retry-After"] = str(rejection.retry_after)
    return response


def refuse_parameters(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What is left to the router's own checks are path parameters."""
    where = str(error.errors[0]["loc"][-1])
    return refuse(request, Rejection("parameter_invalid", f"«{where}» no es válido.", param=where))


def fail(request: HttpRequest, error: Exception) -> HttpResponse:
    """500 without a detail; the log has it under the same request id.

    503 when the database was busy for too long, or out of reach: then the transaction never began.
    """
    if never_began(error):
        log.warning("database_busy", why=str(error))
        return refuse(request, busy())
    log.error("unexpected_error", exc_info=error)
    return refuse(request, internal_error())


def internal_error() -> Rejection:
    return Rejection(
        "internal_error",
        "Timbre falló de forma inesperada. Reintenta con la misma Idempotency-Key; si se repite, "
        "avisa a quien administra esta instalación con el request_id.",
        status=500,
    )


def unknown_path(request: HttpRequest) -> NotFound:
    """The rejection of an address that does not exist."""
    missing = NotFound("una ruta", request.path)
    missing.message = (
        f"No existe la ruta {request.path}. Las que hay están en {settings.BASE_URL}/v2/reference."
    )
    return missing


def _envelope(request: HttpRequest, rejection: Rejection) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": _type(rejection),
        "code": rejection.code,
        "message": rejection.message,
        "doc_url": f"{settings.BASE_URL}/v2/reference#{rejection.code}",
        "request_id": getattr(request, "id", ""),
    }
    if rejection.param:
        told["param"] = rejection.param
    if rejection.resource:
        told["resource"] = rejection.resource
    return told


def _type(rejection: Rejection) -> str:
    if rejection.code in CREDENTIAL_REASONS or rejection.code == "no_active_credentials":
        return "credential_error"
    if rejection.code.startswith("idempotency_"):
        return "idempotency_error"
    if rejection.code.startswith("sii_"):
        return "sii_error"
    return TYPES.get(rejection.status, "api_error")


def _faults_of(rejection: InvalidDocuments) -> dict[str, Any]:
    """The list of faults, and how many more there are than it tells."""
    errors = [
        {"code": fault.code, "message": fault.message, "param": param_of(index, fault)}
        for index, fault in _told(rejection)
    ]
    more = rejection.untold + sum(map(len, rejection.faults.values())) - len(errors)
    if not more:
        return {"errors": errors}
    message = f"{rejection.message} (Hay {more + len(errors)} errores; se muestran {len(errors)}.)"
    return {"message": message, "errors": errors, "more_errors": more}


def _told(rejection: InvalidDocuments) -> list[tuple[int, Fault]]:
    """The first faults, by document: nobody reads thousands."""
    every = ((index, fault) for index, faults in sorted(rejection.faults.items()) for fault in faults)
    return list(islice(every, MOST_TOLD))


def _indexed(rejection: InvalidDocuments) -> dict[str, Any]:
    """The contract's tree: positions are keys, line items stand under ``details`` of the document."""
    tree: dict[str, Any] = {}
    for index, fault in _told(rejection):
        if index != OUTSIDE:
            _hang(tree.setdefault(str(index), {}), fault)
    return {"documents": {index: _flat(below) for index, below in tree.items()}} if tree else {}


def _hang(tree: dict[str, Any], fault: Fault) -> None:
    """A list that is itself at fault (too long) keeps its messages beside those of its items."""
    for step in fault.path.split(".") if fault.path else ():
        tree = tree.setdefault(step, {})
    tree.setdefault(_OWN, []).append(fault.message)


def _flat(tree: dict[str, Any]) -> Any:
    """Where nothing hangs below, the messages alone."""
    if set(tree) == {_OWN}:
        return tree[_OWN]
    return {step: below if step == _OWN else _flat(below) for step, below in tree.items()}
