"""Files somebody might send who wishes us no good."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image

from .builders import drawing


def photo_with_a_place() -> bytes:
    """Take a photo as a telephone does: lying on its side, with maker, date and place."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Tattletale"
    exif.get_ifd(0x8825)[2] = (51.0, 30.0, 26.0)
    exif.get_ifd(0x8769)[0x9003] = "2026:02:27 10:00:00"
    return drawing(exif=exif.tobytes(), comment=b"do not tell")


def flood(width: int, height: int) -> bytes:
    """Make a small PNG whose header claims a huge picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def zipped() -> bytes:
    """Make a ZIP archive with a page in it."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("index.html", "<script>alert(1)</script>")
    return written.getvalue()


GIF_SCRIPT = b"GIF89a/*\x01\x00\x80\x00\x00\xff\xff\xff*/=1;alert(document.domain);//;"
NO_PICTURES = {
    "gif_script.gif": GIF_SCRIPT,
    "gif_script.jpg": GIF_SCRIPT,
    "vector.svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "page.html": b"<!doctype html><script>alert(1)</script>",
    "page.png": b"<!doctype html><script>alert(1)</script>",
    "archive.zip": zipped(),
    "script.php": b"<?php system($_GET['c']); ?>",
    "empty.jpg": b"",
    "noise.png": bytes(range(7, 250)) * 8,
    "bitmap.bmp": drawing("BMP"),
    "scan.tiff": drawing("TIFF"),
    "still.gif": drawing("GIF"),
    "sound.webp": b"RIFF\x24\x00\x00\x00WAVEfmt ",
}
BROKEN_PICTURES = {
    "head only": b"\xff\xd8\xff",
    "script after a jpeg head": b"\xff\xd8\xff\xe0<script>alert(1)</script>",
    "cut jpeg": drawing("JPEG")[:400],
    "cut png": drawing("PNG")[:400],
    "cut webp": drawing("WEBP")[:60],
    "png head": b"\x89PNG\r\n\x1a\n",
    "webp head": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
}
