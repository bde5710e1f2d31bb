"""What a user may do with webhooks: set up, change, try, remove. Every refusal is a Rejection in Spanish."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from timbre.accounts import audit
from timbre.accounts.errors import NotFound, Rejection
from timbre.accounts.scope import Scope
from timbre.taxpayers.models import Company
from timbre.webhooks import guard, signing
from timbre.webhooks.catalogue import EVENTS
from timbre.webhooks.emit import Telling, record
from timbre.webhooks.models import Delivery, Webhook
from timbre.work.environments import Environment

MOST = 20
"""Webhooks of a company: each event goes to all that ask for it."""
MIN_SECRET, MAX_SECRET = 16, 255
OVERLAP, MAX_OVERLAP = timedelta(hours=24), timedelta(days=7)
"""How long the secret before signs, too, after a rotation: unless told otherwise, and at most."""
SECRETS = ("secret", "previous_secret", "previous_secret_until", "updated_at")
FRESH = {"failing_since": None, "warned_at": None, "rest_until": None}
"""The columns of a webhook of which nothing bad is known."""


def find(scope: Scope, webhook_id: str) -> Webhook:
    """The scope's webhook, with its company. Raises NotFound."""
    mine = Webhook.within(scope).select_related("company__entity")
    webhook = mine.filter(pk=webhook_id).first()
    if webhook is None:
        raise NotFound("un webhook", webhook_id)
    return webhook


def create(  # noqa: PLR0913 - what a webhook is made of, by name
    scope: Scope,
    company: Company,
    *,
    url: str,
    events: Sequence[str],
    secret: str | None = None,
    is_active: bool = True,
    environment: str | None = None,
    api_version: int = 2,
    inline_files: bool = False,
    now: datetime,
) -> tuple[Webhook, str]:
    """A new webhook of the company and its signing secret, generated when none is given.

    Raises Rejection: ``webhook_url_invalid``, ``webhook_url_taken``, ``webhook_limit``,
    ``event_type_invalid``, ``secret_invalid``, ``parameter_invalid``, ``environment_not_allowed``,
    ``not_available``; NotFound if the company is not the scope's.
    """
    if company.scope != scope:
        raise NotFound("la empresa", company.pk)
    if Webhook.objects.filter(company=company).count() >= MOST:
        message = f"La empresa ya tiene {MOST} webhooks: borra uno, o usa uno de los que hay."
        raise Rejection("webhook_limit", message)
    webhook = Webhook(user_id=scope.user_id, environment=scope.environment, company=company, created_at=now)
    shown = signing.new_secret() if secret is None else secret
    _apply(
        webhook,
        url=url,
        events=events,
        secret=shown,
        is_active=is_active,
        environment=environment or scope.environment,
        api_version=api_version,
        inline_files=inline_files,
    )
    with transaction.atomic():
        _save(webhook, columns=None)
        audit.tell(scope, "webhook.created", webhook.pk, now=now)
    return webhook, shown


def update(
    webhook: Webhook,
    *,
    url: str | None = None,
    events: Sequence[str] | None = None,
    secret: str | None = None,
    is_active: bool | None = None,
    environment: str | None = None,
    api_version: int | None = None,
    inline_files: bool | None = None,
) -> Webhook:
    """The webhook with what was given changed; None leaves as it is. Raises as ``create`` does.

    A paused webhook gets no new deliveries, and those waiting end when their turn comes; made active again
    before that, it still gets them. Made active, or sent elsewhere, it starts afresh: what failed before no
    longer counts. A secret given here signs alone at once (``rotate_secret`` overlaps).
    """
    columns = _apply(
        webhook,
        url=url,
        events=events,
        secret=secret,
        is_active=is_active,
        environment=environment,
        api_version=api_version,
        inline_files=inline_files,
    )
    with transaction.atomic():
        _save(webhook, columns=columns)
        changed = sorted(set(columns) - {"updated_at"})
        audit.tell(webhook.scope, "webhook.changed", webhook.pk, now=timezone.now(), changed=changed)
    return webhook


def rotate_secret(
    webhook: Webhook, *, secret: str | None = None, keep: timedelta = OVERLAP, now: datetime
) -> str:
    """The new signing secret, generated when none is given. For as long as ``keep`` the one before signs too.

    Raises Rejection ``secret_invalid``, or ``parameter_invalid`` when ``keep`` is negative or over 7 days.
    """
    if not timedelta(0) <= keep <= MAX_OVERLAP:
        message = "keep_hours puede ir de 0 (el secreto anterior deja de firmar al momento) a 168 (7 días)."
        raise Rejection("parameter_invalid", message, param="keep_hours")
    shown = signing.new_secret() if secret is None else _strong(secret)
    with transaction.atomic():
        # Of two at once the second replaces the first one's, not the one before both.
        row = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
        row.replace_secret(shown, until=now + keep)
        row.save(update_fields=SECRETS)
        hours = keep.total_seconds() / 3600
        audit.tell(webhook.scope, "webhook.secret_rotated", webhook.pk, now=now, keep_hours=hours)
    webhook.refresh_from_db(fields=SECRETS)
    return shown


