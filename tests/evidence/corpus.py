"""Sixty-odd files that somebody might send who wishes us no good, each drawn or written here."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

from PIL import Image, PngImagePlugin

from .builders import drawing
from .hostile import BROKEN_PICTURES, NO_PICTURES, flood, photo_with_a_place, zipped
from .papers import BROKEN_PAPERS, PAPERS

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = b"<!doctype html><script>alert(document.domain)</script>"
NEEDLES = (b"<script", b"alert(", b"evil", b"Tattletale", b"do not tell", b"PK\x03\x04", b"%PDF", b"<svg", b"MZ\x90")
"""Nothing of this may be left in what is shown."""


def _saved(picture: Image.Image, name: str, **options: Any) -> bytes:
    written = io.BytesIO()
    picture.save(written, name, **options)
    return written.getvalue()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _with_chunk(chunk: bytes) -> bytes:
    whole = drawing("PNG")
    return whole[:33] + chunk + whole[33:]


def _texts() -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "<script>alert(1)</script>")
    texts.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>do not tell</x:xmpmeta>")
    return drawing("PNG", pnginfo=texts)


def _exif_bomb() -> bytes:
    """Point each directory of the metadata at itself."""
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00" + struct.pack("<HHHIII", 1, 0x8769, 4, 1, 8, 8)
    return drawing(exif=exif)


def _with_segment(marker: int, body: bytes) -> bytes:
    whole = drawing()
    return whole[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + whole[2:]


def _frames(name: str, count: int) -> bytes:
    frames = [Image.new("RGB", (40, 30), (number * 7 % 256, 90, 40)) for number in range(count)]
    return _saved(frames[0], name, save_all=True, append_images=frames[1:])


def _many_bits() -> Image.Image:
    picture = Image.new("I;16", (32, 32))
    picture.putdata([row * 2000 for row in range(32) for _ in range(32)])
    return picture


TRICKS: Mapping[str, bytes] = {
    "place and maker.jpg": photo_with_a_place(),
    "zip tail.jpg": drawing() + zipped(),
    "page tail.png": drawing("PNG") + PAGE,
    "page tail.webp": drawing("WEBP") + PAGE,
    "program tail.jpg": drawing() + b"MZ\x90\x00evil",
    "script in a comment.jpg": _with_segment(0xFE, PAGE),
    "page in metadata.jpg": _with_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + PAGE),
    "javascript start.jpg": _with_segment(0xE0, b"/*" + b"*/=alert(1);/*" * 50),
    "php in a comment.jpg": _with_segment(0xFE, b"<?php system('evil'); ?>"),
    "texts.png": _texts(),
    "own chunk.png": _with_chunk(_chunk(b"evIl", PAGE)),
    "wrong profile.png": drawing("PNG", icc_profile=b"evil profile" * 900),
    "wrong profile.jpg": drawing(icc_profile=b"evil profile" * 900),
    "circle of metadata.jpg": _exif_bomb(),
    "metadata of noise.jpg": drawing(exif=b"Exif\x00\x00" + bytes(range(255)) * 9),
    "four colours.jpg": _saved(Image.new("CMYK", (60, 40), (10, 200, 30, 0)), "JPEG"),
    "sixteen bits.png": _saved(_many_bits(), "PNG"),
    "palette.png": _saved(Image.radial_gradient("L").convert("P"), "PNG"),
    "one bit.png": _saved(Image.radial_gradient("L").convert("1"), "PNG"),
    "grey and clear.png": _saved(Image.radial_gradient("L").convert("LA"), "PNG"),
    "all clear.png": _saved(Image.new("RGBA", (30, 30), (0, 0, 0, 0)), "PNG"),
    "moving.png": _frames("PNG", 12),
    "moving.webp": _frames("WEBP", 12),
    "many pictures.jpg": _frames("MPO", 3),
    "in passes.jpg": drawing(progressive=True),
    "one pixel.png": drawing("PNG", (1, 1)),
    "a thread.png": drawing("PNG", (8000, 1)),
    "a ribbon.jpg": drawing("JPEG", (1, 9000)),
    "jpeg called.png": drawing("JPEG"),
    "png called.jpg.exe": drawing("PNG"),
    "webp called.html": drawing("WEBP"),
    "../../../etc/passwd.jpg": drawing(),
    "C:\\windows\\evil.jpg": drawing(quality=41),
    "n" * 400 + ".jpg": drawing(quality=42),
    "nul\x00evil.php.jpg": drawing(quality=43),
    "right\u202egpj.exe": drawing(quality=44),
    "<script>alert(1)</script>.jpg": drawing(quality=45),
    "%00%2e%2e%2fevil.jpg": drawing(quality=46),
    "card 4111111111111111.jpg": drawing(quality=47),
    "two\r\nSet-Cookie: evil=1.jpg": drawing(quality=48),
    "=cmd|' /C calc'!A0.jpg": drawing(quality=49),
}
FLOODS: Mapping[str, bytes] = {
    "huge text.png": _with_chunk(_chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(b"a" * 30_000_000))),
    "flood.png": flood(30_000, 30_000),
    "wide flood.png": flood(2_000_000, 100),
    "just too many.png": flood(5_000, 4_001),
    "claims more than there is.png": flood(4_000, 4_000),
    "widest jpeg.jpg": drawing().replace(struct.pack(">HH", 48, 64), struct.pack(">HH", 65_500, 65_500), 1),
    "zeros.jpg": b"\x00" * 5_000,
    "ones.png": b"\xff" * 5_000,
    "eleven megabytes.jpg": drawing() + b"\x00" * 11_000_000,
    "pdf and picture.jpg": b"\n" + PAPERS["plain.pdf"],
    "icon.ico": drawing("ICO"),
    "postscript.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(evil) run",
    "photo.heic": b"\x00\x00\x00\x18ftypheic" + bytes(64),
    "photo.avif": b"\x00\x00\x00\x18ftypavif" + bytes(64),
    "paper.docx": zipped(),
    "mail.eml": b"From: evil@example.com\r\nContent-Type: text/html\r\n\r\n" + PAGE,
}
CORPUS: Mapping[str, bytes] = {
    **NO_PICTURES,
    **BROKEN_PICTURES,
    **TRICKS,
    **FLOODS,
    **PAPERS,
    **BROKEN_PAPERS,
}
