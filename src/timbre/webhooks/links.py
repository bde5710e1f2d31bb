"""Links to stored files that need no key: signed, and good for an hour."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer

GOOD_FOR = timedelta(hours=1)
_SALT = "timbre.files"


def file_url(file_id: str, *, now: datetime) -> str:
    """An absolute link to the file, good for an hour from ``now``. All of ``file_id`` is signed, so it may
    say more than which file, as a preview's does.
    """
    expires = int((now + GOOD_FOR).timestamp())
    token = Signer(salt=_SALT, sep=".").sign(f"{file_id}.{expires}")
    return f"{settings.BASE_URL}/files/{token}/"


def read_link(token: str, *, now: datetime) -> str | None:
    """The id of the file the token opens at ``now``; None when it was altered or has run out."""
    try:
        file_id, expires = Signer(salt=_SALT, sep=".").unsign(token).rsplit(".", 1)
    except BadSignature:
        return None
    return file_id if now.timestamp() < int(expires) else None