def delete(webhook: Webhook) -> None:
    """Removes the webhook with its deliveries; the events themselves stay."""
    webhook_id = webhook.pk
    with transaction.atomic():
        webhook.delete()
        audit.tell(webhook.scope, "webhook.removed", webhook_id, now=timezone.now())


def must_be_active(webhook: Webhook) -> None:
    """Raises Rejection ``webhook_inactive``: while paused or disabled, nothing can be sent to it."""
    if not webhook.is_active:
        how = "desactivado" if webhook.disabled_at else "en pausa"
        message = f"El webhook está {how}: actívalo antes de enviarle algo."
        raise Rejection("webhook_inactive", message, status=409, resource=webhook.pk)


def wake(webhook: Webhook) -> None:
    """It rests no longer: who asks for something to be sent says that the receiver is there."""
    Webhook.objects.filter(pk=webhook.pk).update(rest_until=None)


def test(webhook: Webhook, now: datetime) -> Delivery:
    """Sends ``webhook.test`` to this webhook alone, whatever it asked for.

    Raises Rejection ``webhook_inactive`` when it is paused.
    """
    must_be_active(webhook)
    wake(webhook)
    data = {
        "message": "Prueba de webhook: si lees esto, funciona.",
        "webhook_id": webhook.pk,
        "timestamp": now.isoformat(),
        "test": True,
    }
    telling = Telling(type="webhook.test", company=webhook.company, data=data)
    with transaction.atomic():
        [event] = record([telling], now=now)
        audit.tell(webhook.scope, "webhook.tested", webhook.pk, now=now)
        return Delivery.objects.create(event=event, webhook=webhook, due_at=now)


def _apply(
    webhook: Webhook,
    *,
    url: str | None,
    events: Sequence[str] | None,
    secret: str | None,
    is_active: bool | None,
    environment: str | None,
    api_version: int | None,
    inline_files: bool | None,
) -> set[str]:
    """Checks each thing given and writes it into the row (unsaved); the columns that were written."""
    new: dict[str, object] = {}
    if api_version not in {None, 2}:
        message = "Solo se ofrece la versión 2 de los eventos: quita api_version o envía 2."
        raise Rejection("not_available", message, param="api_version")
    if environment is not None:
        new["both"] = _asks_for_both(environment, webhook.environment)
    if url is not None:
        new["url"] = guard.check_url(url, environment=webhook.environment)
        new |= FRESH if new["url"] != webhook.url else {}
    if events is not None:
        new["events"] = _known(events)
    if is_active is not None:
        new["is_active"] = is_active
        new |= {**FRESH, "disabled_at": None, "disabled_reason": ""} if is_active else {}
    if inline_files is not None:
        new["inline_files"] = inline_files
    if secret is not None:
        webhook.keep_secret(_strong(secret))
    for name, value in new.items():
        setattr(webhook, name, value)
    return {"updated_at", *new, *(SECRETS if secret is not None else ())}


def _save(webhook: Webhook, *, columns: Collection[str] | None) -> None:
    try:
        with transaction.atomic():
            webhook.save(update_fields=columns)
    except IntegrityError as error:
        other = (
            Webhook.objects.filter(company=webhook.company_id, url=webhook.url).exclude(pk=webhook.pk).first()
        )
        if other is None:
            raise
        message = "La empresa ya tiene un webhook con esa URL: modifícalo o usa otra URL."
        raise Rejection("webhook_url_taken", message, param="url", resource=other.pk) from error


def _asks_for_both(environment: str, own: str) -> bool:
    """Sandbox must not show production: who holds a sandbox key need not be trusted with real documents."""
    if environment == own or (environment, own) == ("both", Environment.PRODUCTION):
        return environment == "both"
    if own == Environment.SANDBOX and environment in {"both", Environment.PRODUCTION}:
        message = (
            "Un webhook de sandbox solo recibe lo de sandbox. Para recibir lo de producción, o ambos con "
            "both, créalo con una API key de producción."
        )
        raise Rejection("environment_not_allowed", message, status=403, param="environment")
    either = " o both" if own == Environment.PRODUCTION else ""
    message = f"Este webhook es de {own}: environment puede ser {own}{either}."
    raise Rejection("parameter_invalid", message, param="environment")


def _known(events: Sequence[str]) -> list[str]:
    """The names asked for, once each, in their order."""
    if not events:
        raise Rejection("event_type_invalid", "Elige al menos un evento.", param="events")
    for position, name in enumerate(events):
        if name not in EVENTS:
            message = f"No existe el evento {name[:60]!r}. Los que hay: {', '.join(EVENTS)}."
            raise Rejection("event_type_invalid", message, param=f"events.{position}")
    return list(dict.fromkeys(events))


def _strong(secret: str) -> str:
    if not MIN_SECRET <= len(secret) <= MAX_SECRET:
        message = f"El secreto debe tener entre {MIN_SECRET} y {MAX_SECRET} caracteres; sin él generamos uno."
        raise Rejection("secret_invalid", message, param="secret")
    try:
        signing.key_of(secret)
    except ValueError as error:
        message = "Lo que sigue a whsec_ debe ser base64: revísalo, o usa un secreto sin ese prefijo."
        raise Rejection("secret_invalid", message, param="secret") from error
    return secret
