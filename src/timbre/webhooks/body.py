"""The body of a delivery: compact JSON, made anew at each attempt because its links are."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from timbre.webhooks.links import file_url
from timbre.webhooks.models import Event

LINKS = ("pdf_file", "xml_file")


def build(event: Event, *, now: datetime) -> bytes:
    """``{"event", "created_at", "data"}`` in UTF-8: the bytes that are sent, and signed as they are.

    Compact, and with no escapes but JSON's own: receivers that re-serialise before they verify pass too.
    """
    return json.dumps(
        envelope(event, fresh_links(event, now=now)), ensure_ascii=False, separators=(",", ":")
    ).encode()


def envelope(event: Event, links: Mapping[str, str | None]) -> dict[str, Any]:
    """What the body says, with these links to its files."""
    created_at = event.created_at.astimezone(UTC).isoformat(timespec="microseconds")
    return {
        "event": event.type,
        "created_at": created_at.replace("+00:00", "Z"),
        "data": {**event.data, **links},
    }


def fresh_links(event: Event, *, now: datetime) -> dict[str, str | None]:
    """The event's files as links good for an hour; a document's two keys are there even without files."""
    links: dict[str, str | None] = dict.fromkeys(LINKS) if event.type.startswith("document.") else {}
    return links | {field: file_url(file_id, now=now) for field, file_id in event.files.items()}
