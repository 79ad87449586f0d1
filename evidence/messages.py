"""What customers are told: written in the transaction that decides, sent after it, kept word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.template.loader import render_to_string
from django.utils import timezone

from config.kernel.outbox import publish
from config.kernel.people import Machine

from . import ledger
from .models import CustomerMessage
from .vocabulary import MessageState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import Team
    from config.kernel.subjects import Subject

WRITER = Machine("messages")

NEEDED = {
    "refund_approved": ("amount", "order", "expected"),
    "refund_declined": ("order",),
    "refund_paid": ("amount", "order", "expected"),
    "refund_failed_contact": ("amount", "order"),
    "more_information": ("order", "question"),
}
"""The templates, and the words a caller must bring for each beside `customer`, `reference` and `team`."""

LANGUAGES = ("en",)

TITLES = {
    "refund_approved": "the refund is approved",
    "refund_declined": "the refund is declined",
    "refund_paid": "the money is on its way",
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
) -> CustomerMessage:
    """Write a message, append `customer_message.written` to the ledger and publish `message.written`.

    Call it inside the transaction of the decision it tells about. An empty `to` gives a message that is kept.

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
        written_at=at,
    )
    ledger.record(
        subject=subject,
        kind="customer_message.written",
        actor=WRITER,
        at=at,
        sentence=f"wrote to the customer: {TITLES[template]}.",
        data={"message": str(message.pk), "template": template, "language": language},
    )
    publish("message.written", message_id=message.pk)
    return message


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


def send_message(*, message_id: UUID | str, **_later: str) -> None:
    """Send a written message once, or keep it where mail is kept; a second call does nothing.

    The mail server is called outside any transaction. Should this process die between sending and noting it, the
    message goes again with the same Message-ID, which mail programs show once.
    """
    message = CustomerMessage.objects.filter(pk=message_id, state=MessageState.WRITTEN).first()
    if message is None:
        return
    outcome = MessageState.KEPT if settings.MAIL_IS_KEPT or not message.to else MessageState.SENT
    if outcome == MessageState.SENT:
        domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
        EmailMessage(
            subject=message.subject_line,
            body=message.body,
            to=[message.to],
            headers={"Message-ID": f"<{message.pk}@{domain}>"},
        ).send()
    CustomerMessage.objects.filter(pk=message.pk, state=MessageState.WRITTEN).update(
        state=outcome, sent_at=timezone.now() if outcome == MessageState.SENT else None
    )


def messages_of(subject: Subject) -> QuerySet[CustomerMessage]:
    """List what was written about a subject, newest first."""
    return CustomerMessage.objects.filter(subject_kind=subject.kind, subject_id=subject.id).order_by(
        "-written_at", "-pk"
    )
