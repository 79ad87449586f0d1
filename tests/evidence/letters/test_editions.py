"""Editions of a text: written by one person, published by another, and never changed after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, transaction

from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence import ledger
from evidence.letters import editions
from evidence.letters.composing import compose
from evidence.models import LedgerEntry, MessageTemplate
from evidence.vocabulary import EditionState, Event, Language
from tests.evidence.builders import NOON
from tests.evidence.test_messages import WORDS, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.kernel.people import Team, User
    from config.kernel.subjects import Subject

BOTH = ("change_messagetemplate", "publish_messagetemplate")
BODY = "Hello {customer}, the answer on order {order} is no. Name {reference}."

pytestmark = pytest.mark.django_db


@pytest.fixture
def wim(person: Callable[..., User], north: Team) -> User:
    """Wim writes texts."""
    return person("wim", north, *BOTH)


@pytest.fixture
def rita(person: Callable[..., User], north: Team) -> User:
    """Rita reads what others wrote."""
    return person("rita", north, *BOTH)


@pytest.fixture
def draft(wim: User) -> MessageTemplate:
    """Begin the second edition about declines."""
    in_use = editions.edition_in_use(Event.DECLINED, Language.ENGLISH)
    return editions.begin_draft(template_id=in_use.pk, actor=wim, at=NOON)


def change(draft: MessageTemplate, who: User, **changes: str) -> MessageTemplate:
    """Write the draft."""
    text = {"subject_line": "On order {order}", "body": BODY, "what": "Shorter.", **changes}
    return editions.change_draft(template_id=draft.pk, **text, actor=who, at=NOON)


def publish(waiting: MessageTemplate, who: User, seen: str = "") -> MessageTemplate:
    """Put it to use as it reads now."""
    return editions.publish_edition(
        template_id=waiting.pk, seen=seen or editions.digest_of(waiting), actor=who, at=NOON
    )


@pytest.fixture
def waiting(draft: MessageTemplate, wim: User) -> MessageTemplate:
    """Have Wim write it and hand it in."""
    change(draft, wim)
    return editions.hand_in_draft(template_id=draft.pk, actor=wim, at=NOON)


class TestEditionInUse:
    """The text new messages are written from."""

    def test_is_the_supplied_one_until_somebody_writes_another(self) -> None:
        found = editions.edition_in_use(Event.PAID, Language.GERMAN)

        assert (found.number, found.is_supplied, found.state) == (1, True, EditionState.PUBLISHED)
        assert editions.edition_in_use(Event.PAID, Language.GERMAN) == found

    def test_is_installed_for_every_event_and_language(self) -> None:
        call_command("load_messages", verbosity=0)
        call_command("load_messages", verbosity=0)

        assert MessageTemplate.objects.count() == len(Event) * len(Language)

    def test_is_the_one_that_was_published_last(self, waiting: MessageTemplate, rita: User) -> None:
        publish(waiting, rita)

        shown = compose(event=Event.DECLINED, language=Language.ENGLISH, words=FULL)
        assert (shown.edition.number, shown.edition.published_by) == (2, rita)
        assert shown.body.startswith("Hello Carla, the answer on order 536365 is no.")
        assert "Your statutory rights" in shown.body
        assert MessageTemplate.objects.get(event=Event.DECLINED, language="en", number=1).state == EditionState.RETIRED


FULL = {**WORDS, "customer": "Carla", "reference": "RR-7F3K", "team": "North"}


class TestADraft:
    """Who writes what."""

    def test_changes_nothing_that_customers_are_told(self, draft: MessageTemplate, wim: User) -> None:
        change(draft, wim)

        assert compose(event=Event.DECLINED, language=Language.ENGLISH, words=FULL).edition.number == 1

    def test_refuses_a_field_that_its_event_does_not_know(self, draft: MessageTemplate, wim: User) -> None:
        with pytest.raises(Refused, match="rationale"):
            change(draft, wim, body="Hello {customer}, {rationale}. {order} {reference}")

        draft.refresh_from_db()
        assert "rationale" not in draft.body

    def test_refuses_card_numbers(self, draft: MessageTemplate, wim: User) -> None:
        with pytest.raises(Refused):
            change(draft, wim, body=BODY + " 4242 4242 4242 4242")

    def test_is_the_only_one_in_the_making(self, draft: MessageTemplate, rita: User) -> None:
        in_use = editions.edition_in_use(Event(draft.event), Language(draft.language))

        with pytest.raises(Refused, match="in the making"):
            editions.begin_draft(template_id=in_use.pk, actor=rita, at=NOON)

    def test_needs_the_right_to_write(self, draft: MessageTemplate, nora: User) -> None:
        for command in (
            lambda: change(draft, nora),
            lambda: editions.begin_draft(template_id=draft.pk, actor=nora, at=NOON),
            lambda: editions.hand_in_draft(template_id=draft.pk, actor=nora, at=NOON),
            lambda: editions.discard_draft(template_id=draft.pk, actor=nora, at=NOON),
        ):
            with pytest.raises(NotPermitted):
                command()

    def test_is_handed_in_with_a_word_on_what_changes(self, draft: MessageTemplate, wim: User) -> None:
        with pytest.raises(Refused, match="what changes"):
            editions.hand_in_draft(template_id=draft.pk, actor=wim, at=NOON)

    def test_is_not_handed_in_when_nothing_changes(self, draft: MessageTemplate, wim: User) -> None:
        change(draft, wim, subject_line=draft.subject_line, body=draft.body)

        with pytest.raises(Refused, match="Nothing is different"):
            editions.hand_in_draft(template_id=draft.pk, actor=wim, at=NOON)

    def test_can_be_discarded(self, draft: MessageTemplate, wim: User) -> None:
        editions.discard_draft(template_id=draft.pk, actor=wim, at=NOON)

        assert not MessageTemplate.objects.filter(pk=draft.pk).exists()
        assert LedgerEntry.objects.filter(subject_id=draft.pk, kind="message_template.discarded").exists()


class TestPublishEdition:
    """Four eyes on every word a customer reads."""

    def test_leaves_its_trace(self, waiting: MessageTemplate, rita: User) -> None:
        publish(waiting, rita)

        kinds = [entry.kind for entry in ledger.timeline_of(editions.subject_of(waiting))]
        assert kinds == [f"message_template.{verb}" for verb in ("begun", "changed", "handed_in", "published")]

    def test_is_not_for_who_wrote_it(self, waiting: MessageTemplate, wim: User) -> None:
        with pytest.raises(NotPermitted) as caught:
            publish(waiting, wim)

        assert caught.value.code == "own_text"
        waiting.refresh_from_db()
        assert waiting.state == EditionState.IN_REVIEW

    def test_is_not_for_who_changed_a_word_of_it_later(self, waiting: MessageTemplate, rita: User, wim: User) -> None:
        editions.send_back_draft(template_id=waiting.pk, actor=rita, at=NOON)
        change(waiting, rita, body=BODY + " Bye.")
        editions.hand_in_draft(template_id=waiting.pk, actor=wim, at=NOON)
        waiting.refresh_from_db()

        with pytest.raises(NotPermitted):
            publish(waiting, rita)

    def test_is_of_the_text_that_was_read(self, waiting: MessageTemplate, rita: User) -> None:
        with pytest.raises(OutOfDate):
            publish(waiting, rita, seen="0" * 64)

    def test_needs_the_right(self, waiting: MessageTemplate, person: Callable[..., User], north: Team) -> None:
        with pytest.raises(NotPermitted):
            publish(waiting, person("otto", north, "change_messagetemplate"))

    def test_happens_once(self, waiting: MessageTemplate, rita: User) -> None:
        publish(waiting, rita)

        with pytest.raises(OutOfDate):
            publish(waiting, rita)


class TestTheDatabase:
    """What no code path, and no superuser, gets around."""

    def test_keeps_published_text(self, waiting: MessageTemplate, rita: User) -> None:
        published = publish(waiting, rita)
        ours = MessageTemplate.objects.filter(pk=published.pk)

        changes: list[dict[str, Any]] = [
            {"body": "Something else"}, {"subject_line": "x"}, {"state": "draft"}, {"state": "in_review"},
            {"writer_ids": []}, {"what": ""}, {"number": 9},
        ]  # fmt: skip
        for columns in changes:
            with pytest.raises((ProgrammingError, IntegrityError)), transaction.atomic():
                ours.update(**columns)
        with pytest.raises(ProgrammingError), transaction.atomic():
            ours.delete()

    def test_lets_no_writer_publish(self, waiting: MessageTemplate, wim: User) -> None:
        with pytest.raises(ProgrammingError), transaction.atomic():
            MessageTemplate.objects.filter(pk=waiting.pk).update(
                state=EditionState.PUBLISHED, published_by=wim, published_at=NOON
            )

    def test_lets_nothing_be_published_unread(self, draft: MessageTemplate, rita: User) -> None:
        with pytest.raises(ProgrammingError), transaction.atomic():
            MessageTemplate.objects.filter(pk=draft.pk).update(
                state=EditionState.PUBLISHED, published_by=rita, published_at=NOON
            )
        MessageTemplate.objects.filter(pk=draft.pk).update(state=EditionState.IN_REVIEW)
        with pytest.raises(IntegrityError), transaction.atomic():
            MessageTemplate.objects.filter(pk=draft.pk).update(state=EditionState.PUBLISHED)

    def test_keeps_what_is_being_read(self, waiting: MessageTemplate) -> None:
        with pytest.raises(ProgrammingError), transaction.atomic():
            MessageTemplate.objects.filter(pk=waiting.pk).update(body="Other {reference} {order}")

    def test_remembers_every_writer(self, draft: MessageTemplate) -> None:
        with pytest.raises(ProgrammingError), transaction.atomic():
            MessageTemplate.objects.filter(pk=draft.pk).update(writer_ids=[0])

    def test_keeps_the_edition_of_a_sent_message(self, subject: Subject, north: Team) -> None:
        message = write(subject, north)
        type(message).objects.filter(pk=message.pk).update(state="sent")

        with pytest.raises(ProgrammingError), transaction.atomic():
            type(message).objects.filter(pk=message.pk).update(edition=None)
