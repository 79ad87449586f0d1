"""PDFs from outside: each page drawn as a picture by a process of its own; the PDF itself is never served.

Scripts, embedded files and actions do not survive: what is shown is pictures, drawn once more by us.
"""

from __future__ import annotations

import io
import logging
import struct
import subprocess
import sys
from pathlib import Path
from typing import Final

from PIL import Image

from config.kernel.refusals import Refused
from config.kernel.wording import said

from .pictures import Drawing, small_copy, written

MEDIA_TYPE = "application/pdf"
LONGEST_PAGE_SIDE_PX = 1800
MOST_SECONDS = 20

_log = logging.getLogger(__name__)
_DRAWER: Final = Path(__file__).with_name("pdf_page_drawer.py")
_HEAD: Final = struct.Struct(">III")
_BROKE: Final = 1
_HAS_TOO_MANY_PAGES: Final = 5
_DAMAGED: Final = said("This PDF is damaged. Print it to a new PDF, or send a photo of it.")
_SENTENCES: Final = {
    _BROKE: _DAMAGED,
    3: _DAMAGED,
    4: said("This PDF is locked with a password. Print it to a new PDF without one."),
    6: said("This PDF has no pages."),
}
"""What the numbers mean with which the drawer ends; it is killed when it takes too much time or memory."""


def is_pdf(content: bytes) -> bool:
    """Tell by the first bytes. A PDF may begin a little later, but then it is something else as well."""
    return content.startswith(b"%PDF-")


def read_pdf(content: bytes, *, most_pages: int, most_seconds: int = MOST_SECONDS) -> Drawing:
    """Draw the pages of a PDF.

    :raises Refused: `not_readable`, `too_large` for too many pages or too slow a drawing, on the field `file`
    """
    command = [sys.executable, "-I", "-B", str(_DRAWER), str(most_pages), str(LONGEST_PAGE_SIDE_PX), str(most_seconds)]
    try:
        drawn = subprocess.run(  # noqa: S603 - our own file and numbers; the content goes through standard input
            command, input=content, capture_output=True, timeout=most_seconds, env={}, check=False
        )
    except subprocess.TimeoutExpired:
        raise _too_slow(most_seconds) from None
    if drawn.returncode == _BROKE:
        _log.error("The drawer of PDFs broke: %s", drawn.stderr.decode(errors="replace")[-2000:])
    if drawn.returncode != 0:
        raise _refusal_for(drawn.returncode, most_pages, most_seconds)
    return _drawing_of(drawn.stdout)


def _drawing_of(stream: bytes) -> Drawing:
    pages, place, size = [], 0, (0, 0)
    small = b""
    while place < len(stream):
        width, height, length = _HEAD.unpack_from(stream, place)
        place += _HEAD.size
        with Image.open(io.BytesIO(stream[place : place + length]), formats=["WEBP"]) as picture:
            plain = picture.convert("RGB")
        pages.append(written(plain))
        if len(pages) == 1:
            size, small = (width, height), small_copy(plain)
        place += length
    return Drawing(MEDIA_TYPE, *size, tuple(pages), small)


def _refusal_for(code: int, most_pages: int, most_seconds: int) -> Refused:
    if code == _HAS_TOO_MANY_PAGES:
        return Refused("too_large", said("A PDF may have at most {count} pages.", count=most_pages), field="file")
    if code in _SENTENCES:
        return Refused("not_readable", _SENTENCES[code], field="file")
    return _too_slow(most_seconds)


def _too_slow(most_seconds: int) -> Refused:
    sentence = said(
        "This PDF could not be drawn within {count} seconds. Send a simpler one, or a photo of it.", count=most_seconds
    )
    return Refused("too_large", sentence, field="file")
