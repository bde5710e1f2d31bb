"""The audit log: who did what, when, from where. Entries are only added; none ever holds a secret.

Whoever changes something notes it in the transaction that makes it true. Who does it is said once per request
(``act_as``), as address and request id are.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from structlog.contextvars import bind_contextvars, bound_contextvars, get_contextvars

from timbre.accounts.models import AuditEntry
from timbre.accounts.scope import Scope

TIMBRE, COMMAND_LINE = "timbre", "cli"
"""Who acts unasked, and who sits at the terminal. Others: ``person:<e-mail>``, ``api:<key's prefix>``."""

ACTIONS: Mapping[str, str] = {
    "account.created": "Creó su cuenta",
    "account.creation_repeated": "Alguien quiso crear otra vez su cuenta",
    "account.logged_in": "Entró",
    "account.login_failed": "Intentó entrar con una contraseña equivocada",
    "account.logged_out": "Salió",
    "account.password_changed": "Cambió su contraseña",
    "account.link_asked": "Pidió un enlace para elegir contraseña",
    "account.link_made": "Se dio en la terminal un enlace para elegir contraseña",
    "account.password_chosen": "Eligió contraseña con un enlace",
    "account.session_ended": "Cerró una sesión",
    "account.other_sessions_ended": "Cerró las demás sesiones",
    "key.created": "Creó una clave API",
    "key.revoked": "Revocó una clave API",
    "company.enrolled": "Enroló una empresa, o le agregó el ingreso de una persona",
    "company.asked": "Volvió a preguntar al SII por una empresa",
    "company.defaults_changed": "Cambió los valores por defecto de una empresa",
    "company.logo_changed": "Cambió el logo de una empresa",
    "company.logo_removed": "Quitó el logo de una empresa",
    "company.unenrolled": "Retiró una empresa",
    "credential.changed": "Cambió la clave o la contraseña del certificado, o volvió a probarlas",
    "credential.chosen": "Eligió la credencial con que se emite",
    "credential.removed": "Quitó una credencial",
    "production.acknowledged": "Hizo el reconocimiento expreso para producción",
    "batch.created": "Envió un lote",
    "batch.drafted": "Guardó un lote de borradores",
    "batch.cancelled": "Canceló un lote",
    "batch.retried": "Reintentó un lote",
    "document.issue_asked": "Mandó emitir un borrador",
    "document.discarded": "Descartó un borrador",
    "document.annul_asked": "Pidió anular un documento con una nota",
    "document.correct_asked": "Pidió corregir un documento con una nota",
    "document.paid": "Marcó un documento como pagado",
    "document.unpaid": "Marcó un documento como no pagado",
    "document.resolved": "Resolvió la duda de un documento",
    "webhook.created": "Creó un webhook",
    "webhook.changed": "Cambió un webhook",
    "webhook.secret_rotated": "Cambió el secreto de un webhook",
    "webhook.tested": "Probó un webhook",
    "webhook.replayed": "Reenvió los eventos de un período",
    "webhook.removed": "Borró un webhook",
    "delivery.resent": "Reenvió un evento",
    "installation.backed_up": "Respaldó la instalación",
    "installation.restored": "Restauró un respaldo",
    "installation.secret_rotated": "Cambió la llave de cifrado",
}
"""Every action there is, and how a person reads it."""

_actor: ContextVar[str] = ContextVar("actor", default=TIMBRE)
_CHUNK = 1000


def note(
    *,
    user_id: str | None,
    environment: str = "",
    action: str,
    target: str = "",
    actor: str = "",
    detail: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """Adds one entry; call it inside the transaction of what it tells. One query.

    ``user_id`` is whose log it belongs to, None for the installation's own; ``environment`` is empty for what
    concerns the account; ``target`` is the id of what was changed; ``actor`` only where it is not who acts
    anyway. Raises KeyError for an action that is not in ACTIONS.
    """
    _ = ACTIONS[action]
    told = get_contextvars()
    AuditEntry.objects.create(
        user_id=user_id,
        environment=environment,
        at=now,
        action=action,
        target=target[:64],
        actor=actor or _actor.get(),
        address=str(told.get("address", ""))[:45],
        request_id=str(told.get("request_id", "")),
        detail=dict(detail or {}),
    )


def tell(scope: Scope, action: str, target: str = "", *, now: datetime, **detail: Any) -> None:
    """``note`` for what belongs to a scope, by whoever acts."""
    note(
        user_id=scope.user_id,
        environment=scope.environment,
        action=action,
        target=target,
        detail=detail,
        now=now,
    )


def entries(user_id: str, environment: str = "") -> QuerySet[AuditEntry]:
    """The user's entries, newest first: all of them, or one environment's with the account's own."""
    seen = Q(environment__in=[environment, ""]) if environment else Q()
    return AuditEntry.objects.filter(seen, user_id=user_id).order_by("-at", "-pk")


def forget(before: datetime) -> int:
    """Deletes what is older, a thousand rows at a time; how many there were."""
    forgotten = 0
    while True:
        # Rows are added in the order of time: the oldest are the first, found without a search.
        oldest = AuditEntry.objects.order_by("pk").values_list("pk", "at")[:_CHUNK]
        old = [pk for pk, at in oldest if at < before]
        if not old:
            return forgotten
        AuditEntry.objects.filter(pk__in=old).delete()
        forgotten += len(old)


def act_as(actor: str, *, logged: str = "") -> None:
    """Says who does what this request, or this command, goes on to do.

    ``logged`` is how log lines name the actor: a key's first letters, a user's id. No e-mail address.
    """
    _actor.set(actor)
    if logged:
        bind_contextvars(actor=logged)


@contextmanager
def nobody_yet() -> Iterator[None]:
    """Around each request: threads are used again, and whoever acted in the last one must not act in this."""
    token = _actor.set(TIMBRE)
    try:
        with bound_contextvars(actor=""):
            yield
    finally:
        _actor.reset(token)
