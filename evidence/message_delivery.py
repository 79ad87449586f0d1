"""Getting messages to customers: claimed, handed to the mail server once, tried again when it surely did not go."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from config.kernel.outbox import publish
from config.kernel.people import team_ids_of
from config.kernel.refusals import NotPermitted, OutOfDate
from config.kernel.wording import said

from . import ledger
from .messages import WRITER
from .models import CustomerMessage
from .vocabulary import MessageState

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import Actor, User

RETRY = "evidence.retry_customermessage"

MOST_ATTEMPTS = 20
"""With the outbox's growing pauses about two and a half hours; after that a person looks at it."""

CLAIM_LASTS = timedelta(minutes=10)
"""Longer than a mail server may take for every answer it owes; after that the worker is taken for gone."""

PERHAPS_SENT = "The worker stopped while it talked to the mail server; the message may have left."
UNANSWERED = "The mail server took the message and did not say whether it keeps it ({}); it may have left."
PERMANENT = 500

STUCK = frozenset({MessageState.FAILED, MessageState.UNKNOWN})
"""Where only a person lets it be tried again."""


class StillClaimed(Exception):
    """Another worker is sending this message; the outbox asks again later what came of it."""


class NotSent(Exception):
    """The mail server surely does not have the message; `is_final` when asking again would change nothing."""

    def __init__(self, words: str, *, is_final: bool = False, is_address: bool = False) -> None:
        """Keep what was said of it, without the address."""
        super().__init__(words[:400])
        self.is_final = is_final
        self.is_address = is_address


def send_message(*, message_id: UUID | str, at: datetime | None = None) -> None:
    """Send an approved message once, or keep it where mail is kept; a second call does nothing.

    1. Claim the row, so that no second worker sends it.
    2. Talk to the mail server outside any transaction; every try carries the same Message-ID.
    3. Note what came of it. What surely did not leave is raised, so that the outbox tries again with a growing pause,
       and is given up after `MOST_ATTEMPTS`, or at once when the server refuses it for good.

    Mail has no key that makes a second try harmless. So a message that perhaps left is never sent again by itself: the
    row says so, and a person decides.

    :raises StillClaimed: while another worker is at it
    """
    now = at or timezone.now()
    message = CustomerMessage.objects.filter(pk=message_id, state=MessageState.APPROVED).first()
    if message is None:
        return
    if settings.MAIL_IS_KEPT or not message.to:
        _end(message, MessageState.KEPT, now)
        return
    if message.claimed_at is not None and message.claimed_at + CLAIM_LASTS <= now:
        _end(message, MessageState.UNKNOWN, now, failure=PERHAPS_SENT)
        return
    if not _claim(message, now):
        raise StillClaimed(message.reference)
    try:
        _post(message)
    except NotSent as error:
        if error.is_final or message.attempt_count >= MOST_ATTEMPTS:
            _end(message, MessageState.FAILED, now, failure=str(error), is_address_refused=error.is_address)
        elif _put_back(message, str(error)):
            raise
        else:
            _end(message, MessageState.FAILED, now, failure=str(error))
    except Exception as error:  # noqa: BLE001 - whatever it is, the server may have the message by now
        _end(message, MessageState.UNKNOWN, now, failure=UNANSWERED.format(type(error).__name__))
    else:
        _end(message, MessageState.SENT, now)


@transaction.atomic(durable=True)
def retry_message(*, message_id: UUID, actor: User, at: datetime) -> CustomerMessage:
    """Let a message that failed, or perhaps left, be tried again from the start, under the same Message-ID.

    :raises NotPermitted: without the right, or for a team one does not work for
    :raises OutOfDate: when it is in another state by now
    """
    if not actor.has_perm(RETRY):
        raise NotPermitted(
            "not_permitted",
            said("This needs the right “{right}”. An administrator grants it with a role.", right=RETRY),
        )
    message = CustomerMessage.objects.filter(pk=message_id, team_id__in=team_ids_of(actor)).first()
    if message is None:
        raise NotPermitted("not_permitted", said("This message belongs to a team you do not work for."))
    was = message.state
    retried = (
        _while_chain_is_held(message)
        .filter(state__in=STUCK)
        .update(state=MessageState.APPROVED, attempt_count=0, claimed_at=None, is_address_refused=False)
    )
    if not retried:
        raise OutOfDate("out_of_date", said("This message is not waiting to be tried again any more."))
    message.refresh_from_db()
    again = "once more, although it may have left," if was == MessageState.UNKNOWN else "once more"
    _record(message, "retried", f"tried {again} to send", actor, at)
    publish("message.written", message_id=message.pk)
    return message


