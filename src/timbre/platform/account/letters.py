"""E-mails to people about their accounts. How long an answer takes says nothing of who has one: letters leave
on a thread of their own.
"""

from concurrent.futures import Future
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from timbre.accounts.letters import send
from timbre.accounts.models import User
from timbre.accounts.people import token_for


def link_for(user: User, *, now: datetime) -> str:
    """Where this user chooses a password, once, within an hour; never made from what a request says."""
    path = reverse("recover-choose", kwargs={"user_id": user.pk, "token": token_for(user, now=now)})
    return settings.BASE_URL + path


def send_link(user: User, *, now: datetime) -> Future[None]:
    return send(
        user.email,
        "Elige una contraseña nueva",
        "Alguien, ojalá tú, pidió una contraseña nueva para tu cuenta de Timbre.\n\n"
        f"Elígela aquí, antes de una hora:\n\n{link_for(user, now=now)}\n\n"
        "El enlace sirve una vez. Si no lo pediste, no hagas nada: tu contraseña no cambia.",
    )


def welcome(email: str) -> Future[None]:
    return send(
        email,
        "Tu cuenta de Timbre",
        f"Se creó una cuenta de Timbre con este correo. Entra aquí:\n\n{_page('login')}\n\n"
        "Si no fuiste tú, pide una contraseña nueva, para que quien la creó ya no pueda entrar, "
        f"y revoca las claves API que haya:\n\n{_page('recover')}",
    )


def already_here(email: str) -> Future[None]:
    return send(
        email,
        "Ya tienes una cuenta de Timbre",
        "Alguien, quizá tú, quiso crear una cuenta de Timbre con este correo, que ya tiene una. "
        "No cambió nada.\n\n"
        f"Entra con la contraseña de siempre:\n\n{_page('login')}\n\n"
        f"Si la olvidaste, pide otra:\n\n{_page('recover')}",
    )


def password_changed(user: User) -> Future[None]:
    return send(
        user.email,
        "Tu contraseña cambió",
        "La contraseña de tu cuenta de Timbre cambió, y se cerraron las demás sesiones.\n\n"
        f"Si no fuiste tú, pide otra ahora mismo:\n\n{_page('recover')}\n\n"
        "Las claves de la API siguen sirviendo: revoca las que no reconozcas.",
    )


def _page(name: str) -> str:
    return settings.BASE_URL + reverse(name)
