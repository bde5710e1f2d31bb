"""The files that go within an event, for webhooks that want them there besides their links."""

from collections.abc import Collection

from django.db.models.functions import Length

from timbre.issuing.models import StoredFile
from timbre.webhooks.body import MAX_INLINE


def read_files(file_ids: Collection[str]) -> dict[str, bytes]:
    """By id, the bytes of these files as stored; those over ``MAX_INLINE`` are left out, unread."""
    asked = StoredFile.objects.filter(pk__in=file_ids).annotate(size=Length("content"))
    short = asked.filter(size__lte=MAX_INLINE).values_list("pk", "content")
    return {pk: bytes(content) for pk, content in short}
