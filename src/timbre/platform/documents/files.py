"""A document's PDF and XML: the bytes as stored, for whoever may see the document."""

from django.http import HttpResponse

from timbre.accounts.errors import NotFound
from timbre.issuing.models import StoredFile
from timbre.issuing.words import FILE_TYPES, file_name
from timbre.platform.frame import ScreenRequest, screen

FRAMED = {
    # Our own page shows it beside the facts; a viewer needs styles of its own, so the rest is left to it.
    "Content-Security-Policy": "frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
}


@screen
def pdf(request: ScreenRequest, document_id: str) -> HttpResponse:
    """Shown in the page; downloaded with ``?descargar``. NotFound before the SII handed it out."""
    stored = _stored(request, document_id, "pdf")
    response = _served(stored, "attachment" if "descargar" in request.GET else "inline")
    for name, value in FRAMED.items():
        response[name] = value
    return response


@screen
def xml(request: ScreenRequest, document_id: str) -> HttpResponse:
    """To be downloaded: ISO-8859-1, signed as it is; one byte more or less and the signature is void."""
    return _served(_stored(request, document_id, "xml"), "attachment")


def _stored(request: ScreenRequest, document_id: str, kind: str) -> StoredFile:
    files = StoredFile.within(request.scope).select_related("document")
    stored = files.filter(document=document_id, kind=kind, current=True).first()
    if stored is None:
        raise NotFound(f"un {kind.upper()}", document_id)
    return stored


def _served(stored: StoredFile, place: str) -> HttpResponse:
    response = HttpResponse(bytes(stored.content), content_type=FILE_TYPES[stored.kind])
    name = file_name(stored.document, stored.kind)
    response["Content-Disposition"] = f'{place}; filename="{name}"'
    return response
