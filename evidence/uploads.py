"""A file on its way in: checked, drawn anew and stored, before any transaction is open."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from config.kernel.refusals import Refused
from config.kernel.wording import said

from .models.attachment import LONGEST_NAME, files_of_shown
from .pdfs import is_pdf, read_pdf
from .pictures import Drawing, is_picture, read_picture
from .quotas import check_file_size, limits
from .scanning import scan
from .text import holds_card_number
from .vocabulary import ScanState

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from .camera import Signals
    from .fingerprints import Fingerprint
    from .scanning import Scan

NOTHING = Drawing(media_type="application/octet-stream", width_px=0, height_px=0, pages=(), small=b"")
"""What is drawn of an infected file."""


@dataclass(frozen=True, slots=True)
class PreparedUpload:
    """A checked file whose copies already lie in storage; attach it or discard it."""

    name: str
    media_type: str
    original: str
    shown: str
    sha256: str
    size_bytes: int
    width_px: int
    height_px: int
    page_count: int
    signals: Signals
    fingerprints: tuple[Fingerprint, ...]
    scan: Scan

    def discard(self) -> None:
        """Remove every copy: nothing came of them."""
        default_storage.delete(self.original)
        for name in files_of_shown(self.shown, self.page_count):
            default_storage.delete(name)


def prepare_upload(file: UploadedFile[bytes]) -> PreparedUpload:
    """Check, scan, draw anew and store a file; the slow part, to be done before any transaction is open.

    What the scanner finds infected is stored, for whoever looks into it, and never decoded.

    :raises Refused: `too_large`, `unsupported_media_type`, `not_an_image` or `not_readable`; then nothing is stored
    """
    content = _bytes_of(file)
    _check_kind_of_file(content)
    found = scan(content)
    drawing = NOTHING if found.state == ScanState.INFECTED else read_file(content)
    original, shown = _new_name("original"), _new_name("shown") if drawing.pages else ""
    copies = zip(files_of_shown(shown, len(drawing.pages)), (drawing.small, *drawing.pages), strict=True)
    _store({original: content, **(dict(copies) if shown else {})})
    return PreparedUpload(
        name=plain_name(file.name or ""),
        media_type=drawing.media_type,
        original=original,
        shown=shown,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        width_px=drawing.width_px,
        height_px=drawing.height_px,
        page_count=max(len(drawing.pages), 1),
        signals=drawing.signals,
        fingerprints=drawing.fingerprints,
        scan=found,
    )


def read_file(content: bytes) -> Drawing:
    """Draw a picture or a PDF anew; its first bytes say which it is, never its name.

    :raises Refused: `too_large`, `unsupported_media_type`, `not_an_image` or `not_readable`, on the field `file`
    """
    check_file_size(len(content))
    _check_kind_of_file(content)
    if is_pdf(content):
        return read_pdf(content, most_pages=limits().pdf_pages)
    return read_picture(content, most_pixels=limits().file_pixels)


def plain_name(name: str) -> str:
    """Keep of a file's name what may be shown: no folders, control characters or card numbers, no endless tail."""
    last = PurePath(name.replace("\\", "/")).name
    visible = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip()
    ending = PurePath(visible).suffix[:10]
    if not visible or holds_card_number(visible):
        return f"unnamed{ending}"
    return visible if len(visible) <= LONGEST_NAME else visible[: LONGEST_NAME - len(ending)] + ending


def _check_kind_of_file(content: bytes) -> None:
    if not is_picture(content) and not is_pdf(content):
        raise Refused("unsupported_media_type", said("Send a picture (JPEG, PNG or WebP) or a PDF."), field="file")


def _bytes_of(file: UploadedFile[bytes]) -> bytes:
    if file.size is not None:
        check_file_size(file.size)
    file.seek(0)
    content: bytes = file.read(limits().file_bytes + 1)
    return content


def _new_name(folder: str) -> str:
    return f"evidence/{folder}/{secrets.token_urlsafe(32)}"


def _store(files: dict[str, bytes]) -> None:
    """Store files, all or none: a full disk keeps half of one, and nobody would know its name."""
    try:
        for name, content in files.items():
            default_storage.save(name, ContentFile(content))
    except BaseException:
        for name in files:
            with suppress(OSError):
                default_storage.delete(name)
        raise
