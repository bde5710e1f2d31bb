"""A company's defaults and its logo on screen; and what a picture must not bring with it."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin

from timbre.accounts.errors import Rejection
from timbre.accounts.models import User
from timbre.taxpayers.logos import MAX_BYTES, keep_logo
from timbre.taxpayers.models import Activity, Address, Company, Logo, MasterEntity
from visiting import Visitor, text_of

HOSTILE = "\"><script>alert(1)</script>'{{7*7}}"


@pytest.fixture
def visitor(user: User) -> Visitor:
    return Visitor(user)


@pytest.fixture
def page(company: Company) -> str:
    return f"/sandbox/empresas/{company.pk}/"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20), **options: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, (179, 19, 27)).save(out, kind, **options)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def upload(visitor: Visitor, page: str, content: bytes, name: str = "logo.png") -> Any:
    file = SimpleUploadedFile(name, content, content_type="image/png")
    return visitor.post(page + "logo/cambiar/", {"logo": file})


# Defaults


def test_defaults_are_chosen_from_what_the_sii_has_on_file(
    visitor: Visitor, company: Company, page: str
) -> None:
    address = Address.objects.create(entity=company.entity, position=0, direccion="AV 1", comuna="ÑUÑOA")
    activity = Activity.objects.create(entity=company.entity, position=0, codigo="107100", glosa="PAN")
    shown = text_of(visitor.get(page + "valores/"))
    assert "La primera que informa el SII" in shown
    assert "AV 1, ÑUÑOA" in shown
    chosen = {
        "address_id": address.pk,
        "activity_id": activity.pk,
        "email": "ventas@nandu.cl",
        "phone": "+56223456789",
        "payment_method": "1",
    }
    assert visitor.post(page + "valores/", chosen)["Location"] == page
    company.refresh_from_db()
    assert (company.address, company.activity, company.payment_method) == (address, activity, "1")
    shown = text_of(visitor.get(page))
    for told in ("AV 1, ÑUÑOA", "107100 PAN", "ventas@nandu.cl", "+56223456789", "Contado"):
        assert told in shown
    assert f'value="{address.pk}" selected' in text_of(visitor.get(page + "valores/"))
    visitor.post(page + "valores/", {})
    company.refresh_from_db()
    assert (company.address, company.email, company.payment_method) == (None, "", "")


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("email", "no es un correo", "Debe ser un correo como"),
        ("email", "una-direccion-demasiado-larga@nandu.cl", "el formulario del portal del SII admite 30"),
        ("phone", "+56 2 2345 6789 anexo 123", "el formulario del portal del SII admite 14"),
        ("phone", HOSTILE, "admite 14"),
        ("email", HOSTILE, "Debe ser un correo como"),
        ("phone", "☎", "caracteres que el SII no admite"),
        ("address_id", "addr_0000000000000000", "Ya no está en los registros"),
        ("payment_method", "9", "no es una de las opciones"),
    ],
)
def test_a_wrong_default_is_told_beside_its_field_and_kept(
    visitor: Visitor, company: Company, page: str, field: str, typed: str, told: str
) -> None:
    shown = text_of(visitor.post(page + "valores/", {"phone": "222", "email": "a@b.cl", field: typed}))
    assert told in shown
    assert f'id="id_{field}_error"' in shown
    assert 'value="222"' in shown or field == "phone"
    assert "<script>alert" not in shown
    if field in {"email", "phone"} and typed != HOSTILE:
        assert f'value="{typed}"' in shown
    company.refresh_from_db()
    assert (company.email, company.phone) == ("", "")


def test_an_address_of_another_company_cannot_be_chosen(
    visitor: Visitor, company: Company, page: str
) -> None:
    other = MasterEntity.objects.create(environment="sandbox", rut="39003003-7")
    theirs = Address.objects.create(entity=other, position=0, direccion="RUTA 5", comuna="PUERTO MONTT")
    shown = text_of(visitor.post(page + "valores/", {"address_id": theirs.pk}))
    assert "Ya no está en los registros del SII" in shown
    assert "RUTA 5" not in shown


# The logo


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_is_kept_shown_and_removed(visitor: Visitor, company: Company, page: str, kind: str) -> None:
    assert visitor.get(page + "logo/").status_code == 404
    assert upload(visitor, page, picture(kind))["Location"] == page
    served = visitor.get(page + "logo/")
    assert served["Content-Type"] == f"image/{kind.lower()}"
    assert served["X-Content-Type-Options"] == "nosniff"
    with Image.open(BytesIO(served.content)) as image:
        assert (image.format, image.size) == (kind, (40, 20))
    assert f'src="{page}logo/?v=' in text_of(visitor.get(page))
    assert "¿Quitar el logo" in text_of(visitor.get(page + "logo/quitar/"))
    visitor.post(page + "logo/quitar/")
    assert not Logo.objects.exists()


def test_nothing_but_pixels_survives(company: Company) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "<script>alert(1)</script>")
    content = picture(pnginfo=text) + b"<html><script>alert(2)</script>PK\x03\x04"
    kept = bytes(keep_logo(company, content).content)
    assert b"script" not in kept
    assert kept.endswith(b"IEND\xaeB`\x82")
    exif = Image.Exif()
    exif[0x9286] = "<script>alert(3)</script>"
    jpeg = bytes(keep_logo(company, picture("JPEG", exif=exif, comment=b"<script>")).content)
    assert b"script" not in jpeg
    assert b"Exif" not in jpeg


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><script>alert(1)</script>",
        b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
        picture("GIF"),
        picture("WEBP"),
        picture("TIFF"),
        picture()[:60],
        bomb(60_000, 60_000),
        bomb(10_000, 10_000),
        bomb(3_000, 3_000),
        bomb(100, 100),
    ],
    ids=["svg", "html", "html in png", "gif", "webp", "tiff", "cut", "bomb", "warned of", "large", "short"],
)
def test_what_is_no_small_png_or_jpeg_is_refused_beside_the_field(
    visitor: Visitor, page: str, content: bytes
) -> None:
    shown = text_of(upload(visitor, page, content))
    assert 'id="id_logo_error"' in shown
    assert not Logo.objects.exists()


def test_a_wrong_ending_does_not_matter_for_the_bytes_tell(visitor: Visitor, page: str) -> None:
    upload(visitor, page, picture("JPEG"), name='x.html"><script>.svg')
    assert Logo.objects.get().content_type == "image/jpeg"


def test_a_heavy_or_missing_file_is_told(visitor: Visitor, company: Company, page: str) -> None:
    assert "pesa más de 200 KB" in text_of(upload(visitor, page, picture() + b"\0" * MAX_BYTES))
    assert "Elige una imagen" in text_of(visitor.post(page + "logo/cambiar/", {}))
    assert "está vacío" in text_of(upload(visitor, page, b""))
    with pytest.raises(Rejection) as refused:
        keep_logo(company, b"")
    assert refused.value.code == "logo_invalid"


def test_a_large_logo_is_made_small(company: Company) -> None:
    kept = keep_logo(company, picture(size=(1600, 400)))
    with Image.open(BytesIO(bytes(kept.content))) as image:
        assert image.size == (800, 200)
