"""A moment, pictures and uploads for the tests of evidence."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from evidence.attachments import attach

if TYPE_CHECKING:
    from django.db.models.fields.files import FieldFile

    from config.kernel.people import Team, User
    from config.kernel.subjects import Subject
    from evidence.models import Attachment

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)


def drawing(name: str = "JPEG", size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
    """Draw a small picture with a gradient and print it in a format."""
    picture = Image.radial_gradient("L").resize(size).convert("RGB")
    written = io.BytesIO()
    picture.save(written, name, **options)
    return written.getvalue()


def upload(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    """Send bytes under a name."""
    return SimpleUploadedFile(name, content)


def stored(file: FieldFile) -> bytes:
    """Read a file back from storage."""
    content: bytes = default_storage.open(str(file.name)).read()
    return content


def attach_one(subject: Subject, team: Team, actor: User, content: bytes, name: str = "photo.jpg") -> Attachment:
    """Attach a photo at noon."""
    return attach(subject=subject, team=team, kind="photo", file=upload(content, name), actor=actor, at=NOON)
