"""Secrets at rest: AES-256-GCM under keys derived per purpose, bound to the place they are kept.

A sealed text moved to another row or field does not open. ``TIMBRE_SECRET_KEY=new,old`` opens what either
sealed and seals with the new one.
"""

import base64
import secrets
from contextlib import suppress
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unopenable(Exception):
    """The sealed text was made with another key, or for another place."""


def seal(plain: str, *, place: str) -> str:
    """The plain text, encrypted for ``place`` (``credential/cred_x/clave``)."""
    nonce = secrets.token_bytes(12)
    cipher = _cipher(settings.SECRET_KEYS[0], _purpose(place))
    sealed = nonce + cipher.encrypt(nonce, plain.encode(), place.encode())
    return base64.b64encode(sealed).decode()


def unseal(sealed: str, *, place: str) -> str:
    """The plain text. Raises Unopenable, which says nothing of the content."""
    for key in settings.SECRET_KEYS:
        with suppress(InvalidTag, ValueError):  # ValueError: it never was a sealed text
            raw = base64.b64decode(sealed, validate=True)
            return _cipher(key, _purpose(place)).decrypt(raw[:12], raw[12:], place.encode()).decode()
    raise Unopenable(f"the secret of {place} does not open with the present TIMBRE_SECRET_KEY")


def fingerprint(*parts: str) -> str:
    """Tells equal secrets apart from different ones without keeping them (keyed, so not guessable)."""
    mac = hmac.HMAC(_derive(settings.SECRET_KEYS[0], "fingerprint"), hashes.SHA256())
    for part in parts:
        mac.update(f"{len(part)}:{part}".encode())
    return mac.finalize().hex()


def _purpose(place: str) -> str:
    return place.split("/", 1)[0]


@lru_cache(maxsize=64)
def _cipher(key: str, purpose: str) -> AESGCM:
    return AESGCM(_derive(key, purpose))


@lru_cache(maxsize=64)
def _derive(key: str, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=f"timbre/{purpose}".encode()).derive(key.encode())
