"""Files that prove something: checked and drawn anew first, then held under names nobody can guess."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from django.db import transaction
from django.db.models import Count, Exists, OuterRef

from config.kernel.refusals import Refused
from config.kernel.wording import said

from . import ledger
from .erasing import refuse_erased
from .models import Attachment, AttachmentView
from .permissions import visible_to
from .quarantine import SCANNER, record_quarantine
from .quotas import check_room
from .reuse import compare, keep_fingerprints
from .uploads import prepare_upload
from .vocabulary import SHOWN_STATES, EvidenceKind, ScanState

if TYPE_CHECKING:
    from datetime import datetime

    from django.core.files.uploadedfile import UploadedFile
    from django.db.models import QuerySet
    from django_stubs_ext import WithAnnotations

    from config.kernel.people import Team, User
    from config.kernel.subjects import Subject

    from .uploads import PreparedUpload

    class SeenByViewer(TypedDict):
        """What is known of a file beside its columns."""

        is_opened: bool


def attach(
    *, subject: Subject, team: Team, kind: str, file: UploadedFile[bytes], actor: User, at: datetime
) -> Attachment:
    """Check, store and attach a file in one call. The same bytes on the same subject give the first attachment again.

    :raises Refused: `invalid`, `erased`, `too_many`, `quota_reached`, or as `prepare_upload` does; nothing is kept
    """
    _check_kind(kind)
    refuse_erased(subject)
    check_room(subject=subject, team=team, actor=actor, size_bytes=0, at=at)
    prepared = prepare_upload(file)
    try:
        attachment = attach_prepared(subject=subject, team=team, kind=kind, prepared=prepared, actor=actor, at=at)
    except BaseException:
        prepared.discard()
        raise
    compare(attachment, at=at)
    return attachment


def attach_prepared(
    *, subject: Subject, team: Team, kind: str, prepared: PreparedUpload, actor: User, at: datetime
) -> Attachment:
    """Attach a file that `prepare_upload` stored, and append `evidence.attached` to the ledger.

    The same bytes on the same subject give the first attachment again; the second copies are discarded. Where else the
    picture was sent is looked for afterwards, by `reuse.compare` or within minutes.

    :raises Refused: `invalid` for an unknown kind, `too_many` or `quota_reached` when there is no room
    """
    _check_kind(kind)
    with transaction.atomic():
        ledger.hold_chain(subject)
        first = Attachment.objects.filter(
            subject_kind=subject.kind, subject_id=subject.id, sha256=prepared.sha256
        ).first()
        if first is not None:
            prepared.discard()
            return first
        refuse_erased(subject)
        check_room(subject=subject, team=team, actor=actor, size_bytes=prepared.size_bytes, at=at)
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
            scan_state=prepared.scan.state,
            infection=prepared.scan.infection,
            scanned_at=at if prepared.scan.state in {ScanState.CLEAN, ScanState.INFECTED} else None,
            added_by=actor,
            added_at=at,
        )
        keep_fingerprints(attachment, prepared.fingerprints)
        ledger.record(
            subject=subject,
            kind="evidence.attached",
            actor=actor,
            at=at,
            sentence=f"attached evidence: {EvidenceKind(kind).label.lower()}.",
            data={
                "attachment": str(attachment.pk),
                "kind": str(kind),
                "sha256_hmac": ledger.salted_digest(subject, prepared.sha256),
                "size_bytes": prepared.size_bytes,
            },
        )
        if prepared.scan.state == ScanState.INFECTED:
            record_quarantine(attachment=attachment, actor=SCANNER, at=at)
        return attachment


@dataclass(frozen=True, slots=True)
class Seen:
    """How many files a subject has, and how many of them one person opened."""

    count: int
    opened_count: int


def seen_by(viewer: User, subject: Subject) -> Seen:
    """Count the files of a subject that this person could open, and those she opened."""
    shown = visible_to(viewer).filter(subject_kind=subject.kind, subject_id=subject.id, scan_state__in=SHOWN_STATES)
    opened = AttachmentView.objects.filter(attachment=OuterRef("pk"), viewer=viewer)
    counted = shown.aggregate(count=Count("pk"), opened=Count("pk", filter=Exists(opened)))
    return Seen(counted["count"], counted["opened"])


def attachments_of(subject: Subject, *, viewer: User) -> QuerySet[WithAnnotations[Attachment, SeenByViewer]]:
    """List what is attached to a subject and this person may know of, oldest first, those put away too.

    Each carries `is_opened`: whether she opened it.
    """
    found = (
        visible_to(viewer)
        .filter(subject_kind=subject.kind, subject_id=subject.id)
        .select_related("added_by")
        .order_by("added_at", "pk")
    )
    return found.annotate(is_opened=Exists(AttachmentView.objects.filter(attachment=OuterRef("pk"), viewer=viewer)))


def kinds_of(subject: Subject) -> frozenset[str]:
    """Tell which kinds of evidence a subject has; what nobody can see proves nothing."""
    held = Attachment.objects.filter(subject_kind=subject.kind, subject_id=subject.id, scan_state__in=SHOWN_STATES)
    return frozenset(held.order_by().values_list("kind", flat=True).distinct())


def record_opening(*, attachment: Attachment, viewer: User, at: datetime, page: int = 1) -> None:
    """Write down that somebody opened a page of a file."""
    AttachmentView.objects.create(attachment=attachment, viewer=viewer, page=page, at=at)


def _check_kind(kind: str) -> None:
    if kind not in EvidenceKind.values:
        raise Refused(
            "invalid", said("Evidence is one of: {kinds}.", kinds=", ".join(EvidenceKind.values)), field="kind"
        )
