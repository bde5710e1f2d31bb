"""Public ids: a prefix that says what it is, and 80 random bits that say nothing else (``docu_7kq…``)."""

import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str) -> str:
    """A fresh id such as ``docu_4n0k7qwz2m9c8x1t``."""
    number = secrets.randbits(80)
    return f"{prefix}_" + "".join(ALPHABET[(number >> shift) & 31] for shift in range(0, 80, 5))


def new_user_id() -> str:
    return new_id("user")


def new_key_id() -> str:
    return new_id("akey")
