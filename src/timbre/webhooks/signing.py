"""What a receiver verifies: the ``X-Pana-*`` headers and those of Standard Webhooks, over the raw body."""

import base64
import hashlib
import hmac
import secrets as random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import standardwebhooks

PREFIX = "whsec_"
SIGNATURES = ("X-Pana-Signature", "webhook-signature")


@dataclass(frozen=True, slots=True)
class Identity:
    """What stays the same over all attempts: receivers recognise a repetition by it."""

    event_id: str
    event_type: str
    delivery_id: str


def new_secret() -> str:
    """256 random bits in the form of Standard Webhooks: ``whsec_`` and base64."""
    return PREFIX + base64.b64encode(random.token_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """The HMAC key of Standard Webhooks: what follows ``whsec_``, decoded; else the bytes of the text.

    Raises ValueError when what follows ``whsec_`` is no base64. The library is always given bytes: it
    would base64-decode any text.
    """
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError as error:
        raise ValueError("what follows whsec_ is not base64") from error


def headers(identity: Identity, body: bytes, secrets: Sequence[str], *, now: datetime) -> dict[str, str]:
    """The headers of one attempt made at ``now`` to deliver ``body`` exactly as it is.

    ``webhook-signature`` has one signature for each of the ``secrets``, with a space between.
    ``X-Pana-Signature`` has room for one: the lower-case hex HMAC-SHA256 of the body under the whole text of
    the first, ``whsec_`` included, so that one string serves both kinds of receiver.
    """
    moment, text = now.astimezone(UTC), body.decode()
    signers = [standardwebhooks.Webhook(key_of(secret)) for secret in secrets]
    return {
        **unsigned(identity, now=now),
        "X-Pana-Signature": hmac.new(secrets[0].encode(), body, hashlib.sha256).hexdigest(),
        "webhook-signature": " ".join(signer.sign(identity.event_id, moment, text) for signer in signers),
    }


def unsigned(identity: Identity, *, now: datetime) -> dict[str, str]:
    """The headers that need no secret: all but ``SIGNATURES``."""
    moment = now.astimezone(UTC)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Pana-Webhook/1.0",
        "X-Pana-Event-Id": identity.event_id,
        "X-Pana-Event-Type": identity.event_type,
        "X-Pana-Event": identity.event_type,
        "X-Pana-Timestamp": moment.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "X-Pana-Delivery": identity.delivery_id,
        "webhook-id": identity.event_id,
        "webhook-timestamp": str(int(moment.timestamp())),
    }
