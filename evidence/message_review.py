"""Reading a message before it leaves: approved, or sent back with a note, by nobody who decided what it tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from config.kernel.outbox import publish
from config.kernel.people import team_ids_of
from config.kernel.refusals import NotPermitted, OutOfDate, Reason, Refused
from config.kernel.wording import said

from . import ledger
from .letters.text import tidied
from .messages import digest_of
from .models import CustomerMessage
from .text import refuse_card_number
from .vocabulary import MESSAGE_STANDS, MessageState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User

REVIEW = "evidence.review_customermessage"
REDRAFT = "evidence.redraft_customermessage"

TEXT = ("subject_line", "body", "body_sha256")
"""The columns that a rewrite sets."""

LONGEST_SUBJECT_LINE = 200
LONGEST_BODY = 5_000
LONGEST_NOTE = 400
SHORTEST_NOTE = 10


@transaction.atomic(durable=True)
def approve_message(
    *, message_id: UUID, subject_line: str, body: str, seen: str, actor: User, at: datetime
) -> CustomerMessage:
    """Let a message leave as it reads now; `seen` is the digest of the text the reviewer started from.

    :raises NotPermitted: without the right, or `own_message` to whoever decided or rewrote what it tells
    :raises OutOfDate: when somebody was faster, or the text is not the one that was read
    :raises Refused: for a text that is empty, too long or holds a card number
    """
    message = _held(message_id, actor, REVIEW, MessageState.IN_REVIEW)
    _check_other_eyes(message, actor)
    _check_seen(message, seen)
    was = message.body_sha256
    _rewrite(message, subject_line, body)
    message.is_edited = message.is_edited or message.body_sha256 != was
    message.state = MessageState.APPROVED
    message.reviewed_by, message.reviewed_at = actor, at
    message.save(update_fields=[*TEXT, "is_edited", "state", "reviewed_by", "reviewed_at"])
    _record(message, "approved", actor, at, "approved", was=was)
    publish("message.written", message_id=message.pk)
    return message


@transaction.atomic(durable=True)
def send_back_message(*, message_id: UUID, note: str, actor: User, at: datetime) -> CustomerMessage:
    """Send a message back to be rewritten, with what is wrong.

    :raises NotPermitted: as `approve_message` does
    :raises OutOfDate: when somebody was faster
    :raises Refused: `rationale_required` without a note
    """
    message = _held(message_id, actor, REVIEW, MessageState.IN_REVIEW)
    _check_other_eyes(message, actor)
    refuse_card_number(note)
    if not SHORTEST_NOTE <= len(note.strip()) <= LONGEST_NOTE:
        raise Refused(
            "rationale_required",
            said("Say what is wrong in {least} to {most} characters.", least=SHORTEST_NOTE, most=LONGEST_NOTE),
            "note",
        )
    message.state = MessageState.DRAFTED
    message.review_note = note.strip()
    message.save(update_fields=["state", "review_note"])
    _record(message, "sent_back", actor, at, "sent back")
    return message


@transaction.atomic(durable=True)
def hand_in_message(
    *, message_id: UUID, subject_line: str, body: str, seen: str, actor: User, at: datetime
) -> CustomerMessage:
    """Give a rewritten message to review again; whoever rewrote it joins those who may not review it.

    :raises NotPermitted: without the right
    :raises OutOfDate: when somebody was faster, or the text is not the one that was read
    :raises Refused: for a text that is empty, too long or holds a card number
    """
    message = _held(message_id, actor, REDRAFT, MessageState.DRAFTED)
    _check_seen(message, seen)
    was = message.body_sha256
    _rewrite(message, subject_line, body)
    message.state = MessageState.IN_REVIEW
    message.decider_ids = sorted({*message.decider_ids, actor.pk})
    message.save(update_fields=[*TEXT, "state", "decider_ids"])
    _record(message, "handed_in", actor, at, "rewrote", was=was)
    return message


def may_review(user: User, message: CustomerMessage) -> bool:
    """Tell whether this person may approve this message or send it back now."""
    return message.state == MessageState.IN_REVIEW and user.has_perm(REVIEW) and user.pk not in message.decider_ids


def may_redraft(user: User, message: CustomerMessage) -> bool:
    """Tell whether this person may rewrite this message now."""
    return message.state == MessageState.DRAFTED and user.has_perm(REDRAFT)


def _held(message_id: UUID, actor: User, right: str, state: MessageState) -> CustomerMessage:
    """Lock a message of the actor's teams in the state that the verb needs."""
    if not actor.has_perm(right):
        raise NotPermitted(
            "not_permitted",
            said("This needs the right “{right}”. An administrator grants it with a role.", right=right),
        )
    found = CustomerMessage.objects.filter(pk=message_id, team_id__in=team_ids_of(actor)).first()
    if found is None:
        raise NotPermitted("not_permitted", said("This message belongs to a team you do not work for."))
    # The chain first, as in a decline, which records before it drops what waits.
    ledger.hold_chain(found.subject)
    message = CustomerMessage.objects.select_for_update().get(pk=message_id)
    if message.state != state:
        raise OutOfDate(
            "out_of_date",
            said(
                "This message is not waiting for that any more: {state}.",
                state=MESSAGE_STANDS[MessageState(message.state)],
            ),
        )
    return message


def _check_other_eyes(message: CustomerMessage, actor: User) -> None:
    if actor.pk in message.decider_ids:
        raise NotPermitted(
            "own_message", said("You decided or wrote what this message tells. Somebody else must read it.")
        )


def _check_seen(message: CustomerMessage, seen: str) -> None:
    if seen != message.body_sha256:
        raise OutOfDate("out_of_date", said("The text was changed after you opened it. Read it again."))


def _rewrite(message: CustomerMessage, subject_line: str, body: str) -> None:
    # Browsers send line breaks as CR LF; a subject line never holds one.
    subject_line, body = tidied(subject_line, body)
    # The closing is ours: it is put back whatever came, and stands there once.
    body = body.removesuffix(message.closing).rstrip() + "\n"
    faults = []
    if not 0 < len(subject_line) <= LONGEST_SUBJECT_LINE:
        faults.append(
            Reason(
                "invalid",
                said("Write a subject of up to {most} characters.", most=LONGEST_SUBJECT_LINE),
                "subject_line",
            )
        )
    if not 1 < len(body) <= LONGEST_BODY:
        faults.append(Reason("invalid", said("Write a text of up to {most} characters.", most=LONGEST_BODY), "body"))
    if faults:
        raise Refused.of(faults)
    refuse_card_number(subject_line, field="subject_line")
    refuse_card_number(body, field="body")
    message.subject_line, message.body = subject_line, body + message.closing
    message.body_sha256 = digest_of(message.subject_line, message.body)


def _record(message: CustomerMessage, verb: str, actor: User, at: datetime, word: str, *, was: str = "") -> None:
    ledger.record(
        subject=message.subject,
        kind=f"customer_message.{verb}",
        actor=actor,
        at=at,
        sentence=f"{word} the message to the customer: {message.told}.",
        data={
            "message": str(message.pk),
            "text_sha256": ledger.salted_digest(message.subject, message.body_sha256),
            "is_changed": bool(was) and was != message.body_sha256,
        },
    )
