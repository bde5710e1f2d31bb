"""Who asks: the API key of the ``Authorization`` header."""

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import APIKeyHeader

from timbre.accounts.errors import Rejection
from timbre.accounts.models import ApiKey, KeyScope
from timbre.accounts.scope import Scope

_SCHEME = "api-key "


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
            why = "venció" if ApiKey.expired(text, now=now) else "no existe o fue revocada"
            raise _no(f"La API key {why}. Crea otra en Claves API o con «timbre keys create».")
        _require(needed(request), found)
        return found


def needed(request: HttpRequest) -> KeyScope:
    """What a key must be allowed for this request; an endpoint nobody thought of here needs the most."""
    if request.method in {"GET", "HEAD"}:
        return KeyScope.READ
    if request.method == "POST" and request.path.startswith("/v2/documents/"):
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


def _no(message: str) -> Rejection:
    return Rejection("unauthenticated", message, status=401)
