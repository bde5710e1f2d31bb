"""Sessions of people's browsers, each of a user and revocable. A stolen database opens none of them."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import transaction
from django.utils import timezone

from timbre.accounts import audit, seen
from timbre.accounts.models import SEEN_EVERY, Session, User

MOST_TOLD = 50


class SessionStore(DatabaseStore):
    """Django's own, kept under a SHA-256 of the key that the cookie holds."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    @staticmethod
    def digest_of(key: str | None) -> str:
        """What a session is kept under: the first 160 bits, as many as Django's own column holds."""
        return hashlib.sha256((key or "").encode()).hexdigest()[:40]

    def exists(self, session_key: str) -> bool:
        return super().exists(self.digest_of(session_key))

    def create_model_instance(self, data: Mapping[str, Any]) -> Session:
        key = self._get_or_create_session_key()  # type: ignore[attr-defined]
        kept = self.digest_of(key)
        row = Session.objects.filter(pk=kept).first() or Session(pk=kept)
        row.session_data, row.expire_date = self.encode(dict(data)), self.get_expiry_date()
        row.user_id = data.get(SESSION_KEY)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            Session.objects.filter(pk=self.digest_of(key)).delete()

    def _get_session_from_db(self) -> Session | None:
        now = timezone.now()
        kept = Session.objects.filter(pk=self.digest_of(self.session_key), expire_date__gt=now)
        row = kept.first()
        if row is None:
            self._session_key = None
        elif now - row.seen_at > SEEN_EVERY:
            seen.note(kept, seen_at=now)
        return row


def id_of(store: SessionBase) -> str:
    """What the row of this session is known by, on screens too: it opens nothing."""
    return SessionStore.digest_of(store.session_key)


def remember(store: SessionBase, *, address: str, agent: str) -> None:
    """Notes where somebody who has just logged in sits; clears away what has expired."""
    store.save()
    Session.objects.filter(pk=id_of(store)).update(address=address[:45], agent=agent[:200])
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


def open_sessions(user: User, now: datetime) -> list[Session]:
    """Where the user is logged in, seen last first; the MOST_TOLD of them."""
    return list(Session.objects.filter(user=user, expire_date__gt=now).order_by("-seen_at")[:MOST_TOLD])


def end(user: User, session_id: str) -> bool:
    """Logs one of the user's browsers out; whether there was such a one."""
    with transaction.atomic():
        ended = bool(Session.objects.filter(user=user, pk=session_id).delete()[0])
        if ended:
            audit.note(user_id=user.pk, action="account.session_ended", now=timezone.now())
    return ended


def end_others(user: User, keep: SessionBase) -> int:
    """Logs out all the user's browsers but this one; how many."""
    with transaction.atomic():
        ended = Session.objects.filter(user=user).exclude(pk=id_of(keep)).delete()[0]
        audit.note(
            user_id=user.pk,
            action="account.other_sessions_ended",
            detail={"sessions": ended},
            now=timezone.now(),
        )
    return ended


def end_all(user: User) -> None:
    Session.objects.filter(user=user).delete()
