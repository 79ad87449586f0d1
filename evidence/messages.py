"""What customers are told: written in the transaction that decides, reviewed where it must be, kept word for word."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import connection

from config.kernel.outbox import publish
from config.kernel.people import Machine

from . import ledger
from .letters.composing import compose, language_for
from .letters.text import UnableToWrite
from .models import CustomerMessage
from .vocabulary import MessageState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from config.kernel.people import Actor, Team
    from config.kernel.subjects import Subject

WRITER = Machine("messages")

NOT_LEFT = (MessageState.DRAFTED, MessageState.IN_REVIEW, MessageState.APPROVED, MessageState.FAILED)
"""Written and not left."""


def write_message(  # noqa: PLR0913 - a letter has this many parts
    *,
    subject: Subject,
    team: Team,
    template: str,
    to: str,
    customer: str,
    language: str,
    merge: Mapping[str, str],
    at: datetime,
    reference: str,
    page: str = "",
    decider_ids: Collection[int] | None = None,
) -> CustomerMessage:
    """Write a message, append `customer_message.written` to the ledger and let it leave or wait for its review.

    Call it inside the transaction of the decision it tells about. An empty `to` gives a message that is kept. One
    that names its `decider_ids` waits until somebody else has read it; without them it leaves by `message.written`.
    `language` is what the customer speaks, as a BCP 47 tag, or empty; without a text in it, it is written in English.

    :raises UnableToWrite: outside a transaction, for an unknown template, or when a word is missing
    """
    if not connection.in_atomic_block:
        raise UnableToWrite("A decision and the message about it belong into one transaction.")
    composed = compose(
        event=template,
        language=language_for(language),
        words={**merge, "customer": customer, "reference": reference, "team": team.name},
    )
    message = CustomerMessage.objects.create(
        subject_kind=subject.kind,
        subject_id=subject.id,
        team=team,
        reference=reference,
        page=page,
        template=template,
        language=composed.edition.language,
        wanted_language=language[:35],
        edition=composed.edition,
        to=to,
        customer=customer,
        subject_line=composed.subject_line[:200],
        body=composed.body,
        closing=composed.closing,
        body_sha256=digest_of(composed.subject_line[:200], composed.body),
        state=MessageState.APPROVED if decider_ids is None else MessageState.IN_REVIEW,
        needs_review=decider_ids is not None,
        decider_ids=sorted(decider_ids or ()),
        written_at=at,
    )
    ledger.record(
        subject=subject,
        kind="customer_message.written",
        actor=WRITER,
        at=at,
        sentence=f"wrote to the customer: {message.told}.",
        data={
            "message": str(message.pk),
            "template": template,
            "language": message.language,
            "edition": str(composed.edition.pk),
            "edition_number": composed.edition.number,
            "waits_for_review": message.needs_review,
            "text_sha256": ledger.salted_digest(subject, message.body_sha256),
        },
    )
    if not message.needs_review:
        publish("message.written", message_id=message.pk)
    return message


def drop_waiting(*, subject: Subject, actor: Actor, at: datetime) -> int:
    """Let nothing leave any more that was written about a subject and has not left. Answers how many it was.

    A message that the mail server is taking this moment may leave all the same; then its row says so.
    """
    ledger.hold_chain(subject)
    waiting = messages_of(subject).filter(state__in=NOT_LEFT)
    dropped = list(waiting.values_list("pk", flat=True))
    CustomerMessage.objects.filter(pk__in=dropped).update(state=MessageState.DROPPED)
    for message in dropped:
        ledger.record(
            subject=subject,
            kind="customer_message.dropped",
            actor=actor,
            at=at,
            sentence="kept a message to the customer from leaving; it is not true any more.",
            data={"message": str(message)},
        )
    return len(dropped)


def digest_of(subject_line: str, body: str) -> str:
    """Hash what the customer reads (SHA-256, hex)."""
    return hashlib.sha256(f"{subject_line}\n\n{body}".encode()).hexdigest()


def messages_of(subject: Subject) -> QuerySet[CustomerMessage]:
    """List what was written about a subject, newest first."""
    found = CustomerMessage.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
    return found.select_related("reviewed_by", "edition").order_by("-written_at", "-pk")