def may_retry(user: User, message: CustomerMessage) -> bool:
    """Tell whether this person may have this message sent again."""
    return message.state in STUCK and message.erased_at is None and user.has_perm(RETRY)


def _claim(message: CustomerMessage, at: datetime) -> bool:
    free = CustomerMessage.objects.filter(pk=message.pk, state=MessageState.APPROVED, claimed_at=None)
    claimed = bool(free.update(claimed_at=at, attempt_count=F("attempt_count") + 1))
    # With the text as it is now: whoever reviewed it may have changed it since it was read.
    message.refresh_from_db()
    return claimed


def _put_back(message: CustomerMessage, failure: str) -> bool:
    """Let the outbox try again. Answers no when the claim had lapsed and nobody would come back to it."""
    ours = CustomerMessage.objects.filter(pk=message.pk, state=MessageState.APPROVED, claimed_at=message.claimed_at)
    return bool(ours.update(claimed_at=None, failure=failure))


def _post(message: CustomerMessage) -> None:
    """Hand the message over.

    :raises NotSent: when the server surely does not have it; any other error leaves that open
    """
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    letter = EmailMessage(
        subject=message.subject_line,
        body=message.body,
        to=[message.to],
        headers={"Message-ID": f"<{message.pk}@{domain}>"},
    )
    try:
        letter.message()
    except ValueError as error:
        words = f"It cannot be put into a mail: {type(error).__name__}."
        raise NotSent(words, is_final=True) from error
    server = get_connection()
    try:
        server.open()
    except Exception as error:
        # Nothing was said yet but a greeting.
        raise NotSent(f"The mail server cannot be reached: {type(error).__name__}: {error}") from error
    try:
        server.send_messages([letter])
    except SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()), (0, b""))
        is_final = code >= PERMANENT
        refusal = f"The mail server refuses this address: {code} {_decoded(answer)}"
        raise NotSent(refusal, is_final=is_final, is_address=is_final) from error
    except SMTPResponseException as error:
        refusal = f"The mail server refuses this message: {error.smtp_code} {_decoded(error.smtp_error)}"
        raise NotSent(refusal, is_final=error.smtp_code >= PERMANENT) from error
    finally:
        # A server that hangs up on our goodbye has the message all the same.
        with suppress(Exception):
            server.close()


def _decoded(words: bytes | str) -> str:
    return words.decode(errors="replace") if isinstance(words, bytes) else words


@transaction.atomic
def _end(
    message: CustomerMessage, state: MessageState, at: datetime, *, failure: str = "", is_address_refused: bool = False
) -> None:
    """Note what came of it. A late answer corrects "perhaps sent"; that it left is true whoever holds the claim now."""
    ours = Q(claimed_at=message.claimed_at, state__in=[MessageState.APPROVED, MessageState.UNKNOWN])
    left = ~Q(state__in=[MessageState.SENT, MessageState.KEPT])
    ended = (
        _while_chain_is_held(message)
        .filter(left if state == MessageState.SENT else ours)
        .update(
            state=state,
            claimed_at=message.claimed_at if state == MessageState.UNKNOWN else None,
            failure=failure,
            is_address_refused=is_address_refused,
            sent_at=at if state == MessageState.SENT else None,
        )
    )
    if ended:
        words = {
            MessageState.SENT: "sent",
            MessageState.KEPT: "kept, without sending it,",
            MessageState.UNKNOWN: "does not know whether it sent",
        }
        _record(message, state.value, words.get(state, "could not send"), WRITER, at)


def _while_chain_is_held(message: CustomerMessage) -> QuerySet[CustomerMessage]:
    """Find the row, its subject's chain locked first: a decline records before it drops what waits."""
    ledger.hold_chain(message.subject)
    return CustomerMessage.objects.filter(pk=message.pk)


def _record(message: CustomerMessage, verb: str, word: str, actor: Actor, at: datetime) -> None:
    ledger.record(
        subject=message.subject,
        kind=f"customer_message.{verb}",
        actor=actor,
        at=at,
        sentence=f"{word} the message to the customer: {message.told}.",
        data={
            "message": str(message.pk),
            "text_sha256": ledger.salted_digest(message.subject, message.body_sha256),
            "attempt_count": message.attempt_count,
        },
    )
