"""Draws the pages of a PDF as pictures, in a process of its own that knows nothing and may do little.

Called by path, not imported: reads the PDF from standard input; the arguments are the most pages, the longest side of
a page in pixels and the most seconds. Writes for each page its width, height and length in bytes as four bytes each,
then the picture as WebP. Ends with 0, or with one of the numbers below.
"""

from __future__ import annotations

import ctypes
import io
import resource
import struct
import sys

import pypdfium2 as pdfium

CANNOT_READ, IS_LOCKED, HAS_TOO_MANY_PAGES, HAS_NO_PAGES = 3, 4, 5, 6
MOST_MEMORY_BYTES = 1024 * 1024 * 1024
POINTS_PER_INCH = 72
SHARP_DPI = 144


def main() -> int:
    """Draw every page, or none."""
    most_pages, longest_side_px, seconds = (int(word) for word in sys.argv[1:4])
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        # Its forms are never opened: no script, no action, no attachment is looked at.
        document = pdfium.PdfDocument(sys.stdin.buffer.read())
    except pdfium.PdfiumError as error:
        return IS_LOCKED if "password" in str(error).lower() or "security" in str(error).lower() else CANNOT_READ
    if len(document) > most_pages:
        return HAS_TOO_MANY_PAGES
    if len(document) == 0:
        return HAS_NO_PAGES
    try:
        for number in range(len(document)):
            _write_page(document[number], longest_side_px)
    except (pdfium.PdfiumError, ValueError, MemoryError, OSError, ctypes.ArgumentError):
        return CANNOT_READ
    return 0


def _write_page(page: pdfium.PdfPage, longest_side_px: int) -> None:
    width, height = page.get_size()
    scale = min(SHARP_DPI / POINTS_PER_INCH, longest_side_px / max(width, height, 1.0))
    picture = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    written = io.BytesIO()
    picture.save(written, "WEBP", quality=82, method=2)
    content = written.getvalue()
    sys.stdout.buffer.write(struct.pack(">III", *picture.size, len(content)) + content)


if __name__ == "__main__":
    sys.exit(main())
