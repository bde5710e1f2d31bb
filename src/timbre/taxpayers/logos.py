"""A company's logo: a picture that was decoded and drawn anew, so that nothing but pixels is kept."""

from io import BytesIO

from django.db import transaction
from django.utils import timezone
from PIL import Image

from timbre.accounts import audit
from timbre.accounts.errors import Rejection
from timbre.taxpayers.models import Company, Logo

MAX_BYTES = 200 * 1024
MAX_PIXELS = 4_000_000
"""What decoding may cost: 16 MB of memory."""
MAX_SIDE = 800
"""Pixels of the longer side as kept: on paper 7 cm wide at 300 dpi."""
_UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning)


def keep_logo(company: Company, content: bytes) -> Logo:
    """Keeps a PNG or JPEG of at most 200 KB and 4 million pixels, whatever its name says it is.

    Raises Rejection ``logo_invalid`` (param ``logo``).
    """
    if len(content) > MAX_BYTES:
        raise _invalid("El logo pesa más de 200 KB. Guárdalo más pequeño.")
    kind, drawn = _draw_anew(content)
    with transaction.atomic():
        logo, _ = Logo.objects.update_or_create(
            company=company, defaults={"content": drawn, "content_type": f"image/{kind.lower()}"}
        )
        audit.tell(company.scope, "company.logo_changed", company.pk, now=timezone.now())
    return logo


def drop_logo(company: Company) -> None:
    """The company has no logo from now on."""
    with transaction.atomic():
        Logo.objects.filter(company=company).delete()
        audit.tell(company.scope, "company.logo_removed", company.pk, now=timezone.now())


def logo_of(company: Company) -> Logo | None:
    return Logo.objects.filter(company=company).first()


def _draw_anew(content: bytes) -> tuple[str, bytes]:
    try:
        with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise _invalid("El logo tiene más de 4 millones de píxeles. Redúcelo.")
            kind = str(image.format)
            pixels = image.convert("RGB" if kind == "JPEG" else "RGBA")
    except _UNREADABLE:
        raise _invalid("El logo debe ser una imagen PNG o JPEG, y esta no se puede leer.") from None
    pixels.thumbnail((MAX_SIDE, MAX_SIDE))
    # Of the bytes alone: an image that was opened hands its comments and profiles on to what it is saved as.
    clean, out = Image.frombytes(pixels.mode, pixels.size, pixels.tobytes()), BytesIO()
    clean.save(out, kind, optimize=True)
    return kind, out.getvalue()


def _invalid(message: str) -> Rejection:
    return Rejection("logo_invalid", message, param="logo")
