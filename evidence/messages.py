"""What customers are told: written in the transaction that decides, reviewed where it must be, kept word for word."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import connection
from django.template.loader import render_to_string

from config.kernel.outbox import publish
from config.kernel.people import Machine

from . import ledger
from .models import CustomerMessage
from .vocabulary import MessageState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from config.kernel.people import Actor, Team
    from config.kernel.subjects import Subject

WRITER = Machine("messages")

NEEDED = {
    "refund_approved": ("amount", "order", "expected"),
    "refund_declined": ("order",),
    "refund_paid": ("amount", "order", "expected"),
    "acquirer_reference": ("amount", "order", "acquirer_reference"),
    "refund_failed_contact": ("amount", "order"),
    "more_information": ("order", "question"),
}
"""The templates, and the words a caller must bring for each beside `customer`, `reference` and `team`."""

NOT_LEFT = (MessageState.DRAFTED, MessageState.IN_REVIEW, MessageState.APPROVED, MessageState.FAILED)
"""Written and not left."""

LANGUAGES = ("en",)

TITLES = {
    "refund_approved": "the refund is approved",
    "refund_declined": "the refund is declined",
    "refund_paid": "the money is on its way",
    "acquirer_reference": "how the bank finds the refund",
    "refund_failed_contact": "the payment did not arrive",
    "more_information": "a question",
}


class UnableToWrite(Exception):
    """No such template, or a word it needs is missing: a message with a hole never leaves."""


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

    :raises UnableToWrite: outside a transaction, for an unknown template or language, or when a word is missing
    """
    if not connection.in_atomic_block:
        raise UnableToWrite("A decision and the message about it belong into one transaction.")
    subject_line, body = compose(
        template=template,
        language=language,
        words={**merge, "customer": customer, "reference": reference, "team": team.name},
    )
    message = CustomerMessage.objects.create(
        subject_kind=subject.kind,
        subject_id=subject.id,
        team=team,
        reference=reference,
        page=page,
        template=template,
        language=language,
        to=to,
        customer=customer,
        subject_line=subject_line,
        body=body,
        body_sha256=digest_of(subject_line, body),
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
        sentence=f"wrote to the customer: {TITLES[template]}.",
        data={
            "message": str(message.pk),
            "template": template,
            "language": language,
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


def compose(*, template: str, language: str, words: Mapping[str, str]) -> tuple[str, str]:
    """Fill a template. Answers the subject line and the body.

    :raises UnableToWrite: for an unknown template or language, or when a word is missing
    """
    missing = [word for word in NEEDED.get(template, ()) if not words.get(word, "").strip()]
    if template not in NEEDED or missing:
        message = f"{template!r} is no template or lacks {', '.join(missing) or 'everything'}."
        raise UnableToWrite(message)
    if language not in LANGUAGES:
        message = f"There is no {template} in {language!r}."
        raise UnableToWrite(message)
    text = render_to_string(f"evidence/messages/{template}.{language}.txt", dict(words))
    subject_line, _, body = text.strip().partition("\n")
    return subject_line.strip(), body.strip() + "\n"


def messages_of(subject: Subject) -> QuerySet[CustomerMessage]:
    """List what was written about a subject, newest first."""
    found = CustomerMessage.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
    return found.select_related("reviewed_by").order_by("-written_at", "-pk")
