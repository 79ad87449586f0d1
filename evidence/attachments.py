"""Files that prove something: checked and drawn anew first, then held under names nobody can guess."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Exists, OuterRef

from config.kernel.refusals import Refused

from . import ledger
from .models import Attachment, AttachmentView
from .quotas import check_room
from .uploads import prepare_upload
from .vocabulary import EvidenceKind

if TYPE_CHECKING:
    from datetime import datetime

    from django.core.files.uploadedfile import UploadedFile
    from django.db.models import QuerySet

    from config.kernel.people import Team, User
    from config.kernel.subjects import Subject

    from .uploads import PreparedUpload


def attach(
    *, subject: Subject, team: Team, kind: str, file: UploadedFile[bytes], actor: User, at: datetime
) -> Attachment:
    """Check, store and attach a file in one call. The same bytes on the same subject give the first attachment again.

    :raises Refused: `invalid`, `too_many`, `quota_reached`, or as `prepare_upload` does; nothing is kept
    """
    _check_kind(kind)
    check_room(subject=subject, team=team, size_bytes=0, at=at)
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

    :raises Refused: `invalid` for an unknown kind, `too_many` or `quota_reached` when there is no room
    """
    _check_kind(kind)
    with transaction.atomic():
        ledger.hold_chain(subject)
        held = attachments_of(subject)
        first = held.filter(sha256=prepared.sha256).first()
        if first is not None:
            prepared.discard()
            return first
        check_room(subject=subject, team=team, size_bytes=prepared.size_bytes, at=at)
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
            page_count=prepared.page_count,
            taken_on=prepared.signals.taken_on,
            camera=prepared.signals.camera,
            software=prepared.signals.software,
            has_gps=prepared.signals.has_gps,
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


def _check_kind(kind: str) -> None:
    if kind not in EvidenceKind.values:
        raise Refused("invalid", f"Evidence is one of: {', '.join(EvidenceKind.values)}.", field="kind")
