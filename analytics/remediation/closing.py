"""Closing: proposed with what proves it, agreed to by a second person, and then tested."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from approvals.guards import check_right
from config.kernel.refusals import NotPermitted, Refused
from config.kernel.wording import said
from evidence import ledger
from evidence.models import Attachment

from .effect import read_effect
from .lifecycle import advance, check_knows, check_may_speak, hold_locked
from .permissions import SEES
from .rules import rule_of
from .saying import link_in, words_in
from .vocabulary import ReadingKind

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from analytics.models import RemediationItem
    from config.kernel.people import User


@transaction.atomic
def propose_closing(*, item_id: UUID, note: str, evidence_link: str, actor: User, at: datetime) -> RemediationItem:
    """Ask a second person to close an item; what is counted before and after the change is kept with it.

    :raises OutOfDate: when no change was made yet
    :raises Refused: `evidence_missing` without a link or a file of this round, `note_missing` without words
    """
    item = _hold(item_id, actor, "propose_closing")
    check_knows(item, "propose_closing")
    written = words_in(note, field="note", missing=said("Say what was achieved."))
    link = link_in(evidence_link, field="evidence_link")
    if not link and not _files_of(item):
        raise Refused("evidence_missing", said("Closing needs a link or a file that proves it."), "evidence_link")
    reading = read_effect(item, ReadingKind.CLOSING, after_from=item.changed_at or at, at=at)
    advance(
        item,
        "propose_closing",
        actor=actor,
        at=at,
        sentence="proposed to close the item.",
        columns={"closing_note": written, "evidence_link": link},
        data={
            "note_sha256": ledger.salted_digest(item.subject, written),
            "link_sha256": ledger.salted_digest(item.subject, link) if link else "",
            "before": [reading.before_count, reading.before_of],
            "after": [reading.after_count, reading.after_of],
        },
    )
    return item


@transaction.atomic
def confirm_closing(*, item_id: UUID, actor: User, at: datetime) -> RemediationItem:
    """Agree as the second person; the effect test is due after the weeks of the rule.

    :raises NotPermitted: `own_proposal` to whoever proposed it, or owns the item
    :raises OutOfDate: when nothing waits any more
    """
    item = _hold(item_id, actor, "confirm_closing")
    check_knows(item, "confirm_closing")
    if actor.pk in {item.proposed_by_id, item.owner_id}:
        raise NotPermitted("own_proposal", said("You proposed this, or own the item. Somebody else must agree."))
    due = at + timedelta(weeks=rule_of(item.code_kind).test_weeks)
    advance(
        item,
        "confirm_closing",
        actor=actor,
        at=at,
        sentence=f"agreed; the effect test is on {due:%d %B %Y}.",
        columns={"test_due_at": due},
        data={"test_due_at": due.isoformat(), "proposed_by": item.proposed_by_id},
    )
    return item


@transaction.atomic
def decline_closing(*, item_id: UUID, why: str, actor: User, at: datetime) -> RemediationItem:
    """Send a proposal back, as the second person or as the one who made it.

    :raises Refused: without a reason
    """
    item = _hold(item_id, actor, "decline_closing")
    check_knows(item, "decline_closing")
    written = words_in(why, field="why", missing=said("Say what is missing."))
    advance(item, "decline_closing", actor=actor, at=at, sentence="sent the proposal to close it back.")
    note = item.notes.create(author=actor, written_at=at, text=written)
    ledger.record(
        subject=item.subject,
        kind="remediation_item.noted",
        actor=actor,
        at=at,
        sentence="said why.",
        data={"note": str(note.pk), "text_sha256": ledger.salted_digest(item.subject, written)},
    )
    return item


def _files_of(item: RemediationItem) -> int:
    """Count the files of this round; what proved an earlier one did not help."""
    subject = item.subject
    files = Attachment.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
    return files.filter(added_at__gte=item.reopened_at or item.opened_at).count()


def _hold(item_id: UUID, actor: User, verb: str) -> RemediationItem:
    check_right(actor, SEES)
    check_may_speak(actor, verb)
    return hold_locked(item_id=item_id)
