"""API keys as people make and end them: each time an entry in the audit log."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from timbre.accounts import audit
from timbre.accounts.models import ApiKey, KeyScope, User
from timbre.work.environments import Environment


def create(
    user: User,
    environment: Environment,
    *,
    name: str = "",
    lenient: bool = False,
    scopes: Sequence[str] = KeyScope.values,
    expires_at: datetime | None = None,
    now: datetime,
) -> tuple[ApiKey, str]:
    """A new key and its text: the one time it can be seen."""
    with transaction.atomic():
        text = ApiKey.create(
            user, environment, name=name, lenient=lenient, scopes=scopes, expires_at=expires_at
        )
        key = ApiKey.objects.get(digest=ApiKey.digest_of(text))
        audit.tell(key.scope, "key.created", key.pk, now=now, key=str(key), name=name, scopes=list(scopes))
    return key, text


def revoke(key: ApiKey, *, now: datetime) -> None:
    """The key opens nothing from now on. Again changes nothing."""
    with transaction.atomic():
        if key.revoke(now):
            audit.tell(key.scope, "key.revoked", key.pk, now=now, key=str(key), name=key.name)
