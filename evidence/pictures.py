"""Pictures from outside: decoded, turned upright and drawn anew, so that nothing but the picture is left."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass

from PIL import Image, ImageOps

from config.kernel.refusals import Refused

LARGEST_BYTES = 10 * 1024 * 1024
LARGEST_PIXELS = 20_000_000
LONGEST_SIDE_PX = 2560
"""Sharp on any screen; a shown copy need not be bigger."""

MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
SHOWN_MEDIA_TYPE = "image/webp"

_HAS_ALPHA = {"RGBA", "LA", "PA", "La", "RGBa"}

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
class Picture:
    """A picture that was really one: its media type and size as it came, and the copy to show."""

    media_type: str
    width_px: int
    height_px: int
    shown: bytes


def read_picture(content: bytes) -> Picture:
    """Decode a JPEG, PNG or WebP and draw it anew without metadata or trailing bytes.

    1. Look at the first bytes; a name or a declared type says nothing.
    2. Read the size from the header and refuse a flood before a pixel is decoded.
    3. Decode all of it, turn it upright, shrink it to what a screen shows, write it as WebP.

    :raises Refused: `too_large`, `unsupported_media_type` or `not_an_image`, on the field `file`
    """
    if len(content) > LARGEST_BYTES:
        raise too_large()
    if not _looks_like_a_picture(content):
        raise Refused("unsupported_media_type", "Send a picture: JPEG, PNG or WebP.", field="file")
    try:
        with Image.open(io.BytesIO(content), formats=tuple(MEDIA_TYPES)) as image:
            _check_pixels(image)
            return Picture(MEDIA_TYPES[str(image.format)], image.width, image.height, _drawn_anew(image))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except _UNREADABLE as error:
        raise Refused("not_an_image", "This file is damaged or is no picture.", field="file") from error


def too_large() -> Refused:
    """Say how big a file may be."""
    return Refused("too_large", f"A file may have at most {LARGEST_BYTES // 1024**2} MB.", field="file")


def _looks_like_a_picture(content: bytes) -> bool:
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return is_webp or content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))


def _check_pixels(image: Image.Image) -> None:
    # Pillow itself only warns between its limit and twice of it, and its limit is one for the whole process.
    if image.width * image.height > LARGEST_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> Refused:
    return Refused("too_large", f"A picture may have at most {LARGEST_PIXELS // 10**6} million pixels.", field="file")


def _drawn_anew(image: Image.Image) -> bytes:
    image.draft("RGB", (LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    upright = ImageOps.exif_transpose(image)
    has_alpha = upright.mode in _HAS_ALPHA or "transparency" in upright.info
    plain = upright.convert("RGBA" if has_alpha else "RGB")
    plain.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    plain.info.clear()
    written = io.BytesIO()
    plain.save(written, "WEBP", quality=82, method=2, exif=b"", icc_profile=b"", xmp=b"")
    return written.getvalue()
