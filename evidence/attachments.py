"""Files that prove something: checked and drawn anew first, then held under names nobody can guess."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count, Exists, OuterRef

from config.kernel.refusals import Refused

from . import ledger
from .models import Attachment, AttachmentView
from .models.attachment import LONGEST_NAME
from .pictures import LARGEST_BYTES, read_picture, too_large
from .text import holds_card_number
from .vocabulary import EvidenceKind

if TYPE_CHECKING:
    from datetime import datetime

    from django.core.files.uploadedfile import UploadedFile
    from django.db.models import QuerySet

    from config.kernel.people import Team, User
    from config.kernel.subjects import Subject

MOST_PER_SUBJECT = 20


@dataclass(frozen=True, slots=True)
class PreparedUpload:
    """A checked file whose two copies already lie in storage; attach it or discard it."""

    name: str
    media_type: str
    original: str
    shown: str
    sha256: str
    size_bytes: int
    width_px: int
    height_px: int

    def discard(self) -> None:
        """Remove both copies: nothing came of them."""
        default_storage.delete(self.original)
        default_storage.delete(self.shown)


def prepare_upload(file: UploadedFile[bytes]) -> PreparedUpload:
    """Check, draw anew and store a file; the slow part, to be done before any transaction is open.

    :raises Refused: `too_large`, `unsupported_media_type` or `not_an_image`; then nothing is stored
    """
    content = _bytes_of(file)
    picture = read_picture(content)
    return PreparedUpload(
        name=plain_name(file.name or ""),
        media_type=picture.media_type,
        original=_store("original", content),
        shown=_store("shown", picture.shown),
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        width_px=picture.width_px,
        height_px=picture.height_px,
    )


def attach(
    *, subject: Subject, team: Team, kind: str, file: UploadedFile[bytes], actor: User, at: datetime
) -> Attachment:
    """Check, store and attach a file in one call. The same bytes on the same subject give the first attachment again.

    :raises Refused: `invalid`, `too_large`, `unsupported_media_type`, `not_an_image` or `too_many`; nothing is kept
    """
    _check_kind(kind)
    prepared = prepare_upload(file)
    try:
        return attach_prepared(subject=subject, team=team, kind=kind, prepared=prepared, actor=actor, at=at)
    except BaseException:
        prepared.discard()
        raise


def attach_prepared(
    *, subject: Subject, team: Team, kind: str, prepared: PreparedUpload, actor: User, at: datetime
) -> Attachment:
    """Attach a file that `prepare_upload` stored, and append `evidence.attached` to the ledger.

    The same bytes on the same subject give the first attachment again; the second copies are discarded.

    :raises Refused: `invalid` for an unknown kind, `too_many` above the limit of files per subject
    """
    _check_kind(kind)
    with transaction.atomic():
        ledger.hold_chain(subject)
        held = attachments_of(subject)
        first = held.filter(sha256=prepared.sha256).first()
        if first is not None:
            prepared.discard()
            return first
        if held.count() >= MOST_PER_SUBJECT:
            raise Refused(
                "too_many", f"{MOST_PER_SUBJECT} files are attached; there is no room for more.", field="file"
            )
        attachment = Attachment.objects.create(
            subject_kind=subject.kind,
            subject_id=subject.id,
            team=team,
            kind=kind,
            name=prepared.name,
            media_type=prepared.media_type,
            original=prepared.original,
            shown=prepared.shown,
            sha256=prepared.sha256,
            size_bytes=prepared.size_bytes,
            width_px=prepared.width_px,
            height_px=prepared.height_px,
            added_by=actor,
            added_at=at,
        )
        ledger.record(
            subject=subject,
            kind="evidence.attached",
            actor=actor,
            at=at,
            sentence=f"attached evidence: {EvidenceKind(kind).label.lower()}.",
            data={
                "attachment": str(attachment.pk),
                "kind": str(kind),
                "sha256": prepared.sha256,
                "size_bytes": prepared.size_bytes,
            },
        )
        return attachment


@dataclass(frozen=True, slots=True)
class Seen:
    """How many files a subject has, and how many of them one person opened."""

    count: int
    opened_count: int


def seen_by(viewer: User, subject: Subject) -> Seen:
    """Count the files of a subject, and those this person opened."""
    opened = AttachmentView.objects.filter(attachment=OuterRef("pk"), viewer=viewer)
    counted = Attachment.objects.filter(subject_kind=subject.kind, subject_id=subject.id).aggregate(
        count=Count("pk"), opened=Count("pk", filter=Exists(opened))
    )
    return Seen(counted["count"], counted["opened"])


def attachments_of(subject: Subject, *, viewer: User | None = None) -> QuerySet[Attachment]:
    """List what is attached to a subject, oldest first.

    Asked for a viewer, each file carries `is_opened`: whether she opened it.
    """
    found = (
        Attachment.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
        .select_related("added_by")
        .order_by("added_at", "pk")
    )
    if viewer is None:
        return found
    return found.annotate(is_opened=Exists(AttachmentView.objects.filter(attachment=OuterRef("pk"), viewer=viewer)))


def kinds_of(subject: Subject) -> frozenset[str]:
    """Tell which kinds of evidence a subject has."""
    held = Attachment.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
    return frozenset(held.order_by().values_list("kind", flat=True).distinct())


def record_opening(*, attachment: Attachment, viewer: User, at: datetime) -> None:
    """Write down that somebody opened a file."""
    AttachmentView.objects.create(attachment=attachment, viewer=viewer, at=at)


def plain_name(name: str) -> str:
    """Keep of a file's name what may be shown: no folders, control characters or card numbers, no endless tail."""
    last = PurePath(name.replace("\\", "/")).name
    visible = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip()
    ending = PurePath(visible).suffix[:10]
    if not visible or holds_card_number(visible):
        return f"unnamed{ending}"
    return visible if len(visible) <= LONGEST_NAME else visible[: LONGEST_NAME - len(ending)] + ending


def _bytes_of(file: UploadedFile[bytes]) -> bytes:
    if file.size is not None and file.size > LARGEST_BYTES:
        raise too_large()
    file.seek(0)
    content: bytes = file.read(LARGEST_BYTES + 1)
    return content


def _store(folder: str, content: bytes) -> str:
    name = f"evidence/{folder}/{secrets.token_urlsafe(32)}"
    return default_storage.save(name, ContentFile(content))


def _check_kind(kind: str) -> None:
    if kind not in EvidenceKind.values:
        raise Refused("invalid", f"Evidence is one of: {', '.join(EvidenceKind.values)}.", field="kind")
