"""Messages on their way: claimed, tried again, given up, refused by the server."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected
from typing import TYPE_CHECKING

import pytest
from django.core import mail
from django.db import transaction

from config.kernel.outbox import OutboxRow, drain
from config.kernel.refusals import NotPermitted, OutOfDate
from evidence import ledger
from evidence.message_delivery import (
    CLAIM_LASTS,
    MOST_ATTEMPTS,
    PERHAPS_SENT,
    NotSent,
    StillClaimed,
    retry_message,
    send_message,
)
from evidence.messages import drop_waiting
from evidence.models import CustomerMessage
from evidence.vocabulary import MessageState

from .builders import NOON
from .test_message_review import RIGHTS
from .test_messages import WORDS, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django.fixtures import Settings

    from config.kernel.people import Team, User
    from config.kernel.subjects import Subject

SUBSCRIPTIONS = {"message.written": ("evidence.tasks.send_message",)}
SERVER = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(autouse=True)
def news_arrives(settings: Settings) -> None:
    """Let the mailer hear of messages, and let mail leave."""
    settings.NEWS_SUBSCRIPTIONS = f"{__name__}.SUBSCRIPTIONS"
    settings.MAIL_IS_KEPT = False


@pytest.fixture
def letter(subject: Subject, north: Team) -> CustomerMessage:
    """Write to Carla that her refund is approved."""
    return write(subject, north)


@pytest.fixture
def rita(person: Callable[..., User], north: Team) -> User:
    """Rita may have messages sent again."""
    return person("rita", north, *RIGHTS)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Let the mail server answer a message with an error."""

    def answer(error: Exception) -> None:
        def refuse(*_: object) -> None:
            raise error

        monkeypatch.setattr(f"{SERVER}.send_messages", refuse)

    return answer


