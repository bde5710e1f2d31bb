"""The body of a delivery: compact JSON, made anew at each attempt because its links are."""

import base64
import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from timbre.webhooks.links import file_url
from timbre.webhooks.models import Event

LINKS = ("pdf_file", "xml_file")
API_VERSION = 2
MAX_INLINE = 5 * 1024 * 1024
"""Bytes of a file that still goes inline; one that is longer is left to its link."""

ReadFiles = Callable[[Collection[str]], Mapping[str, bytes]]
"""Ids of stored files to their bytes; those over ``MAX_INLINE`` are left out."""


def no_files(_: Collection[str]) -> Mapping[str, bytes]:
    """Where no files are kept."""
    return {}


def build(event: Event, *, now: datetime, inline: ReadFiles | None = None) -> bytes:
    """``{"event", "created_at", "data"}`` in UTF-8: the bytes that are sent, and signed as they are.

    Compact, and with no escapes but JSON's own: receivers that re-serialise before they verify pass too.
    With ``inline``, which reads them, the files come within.
    """
    files = fresh_links(event, now=now) | (enclosed(event, inline) if inline else {})
    return json.dumps(envelope(event, files), ensure_ascii=False, separators=(",", ":")).encode()


def envelope(event: Event, files: Mapping[str, str | None]) -> dict[str, Any]:
    """What the body says, with this said of its files."""
    created_at = event.created_at.astimezone(UTC).isoformat(timespec="microseconds")
    return {
        "event": event.type,
        "created_at": created_at.replace("+00:00", "Z"),
        "data": data(event, files),
    }


def data(event: Event, files: Mapping[str, str | None]) -> dict[str, Any]:
    """What happened. ``sequence`` grows from one event of a user to the next: an older one says less."""
    return {**event.data, "sequence": event.seq, "api_version": API_VERSION, **files}


def fresh_links(event: Event, *, now: datetime) -> dict[str, str | None]:
    """The event's files as links good for an hour; a document's two keys are there even without files."""
    links: dict[str, str | None] = dict.fromkeys(LINKS) if event.type.startswith("document.") else {}
    return links | {field: file_url(file_id, now=now) for field, file_id in event.files.items()}


def enclosed(event: Event, read: ReadFiles) -> dict[str, str | None]:
    """The event's files in base64, each with its SHA-256 in hex; null what there is not, or is too long."""
    found = read(event.files.values()) if event.files else {}
    told: dict[str, str | None] = {}
    for field in LINKS if event.type.startswith("document.") else ():
        content = found.get(event.files.get(field, ""))
        told[inline_name(field)] = None if content is None else base64.b64encode(content).decode()
        told[checksum_name(field)] = None if content is None else hashlib.sha256(content).hexdigest()
    return told


def inline_name(field: str) -> str:
    """``xml_file`` is the link; ``xml_base64`` the file itself."""
    return field.replace("_file", "_base64")


def checksum_name(field: str) -> str:
    """``xml_sha256``."""
    return field.replace("_file", "_sha256")


INLINE_NAMES = (inline_name, checksum_name)
