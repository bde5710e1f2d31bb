"""Users and their API keys. A key is shown once; only its SHA-256 is kept."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q

from timbre.accounts import seen
from timbre.accounts.ids import new_key_id, new_user_id
from timbre.accounts.scope import Scope, Tenant
from timbre.work.environments import Environment

SEEN_EVERY = timedelta(minutes=1)


class UserManager(BaseUserManager["User"]):
    def named(self, email: str) -> "User":
        """The user of this e-mail address, created without password when new."""
        user, created = self.get_or_create(email=email.strip().lower())
        if created:
            user.set_unusable_password()
            user.save(update_fields=["password"])
        return user


class User(AbstractBaseUser):
    id = models.CharField(primary_key=True, max_length=32, default=new_user_id)
    email = models.EmailField(unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    objects = UserManager()

    def __str__(self) -> str:
        return self.email


class KeyScope(models.TextChoices):
    """What a key may do: look, have documents issued, or set up companies, credentials and webhooks."""

    READ = "read", "Leer"
    ISSUE = "issue", "Emitir"
    MANAGE = "manage", "Administrar"


def all_scopes() -> list[str]:
    return list(KeyScope.values)


class ApiKey(Tenant):
    """Opens the API for one user in one environment."""

    id = models.CharField(primary_key=True, max_length=32, default=new_key_id)
    name = models.CharField(max_length=80, default="", blank=True)
    prefix = models.CharField(max_length=24)
    digest = models.CharField(max_length=64, unique=True)
    lenient = models.BooleanField(default=False)
    scopes = models.JSONField(default=all_scopes)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.prefix}…"

    @classmethod
    def create(
        cls,
        user: User,
        environment: Environment,
        *,
        name: str = "",
        lenient: bool = False,
        scopes: Sequence[str] = KeyScope.values,
        expires_at: datetime | None = None,
    ) -> str:
        """Creates a key of 256 random bits and returns its text: the one time it can be seen."""
        text = f"tk_{environment.value}_{secrets.token_urlsafe(32)}"
        cls.objects.create(
            user=user,
            environment=environment,
            name=name,
            prefix=text[: len(f"tk_{environment.value}_") + 4],
            digest=cls.digest_of(text),
            lenient=lenient,
            scopes=list(scopes),
            expires_at=expires_at,
        )
        return text

    @classmethod
    def authenticate(cls, text: str, *, now: datetime) -> "ApiKey | None":
        """The living key of this text, or None. Notes its use at most once a minute."""
        key = cls.objects.filter(cls.living(now), digest=cls.digest_of(text)).first()
        if key and (key.last_used_at is None or now - key.last_used_at > SEEN_EVERY):
            seen.note(cls.objects.filter(pk=key.pk), last_used_at=now)
        return key

    @classmethod
    def expired(cls, text: str, *, now: datetime) -> bool:
        """Whether this is the text of a key that would open, had its time not passed."""
        return cls.objects.filter(digest=cls.digest_of(text), revoked_at=None, expires_at__lte=now).exists()

    @staticmethod
    def living(now: datetime) -> Q:
        """Neither revoked nor expired."""
        return Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))

    @staticmethod
    def digest_of(text: str) -> str:
        """SHA-256 of the key's text: enough for 256 random bits, no slow hash is owed to them."""
        return hashlib.sha256(text.encode()).hexdigest()

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def revoke(self, now: datetime) -> bool:
        """Whether it was not revoked before."""
        return bool(type(self).objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=now))

    def opens(self) -> Scope:
        """The scope this key opens."""
        return Scope(self.user_id, self.environment)


class Session(AbstractBaseSession):
    """Somebody's browser, logged in. ``session_key`` is the SHA-256 of what the cookie holds."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(auto_now_add=True)
    address = models.CharField(max_length=45, default="", blank=True)
    agent = models.CharField(max_length=200, default="", blank=True)

    class Meta(AbstractBaseSession.Meta):
        indexes = [models.Index(fields=["user", "-seen_at"], name="session_newest")]


class Attempt(models.Model):
    """One try at something that is throttled: a failed log-in, a sign-up, a password reset asked for."""

    what = models.CharField(max_length=10)
    subject = models.CharField(max_length=64)
    """A keyed fingerprint of the e-mail or address it came from: enough to count, not to read."""
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["subject", "what", "at"], name="attempt_recent")]

    def __str__(self) -> str:
        return f"{self.what} {self.at}"


class AuditEntry(models.Model):
    """Somebody did something. Added by ``audit.note`` alone; never changed, deleted only by age."""

    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    """Whose log it belongs to; None for what concerns the whole installation, or nobody known."""
    environment = models.CharField(max_length=10, choices=Environment.choices, default="", blank=True)
    at = models.DateTimeField()
    action = models.CharField(max_length=40)
    target = models.CharField(max_length=64, default="", blank=True)
    actor = models.CharField(max_length=262)
    address = models.CharField(max_length=45, default="", blank=True)
    request_id = models.CharField(max_length=32, default="", blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["user", "-at", "-id"], name="audit_newest")]

    def __str__(self) -> str:
        return f"{self.action} {self.target}".strip()
