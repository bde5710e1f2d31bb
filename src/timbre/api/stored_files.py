"""GET /files/<token>/: the bytes behind a signed link. The link is the key, and good for an hour."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from timbre.accounts.errors import Rejection
from timbre.api.errors import refuse
from timbre.issuing import presenting, previewing
from timbre.issuing.models import Document
from timbre.issuing.previewing import Copy
from timbre.issuing.words import FILE_TYPES, file_name
from timbre.webhooks.links import read_link

PLACES = {"pdf": "inline", "xml": "attachment"}
_GONE = "El enlace no existe o ya venció. Pide el documento de nuevo en la API para obtener otro."


@require_safe
def serve(request: HttpRequest, token: str) -> HttpResponse:
    """The file as stored, named like ``F33-123.pdf``, its SHA-256 as ETag; 404 once the link ran out."""
    file_id = read_link(token, now=timezone.now())
    found = previewing.linked_preview(file_id) if file_id else None
    if found is not None:
        return _preview(*found)
    stored = presenting.linked_file(file_id) if file_id else None
    if stored is None:
        return refuse(request, Rejection("resource_missing", _GONE, status=404))
    etag = f'"{stored.sha256}"'
    name = file_name(stored.document, stored.kind)
    headers = {
        "ETag": etag,
        "Cache-Control": "private, max-age=3600",
        "Content-Disposition": f'{PLACES[stored.kind]}; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(bytes(stored.content), content_type=FILE_TYPES[stored.kind], headers=headers)


def _preview(document: Document, copy: Copy) -> HttpResponse:
    """Drawn anew each time: nothing of a preview is kept, and nothing of it is worth keeping."""
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'inline; filename="{previewing.file_name(document, copy)}"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(previewing.draw(document, copy), content_type=FILE_TYPES["pdf"], headers=headers)
