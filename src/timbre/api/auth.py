"""Who asks: the API key of the ``Authorization`` header."""

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import APIKeyHeader

from timbre.accounts.errors import Rejection
from timbre.accounts.models import ApiKey
from timbre.accounts.scope import Scope

_SCHEME = "api-key "


class KeyAuth(APIKeyHeader):
    """``Authorization: Api-Key <key>``. A key opens one user's rows in one environment."""

    param_name = "Authorization"

    def authenticate(self, request: HttpRequest, key: str | None) -> ApiKey:  # noqa: ARG002 - ninja's own
        if not key:
            raise _no("Falta la API key: envía el encabezado «Authorization: Api-Key <tu key>».")
        if not key.lower().startswith(_SCHEME):
            raise _no("El encabezado Authorization debe decir «Api-Key <tu key>».")
        found = ApiKey.authenticate(key[len(_SCHEME) :].strip(), now=timezone.now())
        if found is None:
            raise _no("La API key no existe o fue revocada. Crea otra con «timbre keys create».")
        return found


def key_of(request: HttpRequest) -> ApiKey:
    """The key of an authenticated request."""
    key: ApiKey = request.auth  # type: ignore[attr-defined]
    return key


def scope_of(request: HttpRequest) -> Scope:
    """The scope an authenticated request may see."""
    return key_of(request).opens()


def _no(message: str) -> Rejection:
    return Rejection("unauthenticated", message, status=401)
