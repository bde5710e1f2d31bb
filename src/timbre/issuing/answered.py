"""Requests that are answered once: repeated with the same key, they get the first answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from timbre.accounts.errors import Rejection
from timbre.accounts.scope import Scope
from timbre.issuing.models import IdempotencyKey

KEYS_KEPT = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer to a request; ``replayed`` when the same one had been answered before."""

    answer: dict[str, Any]
    replayed: bool


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A caller's key, blank for none, and the fingerprint of all that was asked with it."""

    key: str = ""
    fingerprint: str = ""

    def earlier(self, scope: Scope, now: datetime) -> Accepted | None:
        """The answer given before, if any. Raises Rejection when the key was used for something else."""
        kept = IdempotencyKey.within(scope).filter(key=self.key, created_at__gt=now - KEYS_KEPT)
        known = kept.first() if self.key else None
        if known is None:
            return None
        if known.fingerprint != self.fingerprint:
            raise Rejection(
                "idempotency_key_reused",
                "Esta Idempotency-Key ya se usó con otro contenido. Usa una clave nueva para un lote nuevo.",
                status=409,
                param="Idempotency-Key",
                resource=known.answer["batch_id"],
            )
        return Accepted(known.answer, replayed=True)

    def keep(self, scope: Scope, answer: dict[str, Any], now: datetime) -> None:
        """Keeps the answer, in the transaction that makes it true; IntegrityError if the key was faster."""
        if not self.key:
            return
        IdempotencyKey.within(scope).filter(key=self.key, created_at__lte=now - KEYS_KEPT).delete()
        IdempotencyKey.objects.create(
            user_id=scope.user_id,
            environment=scope.environment,
            key=self.key,
            fingerprint=self.fingerprint,
            answer=answer,
            created_at=now,
        )
