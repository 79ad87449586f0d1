"""What evidence a person may read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from .models import Checkpoint, CheckpointErrand, LedgerEntry
from .permissions import messages_visible_to
from .vocabulary import MessageState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User
    from config.kernel.subjects import Subject

    from .models import CustomerMessage

MESSAGES_PER_PAGE = 25
CHECKPOINTS_PER_PAGE = 25
MOST_TROUBLES = 10
COUNT_UP_TO = 100

WAITING = {
    "review": (MessageState.IN_REVIEW, MessageState.DRAFTED),
    "failed": (MessageState.FAILED, MessageState.UNKNOWN),
}
"""The two lists of messages that want somebody."""


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Some messages, newest first, and the id after which the next page begins; None at the end."""

    messages: list[CustomerMessage]
    older_than: UUID | None


def page_of_messages(*, viewer: User, wanted: str = "", older_than: UUID | None = None, show: str = "") -> MessagePage:
    """Messages to customers, newest first; `wanted` is part of a reference or of the recipient's address or name.

    `show` narrows to those that wait for review, or that failed.
    """
    found = messages_visible_to(viewer).select_related("team", "reviewed_by", "edition").order_by("-written_at", "-pk")
    if show:
        found = found.filter(state__in=WAITING[show])
    if wanted:
        found = found.filter(Q(reference__istartswith=wanted) | Q(to__icontains=wanted) | Q(customer__icontains=wanted))
    last = None if older_than is None else messages_visible_to(viewer).filter(pk=older_than).first()
    if last is not None:
        found = found.filter(Q(written_at__lt=last.written_at) | Q(written_at=last.written_at, pk__lt=last.pk))
    messages = list(found[: MESSAGES_PER_PAGE + 1])
    has_more = len(messages) > MESSAGES_PER_PAGE
    shown = messages[:MESSAGES_PER_PAGE]
    return MessagePage(shown, shown[-1].pk if has_more else None)


@dataclass(frozen=True, slots=True)
class CheckpointPage:
    """Some checkpoints, newest first; the number below which the next page begins, and the newest of all."""

    checkpoints: list[Checkpoint]
    older_than: int | None
    latest: Checkpoint | None


def page_of_checkpoints(*, below: int | None = None) -> CheckpointPage:
    """Checkpoints, newest first, with what was done with them elsewhere."""
    known = Checkpoint.objects.select_related("key").prefetch_related("errands").order_by("-number")
    found = known if below is None else known.filter(number__lt=min(below, (1 << 63) - 1))
    listed = list(found[: CHECKPOINTS_PER_PAGE + 1])
    shown = listed[:CHECKPOINTS_PER_PAGE]
    latest = known.first() if below is not None else (listed[0] if listed else None)
    return CheckpointPage(shown, shown[-1].number if len(listed) > len(shown) else None, latest)


def troubled_errands() -> list[CheckpointErrand]:
    """Copies and stamps that failed and are tried again, the oldest first."""
    failing = CheckpointErrand.objects.filter(done_at__isnull=True).exclude(problem="")
    return list(failing.order_by("checkpoint_id", "kind")[:MOST_TROUBLES])


def uncovered_since() -> datetime | None:
    """Tell since when the oldest entry waits for a checkpoint; None when every one is covered."""
    latest = Checkpoint.objects.order_by("-number").first()
    waiting = LedgerEntry.objects.filter(pk__gt=0 if latest is None else latest.settled_id, leaf__isnull=True)
    return waiting.order_by("pk").values_list("recorded_at", flat=True).first()


def messages_about(subject: Subject, *, viewer: User) -> list[CustomerMessage]:
    """List what was written about a subject and this person may read, oldest first."""
    found = messages_visible_to(viewer).filter(subject_kind=subject.kind, subject_id=subject.id)
    return list(found.select_related("reviewed_by", "edition").order_by("written_at", "pk"))


def message_seen_by(viewer: User, message_id: UUID) -> CustomerMessage | None:
    """One message this person may read; None for any other."""
    return messages_visible_to(viewer).select_related("team", "reviewed_by", "edition").filter(pk=message_id).first()


def waiting_counts(viewer: User) -> dict[str, int]:
    """How many messages of this person's teams wait for review, and how many failed."""
    found = messages_visible_to(viewer).filter(state__in=[state for states in WAITING.values() for state in states])
    return found.aggregate(**{show: Count("pk", filter=Q(state__in=states)) for show, states in WAITING.items()})


def waits_for(viewer: User) -> int:
    """Count the messages that this person may read for the customer, rewrite or send again, up to `COUNT_UP_TO`."""
    theirs = Q(pk=None)
    if viewer.has_perm("evidence.review_customermessage"):
        theirs |= Q(state=MessageState.IN_REVIEW) & ~Q(decider_ids__contains=[viewer.pk])
    if viewer.has_perm("evidence.redraft_customermessage"):
        theirs |= Q(state=MessageState.DRAFTED)
    if viewer.has_perm("evidence.retry_customermessage"):
        theirs |= Q(state__in=WAITING["failed"])
    waiting = messages_visible_to(viewer).filter(state__in=[state for states in WAITING.values() for state in states])
    return len(waiting.filter(theirs).values_list("pk", flat=True)[:COUNT_UP_TO])
