"""Sessions of people's browsers, each of a user and revocable. A stolen database opens none of them."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from timbre.accounts.models import Session


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
        kept = Session.objects.filter(pk=self.digest_of(self.session_key), expire_date__gt=timezone.now())
        row = kept.first()
        if row is None:
            self._session_key = None
        return row
