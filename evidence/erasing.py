"""Forgetting what evidence holds about a subject; the ledger keeps its hashes and can still be verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Concat

from config.kernel.refusals import Refused
from config.kernel.wording import said

from . import ledger
from .messages import NOT_LEFT
from .models import Attachment, AttachmentFingerprint, AttachmentReuse, CustomerMessage, SubjectSalt
from .vocabulary import MessageState, ScanState

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.subjects import Subject

MOST_AT_ONCE = 500

CARRIED_OUT = "erasure.carried_out"
"""The entry in the ledger without which nobody's words go, and after which nothing is added."""


def refuse_erased(subject: Subject) -> None:
    """Let nobody add to what was erased. Asked under the lock of the chain it holds until that is let go.

    :raises Refused: `erased`
    """
    if ledger.timeline_of(subject).filter(kind=CARRIED_OUT).exists():
        raise Refused("erased", said("The texts and files of this were erased; nothing is added to it."))


def erase_letters(*, subject: Subject, at: datetime) -> int:
    """Blank the words and recipients of every letter about a subject; one not sent yet never is. Answers how many."""
    letters = CustomerMessage.objects.filter(subject_kind=subject.kind, subject_id=subject.id, erased_at=None)
    letters.filter(state__in=NOT_LEFT).update(state=MessageState.DROPPED)
    return letters.update(
        to="",
        customer="",
        wanted_language="",
        subject_line="",
        body="",
        closing="",
        body_sha256="",
        review_note="",
        failure="",
        erased_at=at,
    )


def erase_files(*, subject: Subject, at: datetime) -> int:
    """Hide the files of a subject, with their hashes and what looks like them; answers how many.

    Their bytes go afterwards by `remove_erased_files`: a deletion cannot be rolled back. Who sends the same picture
    later is not found by it any more.
    """
    files = Attachment.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
    AttachmentFingerprint.objects.filter(attachment__in=files).delete()
    AttachmentReuse.objects.filter(Q(later__in=files) | Q(earlier__in=files)).delete()
    return files.filter(erased_at=None).update(
        name="",
        camera="",
        software="",
        taken_on=None,
        has_gps=False,
        # Unique for the subject, and of nothing.
        sha256=Concat(Value("erased "), Cast(F("pk"), CharField())),
        scan_state=ScanState.UNSCANNED,
        compared_at=at,
        erased_at=at,
    )


def erase_salt(*, subject: Subject) -> None:
    """Drop the salt of a subject: from now on nobody can try texts against the digests in the ledger."""
    SubjectSalt.objects.filter(subject_kind=subject.kind, subject_id=subject.id).delete()


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
