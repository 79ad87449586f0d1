"""Pictures from outside: decoded, turned upright and drawn anew, so that nothing but the picture is left."""

from __future__ import annotations

import io
import math
import struct
from dataclasses import dataclass, field
from typing import Final

from PIL import Image, ImageOps

from config.kernel.refusals import Refused
from config.kernel.wording import said

from .camera import Signals, signals_of
from .fingerprints import Fingerprint, fingerprints_of

LONGEST_SIDE_PX = 2560
"""Sharp on any screen; a shown copy need not be bigger."""

SMALL_SIDE_PX = 320
"""Enough to tell one file from another in a list, too little to judge by."""

FORMATS: Final = ("JPEG", "PNG", "WEBP")
MEDIA_TYPES: Final = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""Telephones hang further pictures behind a JPEG; Pillow calls that one MPO."""

SHOWN_MEDIA_TYPE = "image/webp"

_HAS_ALPHA = {"RGBA", "LA", "PA", "La", "RGBa"}
_SIXTEEN_BITS = {"I;16", "I;16L", "I;16B", "I;16N", "I", "F"}
_STRIP_ROWS = 128
_HEAVY = 3
"""How often a decoder holds a picture that it cannot decode row by row: a WebP, or a JPEG in passes."""

_UNREADABLE = (
    ArithmeticError,
    EOFError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)
"""What Pillow raises on bytes that somebody bent."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What came out of a file: its media type and size as it came, and the pictures to show, page by page.

    `small` is a thumbnail of the first page.
    """

    media_type: str
    width_px: int
    height_px: int
    pages: tuple[bytes, ...]
    small: bytes
    signals: Signals = field(default_factory=Signals)
    fingerprints: tuple[Fingerprint, ...] = ()


def read_picture(content: bytes, *, most_pixels: int) -> Drawing:
    """Decode a JPEG, PNG or WebP and draw it anew without metadata or trailing bytes.

    1. Read the size from the header and refuse a flood before a pixel is decoded.
    2. Decode all of it, shrink it strip by strip to what a screen shows, turn it upright, let the original go.
    3. Write what is left as WebP.

    Holds the decoded picture once, four bytes a pixel, beside a copy of screen size.

    :raises Refused: `too_large` or `not_an_image`, on the field `file`
    """
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _check_pixels(image, most_pixels)
            width, height, media_type = image.width, image.height, MEDIA_TYPES[str(image.format)]
            image.draft(None, (LONGEST_SIDE_PX, LONGEST_SIDE_PX))
            image.load()
            plain = _upright(_plain(image), image)
            signals = signals_of(image)
            image.close()
            pages, fingerprints = (written(plain),), fingerprints_of(plain)
            return Drawing(media_type, width, height, pages, small_copy(plain), signals, fingerprints)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(most_pixels) from error
    except _UNREADABLE as error:
        raise Refused("not_an_image", said("This file is damaged or is no picture."), field="file") from error


def is_picture(content: bytes) -> bool:
    """Tell by the first bytes; a name or a declared type says nothing."""
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return is_webp or content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))


def written(plain: Image.Image) -> bytes:
    """Write a drawn picture as WebP, and nothing beside it."""
    plain.info.clear()
    file = io.BytesIO()
    plain.save(file, "WEBP", quality=82, method=2, exif=b"", icc_profile=b"", xmp=b"")
    return file.getvalue()


def small_copy(plain: Image.Image) -> bytes:
    """Write a thumbnail; the picture itself shrinks with it."""
    plain.thumbnail((SMALL_SIDE_PX, SMALL_SIDE_PX))
    return written(plain)


def small_of(shown: bytes) -> bytes:
    """Write a thumbnail of a copy that we drew."""
    return small_copy(drawn_copy(shown))


def drawn_copy(shown: bytes) -> Image.Image:
    """Read a copy that we drew."""
    with Image.open(io.BytesIO(shown), formats=["WEBP"]) as picture:
        return picture.convert("RGB")


def _check_pixels(image: Image.Image, most: int) -> None:
    # Pillow itself only warns between its limit and twice of it, and its limit is one for the whole process.
    is_heavy = image.format == "WEBP" or "progressive" in image.info
    allowed = most // _HEAVY if is_heavy else most
    if image.width * image.height > allowed:
        raise _too_many_pixels(allowed)


def _too_many_pixels(most: int) -> Refused:
    return Refused(
        "too_large",
        said("A picture like this may have at most {most} million pixels.", most=most // 10**6),
        field="file",
    )


def _plain(image: Image.Image) -> Image.Image:
    """Shrink to a screen and bring every kind of colour to RGB, with or without alpha, a strip at a time."""
    share = min(LONGEST_SIDE_PX / max(image.size), 1.0)
    width, height = (max(round(side * share), 1) for side in image.size)
    has_alpha = image.mode in _HAS_ALPHA or "transparency" in image.info
    mode = "RGBA" if has_alpha else "RGB"
    drawn = Image.new(mode, (width, height))
    for top in range(0, height, _STRIP_ROWS):
        bottom = min(top + _STRIP_ROWS, height)
        first, last = top / share if share < 1 else top, bottom / share if share < 1 else bottom
        upper, lower = math.floor(first), min(math.ceil(last), image.height)
        strip = _in_colours(image.crop((0, upper, image.width, lower)), mode)
        if strip.size != (width, bottom - top):
            box = (0.0, first - upper, float(image.width), min(last - upper, strip.height))
            strip = strip.resize((width, bottom - top), Image.Resampling.BICUBIC, box)
        drawn.paste(strip, (0, top))
    return drawn


def _in_colours(strip: Image.Image, mode: str) -> Image.Image:
    if strip.mode in _SIXTEEN_BITS:
        # Converting cuts at 255, so that all but the darkest would be white.
        strip = strip.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return strip if strip.mode == mode else strip.convert(mode)


def _upright(plain: Image.Image, image: Image.Image) -> Image.Image:
    orientation = image.getexif().get(0x0112)
    if orientation in range(2, 9):
        plain.getexif()[0x0112] = orientation
        ImageOps.exif_transpose(plain, in_place=True)
    return plain
