"""Secrets at rest: AES-256-GCM under keys derived per purpose, bound to the place they are kept.

A sealed text moved to another row or field does not open. ``TIMBRE_SECRET_KEY=new,old`` opens what either
sealed and seals with the new one; ``timbre rotate-secret`` then seals everything anew (``rotation``).
"""

import base64
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

KEPT: Mapping[str, str] = {
    "credential/clave": "taxpayers.Credential",
    "credential/certificate_password": "taxpayers.Credential",
    "webhook/secret": "webhooks.Webhook",
    "webhook/previous_secret": "webhooks.Webhook",
    "lane/session": "work.Lane",
}
"""Every column that keeps what is sealed, as purpose/column, and its model; a place is purpose/row/column."""
PASSING = frozenset({"session"})
"""Purposes of what is sealed for minutes, and simply gone when it no longer opens."""


class Unopenable(Exception):
    """The sealed text was made with another key, or for another place."""


def seal(plain: str, *, place: str) -> str:
    """The plain text, encrypted for ``place`` (``credential/cred_x/clave``)."""
    purpose, *_, column = place.split("/")
    if purpose not in PASSING and f"{purpose}/{column}" not in KEPT:
        raise ValueError(f"{place} is not among what is kept: a rotation would forget it")
    nonce = secrets.token_bytes(12)
    cipher = _cipher(_keys()[0], purpose)
    sealed = nonce + cipher.encrypt(nonce, plain.encode(), place.encode())
    return base64.b64encode(sealed).decode()


def unseal(sealed: str, *, place: str) -> str:
    """The plain text. Raises Unopenable, which says nothing of the content."""
    for key in _keys():
        with suppress(InvalidTag, ValueError):  # ValueError: it never was a sealed text
            return _open(sealed, place, key)
    raise Unopenable(f"the secret of {place} does not open with the present TIMBRE_SECRET_KEY")


def seal_anew(sealed: str, *, place: str) -> str | None:
    """The same secret under the newest key; None when it is already. Raises Unopenable."""
    with suppress(InvalidTag, ValueError):
        _open(sealed, place, _keys()[0])
        return None
    return seal(unseal(sealed, place=place), place=place)


def fingerprint(*parts: str) -> str:
    """Tells equal secrets apart from different ones without keeping them (keyed, so not guessable)."""
    return fingerprints(*parts)[0]


def fingerprints(*parts: str) -> list[str]:
    """The fingerprint by each key, the newest first: what is kept may still be by an older one."""
    return [_fingerprint(key, parts) for key in _keys()]


def _fingerprint(key: str, parts: Sequence[str]) -> str:
    mac = hmac.HMAC(_derive(key, "fingerprint"), hashes.SHA256())
    for part in parts:
        mac.update(f"{len(part)}:{part}".encode())
    return mac.finalize().hex()


def _open(sealed: str, place: str, key: str) -> str:
    raw = base64.b64decode(sealed, validate=True)
    purpose = place.split("/", 1)[0]
    return _cipher(key, purpose).decrypt(raw[:12], raw[12:], place.encode()).decode()


def _keys() -> Sequence[str]:
    """The newest first. A generated key's file is read again when it was replaced, so that whoever serves
    follows a rotation.
    """
    file: Path | None = settings.SECRET_KEY_FILE
    if file is None:
        return settings.SECRET_KEYS
    with suppress(FileNotFoundError):
        stat = file.stat()
        return _keys_in(file, stat.st_ino, stat.st_mtime_ns)
    return settings.SECRET_KEYS


@lru_cache(maxsize=4)
def _keys_in(file: Path, _inode: int, _written: int) -> Sequence[str]:
    return tuple(file.read_text().split())


@lru_cache(maxsize=64)
def _cipher(key: str, purpose: str) -> AESGCM:
    return AESGCM(_derive(key, purpose))


@lru_cache(maxsize=64)
def _derive(key: str, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=f"timbre/{purpose}".encode()).derive(key.encode())