@pytest.fixture
def is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody take a connection where the mail server should be."""

    def refuse(_: object) -> None:
        raise ConnectionRefusedError("no server")

    monkeypatch.setattr(f"{SERVER}.open", refuse)


NO_SUCH_USER = SMTPRecipientsRefused({"carla@example.com": (550, b"5.1.1 No such user")})
COME_LATER = SMTPRecipientsRefused({"carla@example.com": (451, b"Greylisted, come again")})


@pytest.mark.django_db
class TestDelivery:
    """What the mailer does when things go wrong."""

    @pytest.mark.usefixtures("is_down")
    def test_tries_again_while_the_server_is_down_and_says_why(
        self, letter: CustomerMessage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(NotSent):
            send_message(message_id=letter.pk, at=NOON)
        letter.refresh_from_db()
        assert (letter.state, letter.attempt_count, letter.claimed_at) == (MessageState.APPROVED, 1, None)
        assert "no server" in letter.failure
        monkeypatch.undo()

        send_message(message_id=letter.pk, at=NOON)

        letter.refresh_from_db()
        assert (letter.state, letter.failure) == (MessageState.SENT, "")
        assert len(mail.outbox) == 1

    @pytest.mark.usefixtures("is_down")
    def test_gives_up_after_a_number_of_tries(self, letter: CustomerMessage, subject: Subject) -> None:
        CustomerMessage.objects.filter(pk=letter.pk).update(attempt_count=MOST_ATTEMPTS - 1)

        drain()

        letter.refresh_from_db()
        assert letter.state == MessageState.FAILED
        assert not OutboxRow.objects.exists()
        assert ledger.timeline_of(subject).filter(kind="customer_message.failed").exists()

    def test_marks_an_address_that_the_server_refuses_and_stops(
        self, letter: CustomerMessage, answers: Callable[[Exception], None]
    ) -> None:
        answers(NO_SUCH_USER)

        drain()

        letter.refresh_from_db()
        assert (letter.state, letter.is_address_refused) == (MessageState.FAILED, True)
        assert "550 5.1.1 No such user" in letter.failure
        assert "carla" not in letter.failure

    def test_comes_again_when_the_server_asks_for_that(
        self, letter: CustomerMessage, answers: Callable[[Exception], None]
    ) -> None:
        answers(COME_LATER)

        drain()

        letter.refresh_from_db()
        assert (letter.state, letter.is_address_refused) == (MessageState.APPROVED, False)
        assert "451 Greylisted" in letter.failure
        assert OutboxRow.objects.exists()

    def test_fails_at_once_when_the_text_is_refused_for_good(
        self, letter: CustomerMessage, answers: Callable[[Exception], None]
    ) -> None:
        answers(SMTPDataError(554, b"Spam"))

        drain()

        letter.refresh_from_db()
        assert (letter.state, letter.is_address_refused) == (MessageState.FAILED, False)
        assert "554 Spam" in letter.failure

    @pytest.mark.parametrize("error", [SMTPServerDisconnected("gone"), TimeoutError("timed out")])
    def test_does_not_know_when_the_server_falls_silent(
        self, letter: CustomerMessage, answers: Callable[[Exception], None], error: Exception
    ) -> None:
        answers(error)

        drain()

        letter.refresh_from_db()
        assert letter.state == MessageState.UNKNOWN
        assert "it may have left" in letter.failure
        assert not OutboxRow.objects.exists()

    def test_counts_as_sent_when_the_server_hangs_up_on_the_goodbye(
        self, letter: CustomerMessage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def hang_up(_: object) -> None:
            raise SMTPServerDisconnected("bye")

        monkeypatch.setattr(f"{SERVER}.close", hang_up)

        drain()

        letter.refresh_from_db()
        assert letter.state == MessageState.SENT

    def test_waits_for_a_worker_that_is_at_it(self, letter: CustomerMessage) -> None:
        CustomerMessage.objects.filter(pk=letter.pk).update(claimed_at=NOON)

        with pytest.raises(StillClaimed):
            send_message(message_id=letter.pk, at=NOON + CLAIM_LASTS - timedelta(seconds=1))

        letter.refresh_from_db()
        assert letter.state == MessageState.APPROVED
        assert not mail.outbox

    def test_never_sends_what_a_lost_worker_may_have_sent(self, letter: CustomerMessage) -> None:
        CustomerMessage.objects.filter(pk=letter.pk).update(claimed_at=NOON)

        send_message(message_id=letter.pk, at=NOON + CLAIM_LASTS)

        letter.refresh_from_db()
        assert (letter.state, letter.failure) == (MessageState.UNKNOWN, PERHAPS_SENT)
        assert not mail.outbox

    def test_lets_a_late_answer_correct_what_was_not_known(
        self, letter: CustomerMessage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def answer_late(*_: object) -> None:
            send_message(message_id=letter.pk, at=NOON + CLAIM_LASTS)
            assert CustomerMessage.objects.get(pk=letter.pk).state == MessageState.UNKNOWN

        monkeypatch.setattr(f"{SERVER}.send_messages", answer_late)

        send_message(message_id=letter.pk, at=NOON)

        letter.refresh_from_db()
        assert (letter.state, letter.failure, letter.claimed_at) == (MessageState.SENT, "", None)


@pytest.mark.django_db
class TestDropWaiting:
    """What is not true any more does not leave."""

    def test_keeps_it_from_leaving_and_says_so(self, letter: CustomerMessage, subject: Subject, nora: User) -> None:
        with transaction.atomic():
            assert drop_waiting(subject=subject, actor=nora, at=NOON) == 1

        drain()

        letter.refresh_from_db()
        assert (letter.state, letter.sent_at) == (MessageState.DROPPED, None)
        assert not mail.outbox
        assert ledger.timeline_of(subject).filter(kind="customer_message.dropped").count() == 1

    def test_leaves_what_was_sent(self, letter: CustomerMessage, subject: Subject, nora: User) -> None:
        drain()

        with transaction.atomic():
            assert drop_waiting(subject=subject, actor=nora, at=NOON) == 0

        letter.refresh_from_db()
        assert letter.state == MessageState.SENT

    def test_says_so_when_it_left_all_the_same(
        self, letter: CustomerMessage, subject: Subject, nora: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def withdrawn_meanwhile(*_: object) -> None:
            with transaction.atomic():
                drop_waiting(subject=subject, actor=nora, at=NOON)

        monkeypatch.setattr(f"{SERVER}.send_messages", withdrawn_meanwhile)

        send_message(message_id=letter.pk, at=NOON)

        letter.refresh_from_db()
        assert letter.state == MessageState.SENT


@pytest.mark.django_db
class TestRetryMessage:
    """A person has a failed message sent again."""

    def test_sends_it_under_the_same_message_id(
        self,
        letter: CustomerMessage,
        rita: User,
        answers: Callable[[Exception], None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        answers(NO_SUCH_USER)
        drain()
        monkeypatch.undo()

        retry_message(message_id=letter.pk, actor=rita, at=NOON)
        drain()

        letter.refresh_from_db()
        assert (letter.state, letter.is_address_refused) == (MessageState.SENT, False)
        assert str(letter.pk) in mail.outbox[0].extra_headers["Message-ID"]
        with pytest.raises(OutOfDate):
            retry_message(message_id=letter.pk, actor=rita, at=NOON)

    def test_needs_the_right_and_the_team(
        self, letter: CustomerMessage, nora: User, person: Callable[..., User], south: Team
    ) -> None:
        CustomerMessage.objects.filter(pk=letter.pk).update(state=MessageState.FAILED)

        for stranger in (nora, person("sven", south, *RIGHTS)):
            with pytest.raises(NotPermitted):
                retry_message(message_id=letter.pk, actor=stranger, at=NOON)
        letter.refresh_from_db()
        assert letter.state == MessageState.FAILED


@pytest.mark.django_db
class TestALineBreak:
    """What customers, shops and programs tell us holds any letter there is."""

    HEADER = "\r\nBcc: eve@evil.example\r\n\r\nNothing of this is true."

    def test_in_a_name_or_a_reference_adds_no_header(self, subject: Subject, north: Team) -> None:
        order = {**WORDS, "order": f"536365{self.HEADER}"}
        letter = write(subject, north, customer=f"Carla{self.HEADER}", merge=order)

        send_message(message_id=letter.pk, at=NOON)

        (sent,) = mail.outbox
        assert sent.recipients() == ["carla@example.com"]
        assert sent.message().get_all("Bcc") is None
        assert len(sent.subject.splitlines()) == 1

    def test_in_an_address_sends_nothing_to_anybody(self, subject: Subject, north: Team) -> None:
        letter = write(subject, north, to=f"carla@example.com{self.HEADER}")

        send_message(message_id=letter.pk, at=NOON)

        letter.refresh_from_db()
        assert mail.outbox == []
        assert (letter.state, letter.sent_at) == (MessageState.FAILED, None)
