"""Messages that somebody else reads before they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core import mail
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse

from config.kernel.outbox import OutboxRow, drain
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence import ledger
from evidence.message_review import approve_message, hand_in_message, send_back_message
from evidence.models import CustomerMessage, LedgerEntry
from evidence.selectors import waits_for
from evidence.vocabulary import MessageState

from .builders import NOON
from .test_messages import write

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from pytest_django.fixtures import Settings

    from config.kernel.people import Team, User
    from config.kernel.subjects import Subject

RIGHTS = ("view_customermessage", "review_customermessage", "redraft_customermessage", "retry_customermessage")
SUBSCRIPTIONS = {"message.written": ("evidence.tasks.send_message",)}


@pytest.fixture(autouse=True)
def news_arrives(settings: Settings) -> None:
    """Let the mailer hear of messages, and let mail leave."""
    settings.NEWS_SUBSCRIPTIONS = f"{__name__}.SUBSCRIPTIONS"
    settings.MAIL_IS_KEPT = False


@pytest.fixture
def dora(person: Callable[..., User], north: Team) -> User:
    """Dora decided."""
    return person("dora", north, *RIGHTS)


@pytest.fixture
def rita(person: Callable[..., User], north: Team) -> User:
    """Rita reads what others decided."""
    return person("rita", north, *RIGHTS)


@pytest.fixture
def letter(subject: Subject, north: Team, dora: User) -> CustomerMessage:
    """Write to Carla that Dora declined."""
    return write(subject, north, template="refund_declined", decider_ids=[dora.pk])


def approve(message: CustomerMessage, actor: User, **changes: str) -> CustomerMessage:
    """Approve it as it reads."""
    text = {"subject_line": message.subject_line, "body": message.body, "seen": message.body_sha256}
    return approve_message(message_id=message.pk, **{**text, **changes}, actor=actor, at=NOON)


@pytest.mark.django_db
class TestAMessageAboutADecline:
    """What waits until somebody else has read it."""

    def test_does_not_leave_by_itself(self, letter: CustomerMessage) -> None:
        drain()

        letter.refresh_from_db()
        assert letter.state == MessageState.IN_REVIEW
        assert not mail.outbox
        assert not OutboxRow.objects.exists()

    def test_leaves_once_somebody_else_approved_it(self, letter: CustomerMessage, rita: User, subject: Subject) -> None:
        approve(letter, rita)
        drain()

        letter.refresh_from_db()
        assert (letter.state, letter.reviewed_by, letter.is_edited) == (MessageState.SENT, rita, False)
        assert [one.body for one in mail.outbox] == [letter.body]
        kinds = [entry.kind for entry in ledger.timeline_of(subject)]
        assert kinds == ["customer_message.written", "customer_message.approved", "customer_message.sent"]

    def test_leaves_as_the_reviewer_changed_it(self, letter: CustomerMessage, rita: User) -> None:
        approve(letter, rita, body="Dear Carla,\r\n\r\nWe are sorry.\r\n")
        drain()

        letter.refresh_from_db()
        assert letter.free_text == "Dear Carla,\n\nWe are sorry.\n"
        assert letter.is_edited
        assert mail.outbox[0].body == letter.body
        assert not LedgerEntry.objects.filter(payload__contains="sorry").exists()

    def test_keeps_its_locked_lines_whatever_the_reviewer_wrote(self, letter: CustomerMessage, rita: User) -> None:
        approve(letter, rita, body=letter.free_text.replace("Dear", "Hello") + "Your statutory rights are gone.")
        drain()

        letter.refresh_from_db()
        assert letter.body.endswith(
            "\nYour statutory rights are not affected by this decision.\n"
            "We never ask for card numbers or passwords by mail; please do not send any.\n\nNorth\n"
        )
        assert mail.outbox[0].body == letter.body

    def test_has_its_locked_lines_once_when_they_are_sent_along(self, letter: CustomerMessage, rita: User) -> None:
        before = letter.body

        approve(letter, rita, body=before.replace("\n", "\r\n"))

        letter.refresh_from_db()
        assert (letter.body, letter.is_edited) == (before, False)

    def test_is_not_approved_by_who_decided(self, letter: CustomerMessage, dora: User) -> None:
        with pytest.raises(NotPermitted) as caught:
            approve(letter, dora)

        assert caught.value.code == "own_message"
        letter.refresh_from_db()
        assert letter.state == MessageState.IN_REVIEW

    def test_is_not_approved_by_who_decided_in_the_database_either(self, letter: CustomerMessage, dora: User) -> None:
        with pytest.raises(ProgrammingError), transaction.atomic():
            CustomerMessage.objects.filter(pk=letter.pk).update(reviewed_by=dora, reviewed_at=NOON)
        with pytest.raises(IntegrityError), transaction.atomic():
            CustomerMessage.objects.filter(pk=letter.pk).update(state=MessageState.APPROVED)
        with pytest.raises(ProgrammingError), transaction.atomic():
            CustomerMessage.objects.filter(pk=letter.pk).update(decider_ids=[0])

    def test_is_not_approved_without_the_right_or_for_another_team(
        self, letter: CustomerMessage, nora: User, person: Callable[..., User], south: Team
    ) -> None:
        for stranger in (nora, person("sven", south, *RIGHTS)):
            with pytest.raises(NotPermitted):
                approve(letter, stranger)

    def test_is_approved_once(self, letter: CustomerMessage, rita: User) -> None:
        approve(letter, rita)

        with pytest.raises(OutOfDate):
            approve(letter, rita)

    def test_is_not_approved_as_somebody_else_had_read_it(self, letter: CustomerMessage, rita: User) -> None:
        with pytest.raises(OutOfDate):
            approve(letter, rita, seen="0" * 64)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"body": " "}, "invalid"),
            ({"subject_line": ""}, "invalid"),
            ({"body": "x" * 5001}, "invalid"),
            ({"body": "Your card 4242 4242 4242 4242"}, "card_number_in_text"),
        ],
    )
    def test_is_not_approved_with_a_fault(
        self, letter: CustomerMessage, rita: User, changes: dict[str, str], code: str
    ) -> None:
        with pytest.raises(Refused) as caught:
            approve(letter, rita, **changes)

        assert caught.value.code == code
        letter.refresh_from_db()
        assert letter.state == MessageState.IN_REVIEW

    def test_comes_back_from_a_rewrite_to_other_eyes_than_the_writers(
        self, letter: CustomerMessage, rita: User, person: Callable[..., User], north: Team
    ) -> None:
        wim = person("wim", north, *RIGHTS)
        with pytest.raises(Refused):
            send_back_message(message_id=letter.pk, note="No", actor=rita, at=NOON)

        send_back_message(message_id=letter.pk, note="Say which rule it was.", actor=rita, at=NOON)
        hand_in_message(
            message_id=letter.pk, subject_line="Your refund", body="The window had ended.",
            seen=letter.body_sha256, actor=wim, at=NOON,
        )  # fmt: skip

        letter.refresh_from_db()
        assert (letter.state, letter.review_note) == (MessageState.IN_REVIEW, "Say which rule it was.")
        with pytest.raises(NotPermitted):
            approve(letter, wim)
        assert approve(letter, rita).state == MessageState.APPROVED

    def test_stays_as_it_was_sent(self, letter: CustomerMessage, rita: User) -> None:
        approve(letter, rita)
        drain()

        with pytest.raises(ProgrammingError), transaction.atomic():
            CustomerMessage.objects.filter(pk=letter.pk).update(body="Something else")


@pytest.mark.django_db
class TestTheReviewPages:
    """Where it is done, with or without JavaScript."""

    def test_list_what_waits_and_let_it_be_approved(self, letter: CustomerMessage, rita: User, client: Client) -> None:
        client.force_login(rita)

        waiting = client.get(reverse("evidence:outbox") + "?show=review").content.decode()
        assert f"/outbox/{letter.pk}/" in waiting
        shown = client.get(reverse("evidence:message", args=[letter.pk])).content.decode()
        assert "Approve and send" in shown
        text = {"subject_line": letter.subject_line, "body": letter.body, "seen": letter.body_sha256}
        answer = client.post(reverse("evidence:approve_message", args=[letter.pk]), text)

        assert answer.status_code == 302
        assert f"/outbox/{letter.pk}/" not in client.get(reverse("evidence:outbox") + "?show=review").content.decode()
        assert "Rita" in client.get(reverse("evidence:message", args=[letter.pk])).content.decode().title()

    def test_count_what_waits_for_this_person(
        self, letter: CustomerMessage, rita: User, dora: User, nora: User
    ) -> None:
        assert (waits_for(rita), waits_for(dora), waits_for(nora)) == (1, 0, 0)

        send_back_message(message_id=letter.pk, note="Say which rule it was.", actor=rita, at=NOON)

        assert (waits_for(rita), waits_for(dora), waits_for(nora)) == (1, 1, 0)

    def test_offer_nothing_to_who_decided(self, letter: CustomerMessage, dora: User, client: Client) -> None:
        client.force_login(dora)

        shown = client.get(reverse("evidence:message", args=[letter.pk])).content.decode()

        assert "Somebody else must read it" in shown
        assert "Approve and send" not in shown

    def test_keep_what_was_typed_when_it_is_refused(self, letter: CustomerMessage, rita: User, client: Client) -> None:
        client.force_login(rita)
        text = {"subject_line": "", "body": "Kept words", "seen": letter.body_sha256}

        answer = client.post(reverse("evidence:approve_message", args=[letter.pk]), text)

        assert answer.status_code == 422
        assert "Kept words" in answer.content.decode()

    def test_hide_it_from_another_team(self, letter: CustomerMessage, stan: User, client: Client) -> None:
        client.force_login(stan)

        assert client.get(reverse("evidence:message", args=[letter.pk])).status_code == 404
