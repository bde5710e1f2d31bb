"""People: how they get an account, prove who they are, and choose a password. No answer tells a stranger
whether an e-mail address has an account; what differs is sent to that address.
"""

from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.utils.timezone import make_naive

from timbre.accounts import audit, sessions, throttle
from timbre.accounts.errors import Rejection
from timbre.accounts.models import User

STRANGER = "unknown"
"""Who acts in the audit log before anybody has proved who they are."""


def nobody_yet() -> bool:
    """Whether this installation has no user at all."""
    return not User.objects.exists()


def may_sign_up() -> bool:
    """Whether an account can be created: always the first one, later ones unless TIMBRE_SIGNUP is off."""
    return settings.SIGNUP or nobody_yet()


def sign_up(email: str, password: str, *, address: str, now: datetime) -> User | None:
    """The new user; None when the address has an account already, which stays as it is.

    Raises Rejection ``signup_closed`` or ``too_many_attempts``.
    """
    email = normal(email)
    throttle.attempt("signup", email=email, address=address, now=now)
    hashed = make_password(password)  # the same work whether the address is new or not
    with transaction.atomic():
        if not may_sign_up():
            message = "Esta instalación no admite cuentas nuevas: pídela a quien la administra."
            raise Rejection("signup_closed", message, status=403)
        user, new = User.objects.get_or_create(email=email, defaults={"password": hashed})
        # One row in any case: the same work, whether the address is new or not.
        action, actor = ("created", f"person:{email}") if new else ("creation_repeated", STRANGER)
        audit.note(user_id=user.pk, action=f"account.{action}", actor=actor, now=now)
    return user if new else None


def log_in(email: str, password: str, *, address: str, now: datetime) -> User | None:
    """The user of this address and password, or None: the same, and the same work, whichever is wrong.

    Raises Rejection ``too_many_attempts``.
    """
    email = normal(email)
    trying = throttle.attempt("login", email=email, address=address, now=now)
    user = authenticate(username=email, password=password)
    if user is None:
        known = User.objects.filter(email=email).first()
        # What a stranger typed may be a password in the wrong field: it is not kept.
        _note_stranger("account.login_failed", known, now)
    else:
        trying.forgive()
        _note("account.logged_in", user, now)
    return user


def change_password(user: User, present: str, new: str, *, now: datetime) -> bool:
    """Whether ``present`` was right; then ``new`` is the password, and all the user's sessions have ended.

    Raises Rejection ``too_many_attempts``.
    """
    trying = throttle.attempt("password", email=user.email, now=now)
    if not user.check_password(present):
        return False
    trying.forgive()
    with transaction.atomic():
        _set_password(user, new)
        _note("account.password_changed", user, now)
    return True


def ask_for_link(email: str, *, address: str, now: datetime) -> User | None:
    """The user whom a link is owed, if there is one. Raises Rejection ``too_many_attempts``."""
    email = normal(email)
    throttle.attempt("reset", email=email, address=address, now=now)
    user = User.objects.filter(email=email).first()
    _note_stranger("account.link_asked", user, now)
    return user


def log_out(user: User, *, now: datetime) -> None:
    """Notes that this browser's session ends."""
    _note("account.logged_out", user, now)


def token_for(user: User, *, now: datetime) -> str:
    """What a link proves: good for one hour, and only until the next log-in or change of password."""
    return _Tokens(now).make_token(user)


def holder_of(user_id: str, token: str, *, now: datetime) -> User | None:
    """The user, if the token of the link is still good."""
    user = User.objects.filter(pk=user_id).first()
    return user if user and _Tokens(now).check_token(user, token) else None


def redeem(user_id: str, token: str, password: str, *, address: str, now: datetime) -> User | None:
    """Sets the password by a link, once, ends all sessions, and forgets the log-ins that failed before it;
    None if the link is no longer good.
    """
    with transaction.atomic():
        locked = User.objects.select_for_update().filter(pk=user_id).first()
        if locked is None or not _Tokens(now).check_token(locked, token):
            return None
        _set_password(locked, password)
        throttle.forget("login", email=locked.email, address=address)
        _note("account.password_chosen", locked, now)
        return locked


def normal(email: str) -> str:
    """The one way an e-mail address is written here."""
    return email.strip().lower()


def _note(action: str, user: User, now: datetime) -> None:
    audit.note(user_id=user.pk, action=action, actor=f"person:{user.email}", now=now)


def _note_stranger(action: str, known: User | None, now: datetime) -> None:
    """Whoever it was; in the log of the user it concerns, or of nobody when there is none."""
    audit.note(user_id=known.pk if known else None, action=action, actor=STRANGER, now=now)


def _set_password(user: User, password: str) -> None:
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        sessions.end_all(user)


class _Tokens(PasswordResetTokenGenerator):
    """Django's own, at a given instant."""

    key_salt = "timbre.accounts.people"

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self._at = make_naive(now, UTC)

    def _now(self) -> datetime:
        return self._at
