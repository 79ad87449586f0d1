"""Forgetting what evidence holds about a subject; the ledger keeps its hashes and can still be verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q

from .messages import NOT_LEFT
from .models import Attachment, AttachmentFingerprint, AttachmentReuse, CustomerMessage, SubjectSalt
from .vocabulary import MessageState, ScanState

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.subjects import Subject

MOST_AT_ONCE = 500


def erase_evidence(*, subject: Subject, at: datetime) -> int:
    """Blank the messages, hide the files and drop the salt of a subject, inside the caller's transaction.

    Answers how many files went. Their bytes go afterwards by `remove_erased_files`: a deletion cannot be rolled back.
    """
    of = {"subject_kind": subject.kind, "subject_id": subject.id}
    CustomerMessage.objects.filter(**of, state__in=NOT_LEFT).update(state=MessageState.DROPPED)
    CustomerMessage.objects.filter(**of).update(
        to="", customer="", subject_line="", body="", body_sha256="", review_note="", failure="", erased_at=at
    )
    files = Attachment.objects.filter(**of)
    AttachmentFingerprint.objects.filter(attachment__in=files).delete()
    AttachmentReuse.objects.filter(Q(later__in=files) | Q(earlier__in=files)).delete()
    count = files.filter(erased_at=None).update(
        name="", camera="", software="", taken_on=None, scan_state=ScanState.UNSCANNED, compared_at=at, erased_at=at
    )
    SubjectSalt.objects.filter(**of).delete()
    return count


def remove_erased_files() -> int:
    """Delete the bytes of erased files from storage, then forget where they were; safe to run again at any time."""
    rest = list(Attachment.objects.filter(erased_at__isnull=False).exclude(original="").order_by("pk")[:MOST_AT_ONCE])
    for attachment in rest:
        for name in attachment.files():
            default_storage.delete(name)
        Attachment.objects.filter(pk=attachment.pk).update(original="", shown="")
    return len(rest)


def remove_erased_files_on_commit() -> None:
    """Delete the bytes once the running transaction is committed."""
    transaction.on_commit(remove_erased_files)
