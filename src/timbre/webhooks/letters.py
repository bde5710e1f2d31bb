"""What a user is told by e-mail about a webhook: that it fails, and that it has been disabled."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings

from timbre.accounts import throttle
from timbre.accounts.errors import Rejection
from timbre.accounts.letters import send
from timbre.dte.clock import CHILE
from timbre.dte.rut import with_dots
from timbre.webhooks.models import Attempt, Webhook

log = structlog.get_logger("webhooks")


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail, to be sent once what it tells is saved."""

    to: str
    subject: str
    text: str


def post(letter: Letter, *, now: datetime) -> None:
    """It leaves, unless its reader was sent too many: who makes a webhook active again and again that answers
    410 could fill anybody's mailbox. The event ``webhook.disabled`` is told all the same.
    """
    try:
        throttle.attempt("letter", email=letter.to, now=now)
    except Rejection:
        log.warning("letter_held_back", subject=letter.subject)
    else:
        send(letter.to, letter.subject, letter.text)


def failing(webhook: Webhook, attempt: Attempt, *, since: datetime, end: datetime) -> Letter:
    """Nothing has got through for a day: since when, what the last answer was, when it ends."""
    return Letter(
        webhook.user.email,
        f"Un webhook de {_company(webhook)} no recibe nada",
        f"Desde el {_moment(since)} no ha resultado ningún envío a este webhook:\n\n"
        f"{_about(webhook, attempt)}\n\n"
        f"Timbre sigue intentando. Si nada resulta, lo desactiva el {_moment(end)}.\n\n"
        "Ningún evento se pierde: quedan en /v2/events/, y puedes reenviarlos por rango de fechas cuando tu "
        f"servidor vuelva:\n\n{_page(webhook)}",
    )


def disabled(webhook: Webhook, attempt: Attempt) -> Letter:
    """It has been disabled, why, and how to get what it missed."""
    why = {
        Webhook.Disabled.GONE: "respondió 410: que ya no existe",
        Webhook.Disabled.FAILING: "ningún envío ha resultado en 5 días",
    }[Webhook.Disabled(webhook.disabled_reason)]
    return Letter(
        webhook.user.email,
        f"Se desactivó un webhook de {_company(webhook)}",
        f"Timbre desactivó este webhook porque {why}:\n\n"
        f"{_about(webhook, attempt)}\n\n"
        "No recibe nada hasta que lo actives. Ningún evento se pierde: quedan en /v2/events/. Cuando tu "
        "servidor vuelva, actívalo y reenvía por rango de fechas lo que falta:\n\n"
        f"{_page(webhook)}",
    )


def _about(webhook: Webhook, attempt: Attempt) -> str:
    rut = with_dots(webhook.company.entity.rut)
    return f"URL: {webhook.url}\nEmpresa: {_company(webhook)}, RUT {rut}\nÚltimo error: {attempt.error}"


def _company(webhook: Webhook) -> str:
    entity = webhook.company.entity
    named = entity.name or with_dots(entity.rut)
    return f"{named} (sandbox)" if webhook.environment == "sandbox" else named


def _page(webhook: Webhook) -> str:
    return f"{settings.BASE_URL}/{webhook.environment}/webhooks/{webhook.pk}/"


def _moment(moment: datetime) -> str:
    """``14-03-2026 a las 09:30`` in Chile."""
    return moment.astimezone(CHILE).strftime("%d-%m-%Y a las %H:%M")
