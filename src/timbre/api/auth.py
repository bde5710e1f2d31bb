"""Who asks: the API key of the ``Authorization`` header, and whether it may ask once more now."""

import time
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import APIKeyHeader
from structlog.contextvars import get_contextvars

from timbre.accounts import audit
from timbre.accounts.errors import Rejection
from timbre.accounts.models import ApiKey, KeyScope
from timbre.accounts.scope import Scope
from timbre.accounts.throttle import network
from timbre.api.limits import Buckets

_SCHEME = "api-key "
FAILURES = 300
"""Keys that open nothing, per minute and address, until the answer is 429: a program that was left with an
old key is told to slow down. A key that opens is never made to wait for the failures of others.
"""


class KeyAuth(APIKeyHeader):
    """``Authorization: Api-Key <key>``. A key opens one user's rows in one environment."""

    param_name = "Authorization"

    def authenticate(self, request: HttpRequest, key: str | None) -> ApiKey:
        if not key:
            raise _no("Falta la API key: envía el encabezado «Authorization: Api-Key <tu key>».")
        if not key.lower().startswith(_SCHEME):
            raise _no("El encabezado Authorization debe decir «Api-Key <tu key>».")
        text, now = key[len(_SCHEME) :].strip(), timezone.now()
        found = ApiKey.authenticate(text, now=now)
        if found is None:
            raise _unknown(request, text, now)
        audit.act_as(f"api:{found.prefix}", logged=found.prefix)
        _take_turn(request, found)
        _require(needed(request), found)
        return found


def needed(request: HttpRequest) -> KeyScope:
    """What a key must be allowed for this request; an endpoint nobody thought of here needs the most."""
    if request.path.startswith("/v2/audit/"):
        return KeyScope.MANAGE
    if request.method in {"GET", "HEAD"}:
        return KeyScope.READ
    if request.method in {"POST", "DELETE"} and request.path.startswith("/v2/documents/"):
        return KeyScope.ISSUE
    return KeyScope.MANAGE


def _require(scope: KeyScope, key: ApiKey) -> None:
    if scope not in key.scopes:
        message = (
            f"A la API key {key} le falta el permiso «{scope.label}» ({scope.value}). "
            "Usa una que lo tenga, o crea otra."
        )
        raise Rejection("forbidden", message, status=403)


def key_of(request: HttpRequest) -> ApiKey:
    """The key of an authenticated request."""
    key: ApiKey = request.auth  # type: ignore[attr-defined]
    return key


def scope_of(request: HttpRequest) -> Scope:
    """The scope an authenticated request may see."""
    return key_of(request).opens()


def _take_turn(request: HttpRequest, key: ApiKey) -> None:
    """Before anything of the request is read. The middleware tells ``request.turn`` in the headers."""
    if settings.RATE_LIMIT is None:
        return
    turn = _buckets("key", settings.RATE_LIMIT).take(key.pk, time.monotonic())
    request.turn = turn  # type: ignore[attr-defined]
    if turn.wait:
        message = f"La API key {key} pasó de {turn.limit} solicitudes por minuto."
        raise _too_often(message, turn.wait)


def _unknown(request: HttpRequest, text: str, now: datetime) -> Rejection:
    address = str(get_contextvars().get("address") or request.META.get("REMOTE_ADDR", ""))
    turn = _buckets("address", FAILURES).take(network(address), time.monotonic())
    if turn.wait and settings.RATE_LIMIT is not None:
        return _too_often(
            "Desde tu dirección llegan demasiadas solicitudes con una API key que no abre.", turn.wait
        )
    why = "venció" if ApiKey.expired(text, now=now) else "no existe o fue revocada"
    return _no(f"La API key {why}. Crea otra en Claves API o con «timbre keys create».")


@lru_cache
def _buckets(_of: str, limit: int) -> Buckets:
    """The buckets of this process; several processes count each for itself."""
    return Buckets(limit)


def _too_often(message: str, wait: int) -> Rejection:
    told = f"{message} Esta no se procesó: repítela en {wait} s."
    return Rejection("rate_limited", told, status=429, retry_after=wait)


def _no(message: str) -> Rejection:
    return Rejection("unauthenticated", message, status=401)
