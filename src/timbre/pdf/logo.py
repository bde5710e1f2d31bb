"""A company's logo as it is printed: at most a fifth of the sheet's width and height (sii-protocols 2.4)."""

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from PIL import Image
from reportlab.lib.utils import ImageReader

_DPI = 300
_KEPT = 64
"""Logos that stay prepared: a batch of one company prepares its own once."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture and its size on paper, in points."""

    picture: ImageReader
    width: float
    height: float


@lru_cache(maxsize=_KEPT)
def prepare(content: bytes, width: float, height: float) -> Prepared:
    """The picture on white, as large as ``width`` and ``height`` in points let it be.

    No more pixels are kept than 300 an inch: what a printer shows. ``content`` is a PNG or JPEG that was
    judged when it was uploaded.
    """
    with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as opened:
        picture = opened.convert("RGBA")
    scale = min(width / picture.width, height / picture.height)
    wide, high = picture.width * scale, picture.height * scale
    picture.thumbnail((int(width * _DPI / 72), int(height * _DPI / 72)))
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return Prepared(ImageReader(paper), wide, high)
