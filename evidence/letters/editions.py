"""Editions of what customers are told: written by one person, read and published by another, never changed after."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence import ledger
from evidence.models import MessageTemplate
from evidence.models.message_template import KIND
from evidence.text import refuse_card_number
from evidence.vocabulary import EDITION_STANDS, Channel, EditionState, Event, Language

from .supplied import supplied_text
from .text import refuse_faults, tidied

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from config.kernel.people import User

WRITE = "evidence.change_messagetemplate"
PUBLISH = "evidence.publish_messagetemplate"
LONGEST_WHAT = 400


def edition_in_use(event: Event, language: Language, channel: Channel = Channel.MAIL) -> MessageTemplate:
    """Find the edition that new messages are written from; the supplied one is installed when nobody wrote another."""
    place = {"event": event, "language": language, "channel": channel}
    found = MessageTemplate.objects.filter(**place, state=EditionState.PUBLISHED).first()
    return found or _install(event, language, channel)


def editions_in_use(
    events: Collection[Event], language: Language, channel: Channel = Channel.MAIL
) -> dict[Event, MessageTemplate]:
    """Find the editions about several events; one query."""
    place = {"event__in": list(events), "language": language, "channel": channel}
    found = MessageTemplate.objects.filter(**place, state=EditionState.PUBLISHED)
    known = {Event(edition.event): edition for edition in found}
    return {event: known.get(event) or _install(event, language, channel) for event in events}


def install_supplied() -> None:
    """Install every supplied text that is not there yet."""
    for event in Event:
        for language in Language:
            edition_in_use(event, language)


def _install(event: Event, language: Language, channel: Channel) -> MessageTemplate:
    subject_line, body = supplied_text(event, language)
    now = timezone.now()
    text = {"subject_line": subject_line, "body": body, "what": "Supplied with Redress."}
    try:
        with transaction.atomic():
            return MessageTemplate.objects.create(
                event=event, language=language, channel=channel, number=1, state=EditionState.PUBLISHED,
                is_supplied=True, created_at=now, published_at=now, **text,
            )  # fmt: skip
    except IntegrityError:
        # Somebody installed it in the same instant.
        return MessageTemplate.objects.get(
            event=event, language=language, channel=channel, state=EditionState.PUBLISHED
        )


@transaction.atomic
def begin_draft(*, template_id: UUID, actor: User, at: datetime) -> MessageTemplate:
    """Begin the next edition with the text of this one.

    :raises NotPermitted: without the right to write
    :raises OutOfDate: when there is no such edition
    :raises Refused: while another one is in the making
    """
    _check_right(actor, WRITE)
    start = MessageTemplate.objects.filter(pk=template_id).first()
    if start is None:
        raise OutOfDate("out_of_date", said("There is no such edition."))
    place = {"event": start.event, "language": start.language, "channel": start.channel}
    highest = MessageTemplate.objects.filter(**place).aggregate(highest=Max("number"))["highest"]
    try:
        with transaction.atomic():
            draft = MessageTemplate.objects.create(
                **place, number=highest + 1, subject_line=start.subject_line, body=start.body, created_at=at,
                writer_ids=[actor.pk],
            )  # fmt: skip
    except IntegrityError:
        raise Refused("refused", said("Another edition is in the making; finish or discard that one first.")) from None
    _record(draft, "begun", f"began edition {draft.number}", actor, at)
    return draft


@transaction.atomic
def change_draft(
    *, template_id: UUID, subject_line: str, body: str, what: str, actor: User, at: datetime
) -> MessageTemplate:
    """Write a draft; whoever does joins those who may not publish it.

    :raises NotPermitted: without the right to write
    :raises OutOfDate: when it is no draft any more
    :raises Refused: `unknown_field` or `missing_field` naming it, and whatever else cannot be filled
    """
    draft = _held(template_id, actor, WRITE, EditionState.DRAFT)
    subject_line, body = tidied(subject_line, body)
    refuse_faults(Event(draft.event), subject_line, body)
    for field, text in (("subject_line", subject_line), ("body", body), ("what", what)):
        refuse_card_number(text, field=field)
    draft.subject_line, draft.body, draft.what = subject_line, body, what.strip()[:LONGEST_WHAT]
    draft.writer_ids = sorted({*draft.writer_ids, actor.pk})
    draft.save(update_fields=["subject_line", "body", "what", "writer_ids"])
    _record(draft, "changed", f"changed edition {draft.number}", actor, at)
    return draft


@transaction.atomic
def hand_in_draft(*, template_id: UUID, actor: User, at: datetime) -> MessageTemplate:
    """Give a draft to a second person to read.

    :raises NotPermitted: without the right to write
    :raises OutOfDate: when it is no draft any more
    :raises Refused: without a word on what changes, or for a text that is the one in use
    """
    draft = _held(template_id, actor, WRITE, EditionState.DRAFT)
    if not draft.what:
        raise Refused("rationale_required", said("Say what changes, and why."), "what")
    in_use = edition_in_use(Event(draft.event), Language(draft.language), Channel(draft.channel))
    if (draft.subject_line, draft.body) == (in_use.subject_line, in_use.body):
        raise Refused("refused", said("Nothing is different from the edition in use."), "body")
    _move(draft, EditionState.IN_REVIEW)
    _record(draft, "handed_in", f"handed edition {draft.number} in to be read", actor, at)
    return draft


@transaction.atomic
def send_back_draft(*, template_id: UUID, actor: User, at: datetime) -> MessageTemplate:
    """Make an edition that waits a draft again.

    :raises NotPermitted: with neither the right to write nor to publish
    :raises OutOfDate: when it does not wait any more
    """
    right = PUBLISH if actor.has_perm(PUBLISH) else WRITE
    waiting = _held(template_id, actor, right, EditionState.IN_REVIEW)
    _move(waiting, EditionState.DRAFT)
    _record(waiting, "sent_back", f"made edition {waiting.number} a draft again", actor, at)
    return waiting


@transaction.atomic
def publish_edition(*, template_id: UUID, seen: str, actor: User, at: datetime) -> MessageTemplate:
    """Put an edition to use for every message from now on; `seen` is the digest of the text that was read.

    :raises NotPermitted: `own_text` for whoever wrote any of it; without the right to publish
    :raises OutOfDate: when it does not wait any more, or is not the text that was read
    :raises Refused: for a text that cannot be filled
    """
    waiting = _held(template_id, actor, PUBLISH, EditionState.IN_REVIEW)
    if actor.pk in waiting.writer_ids:
        raise NotPermitted(
            "own_text", said("You wrote some of it. Somebody who wrote none of it reads and publishes it.")
        )
    if seen != digest_of(waiting):
        raise OutOfDate("out_of_date", said("The text was changed after you opened it. Read it again."))
    refuse_faults(Event(waiting.event), waiting.subject_line, waiting.body)
    MessageTemplate.objects.filter(
        event=waiting.event, language=waiting.language, channel=waiting.channel, state=EditionState.PUBLISHED
    ).update(state=EditionState.RETIRED, retired_at=at)
    waiting.state, waiting.published_by, waiting.published_at = EditionState.PUBLISHED, actor, at
    waiting.save(update_fields=["state", "published_by", "published_at"])
    _record(waiting, "published", f"published edition {waiting.number}", actor, at)
    return waiting


@transaction.atomic
def discard_draft(*, template_id: UUID, actor: User, at: datetime) -> None:
    """Throw a draft away; nobody was told anything by it.

    :raises NotPermitted: without the right to write
    :raises OutOfDate: when it is no draft any more
    """
    draft = _held(template_id, actor, WRITE, EditionState.DRAFT)
    _record(draft, "discarded", f"discarded edition {draft.number}", actor, at)
    draft.delete()


def digest_of(edition: MessageTemplate) -> str:
    """Hash the text of an edition (SHA-256, hex). It is about nobody, so no salt hides it."""
    return hashlib.sha256(f"{edition.subject_line}\n\n{edition.body}".encode()).hexdigest()


def subject_of(edition: MessageTemplate) -> Subject:
    """Name an edition as the ledger knows it."""
    return Subject(KIND, edition.pk)


def _held(template_id: UUID, actor: User, right: str, state: EditionState) -> MessageTemplate:
    _check_right(actor, right)
    found = MessageTemplate.objects.select_for_update().filter(pk=template_id).first()
    if found is None or found.state != state:
        stands = said("gone") if found is None else EDITION_STANDS[EditionState(found.state)]
        raise OutOfDate("out_of_date", said("Somebody was faster: this edition is {stands}.", stands=stands))
    return found


def _check_right(actor: User, right: str) -> None:
    if not actor.has_perm(right):
        raise NotPermitted(
            "not_permitted",
            said("This needs the right “{right}”. An administrator grants it with a role.", right=right),
        )


def _move(edition: MessageTemplate, state: EditionState) -> None:
    edition.state = state
    edition.save(update_fields=["state"])


def _record(edition: MessageTemplate, verb: str, words: str, actor: User, at: datetime) -> None:
    told = f"{Event(edition.event).label}, in {Language(edition.language).label}"
    ledger.record(
        subject=subject_of(edition),
        kind=f"{KIND}.{verb}",
        actor=actor,
        at=at,
        sentence=f"{words} of the message “{told}”.",
        data={
            "event": edition.event,
            "language": edition.language,
            "channel": edition.channel,
            "number": edition.number,
            "text_sha256": digest_of(edition),
        },
    )
