"""A file on its way in: checked, drawn anew and stored, before any transaction is open."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from config.kernel.refusals import Refused

from .models.attachment import LONGEST_NAME, files_of_shown
from .pdfs import is_pdf, read_pdf
from .pictures import is_picture, read_picture
from .quotas import check_file_size, limits
from .text import holds_card_number

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from .camera import Signals
    from .pictures import Drawing


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

    def discard(self) -> None:
        """Remove every copy: nothing came of them."""
        default_storage.delete(self.original)
        for name in files_of_shown(self.shown, self.page_count):
            default_storage.delete(name)


def prepare_upload(file: UploadedFile[bytes]) -> PreparedUpload:
    """Check, draw anew and store a file; the slow part, to be done before any transaction is open.

    :raises Refused: `too_large`, `unsupported_media_type`, `not_an_image` or `not_readable`; then nothing is stored
    """
    content = _bytes_of(file)
    drawing = read_file(content)
    return PreparedUpload(
        name=plain_name(file.name or ""),
        media_type=drawing.media_type,
        original=_store(_new_name("original"), content),
        shown=_store_drawing(drawing),
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        width_px=drawing.width_px,
        height_px=drawing.height_px,
        page_count=len(drawing.pages),
        signals=drawing.signals,
    )


def read_file(content: bytes) -> Drawing:
    """Draw a picture or a PDF anew; its first bytes say which it is, never its name.

    :raises Refused: `too_large`, `unsupported_media_type`, `not_an_image` or `not_readable`, on the field `file`
    """
    check_file_size(len(content))
    if is_picture(content):
        return read_picture(content, most_pixels=limits().file_pixels)
    if is_pdf(content):
        return read_pdf(content, most_pages=limits().pdf_pages)
    raise Refused("unsupported_media_type", "Send a picture (JPEG, PNG or WebP) or a PDF.", field="file")


def plain_name(name: str) -> str:
    """Keep of a file's name what may be shown: no folders, control characters or card numbers, no endless tail."""
    last = PurePath(name.replace("\\", "/")).name
    visible = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip()
    ending = PurePath(visible).suffix[:10]
    if not visible or holds_card_number(visible):
        return f"unnamed{ending}"
    return visible if len(visible) <= LONGEST_NAME else visible[: LONGEST_NAME - len(ending)] + ending


def _bytes_of(file: UploadedFile[bytes]) -> bytes:
    if file.size is not None:
        check_file_size(file.size)
    file.seek(0)
    content: bytes = file.read(limits().file_bytes + 1)
    return content


def _store_drawing(drawing: Drawing) -> str:
    shown = _new_name("shown")
    for name, content in zip(files_of_shown(shown, len(drawing.pages)), (drawing.small, *drawing.pages), strict=True):
        _store(name, content)
    return shown


def _new_name(folder: str) -> str:
    return f"evidence/{folder}/{secrets.token_urlsafe(32)}"


def _store(name: str, content: bytes) -> str:
    return default_storage.save(name, ContentFile(content))
