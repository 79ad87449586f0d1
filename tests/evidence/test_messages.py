"""Messages to customers: written with the decision, sent once, kept word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from django.db import transaction

from config.kernel.outbox import OutboxRow, drain
from evidence import ledger, tasks
from evidence.letters.text import UnableToWrite
from evidence.message_delivery import send_message
from evidence.messages import messages_of, write_message
from evidence.models import CustomerMessage, LedgerEntry
from evidence.vocabulary import MessageState

from .builders import NOON

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from config.kernel.people import Team
    from config.kernel.subjects import Subject

WORDS = {
    "amount": "£12.00",
    "order": "536365",
    "expected": "You can expect to see it within 5 to 10 business days.",
    "destination": "the way you paid",
    "question": "Which of the lamps is broken?",
    "acquirer_reference": "74537604221222132710572",
}
SUBSCRIPTIONS = {"message.written": ("evidence.tasks.send_message",)}


def write(subject: Subject, team: Team, **changes: Any) -> CustomerMessage:
    """Write to Carla that her refund is approved."""
    letter = {
        "subject": subject,
        "team": team,
        "template": "refund_approved",
        "to": "carla@example.com",
        "customer": "Carla O'Neill <script>",
        "language": "en",
        "merge": WORDS,
        "reference": "RR-7F3K",
        "page": "/requests/RR-7F3K/",
        "at": NOON,
    }
    with transaction.atomic():
        return write_message(**{**letter, **changes})


@pytest.fixture(autouse=True)
def news_arrives(settings: Settings) -> None:
    """Let the mailer hear of messages, and let mail leave."""
    settings.NEWS_SUBSCRIPTIONS = f"{__name__}.SUBSCRIPTIONS"
    settings.MAIL_IS_KEPT = False


@pytest.mark.django_db
class TestWriteMessage:
    """What `write_message` keeps."""

    def test_keeps_what_the_customer_will_read(self, subject: Subject, north: Team) -> None:
        message = write(subject, north)

        message.refresh_from_db()
        assert message.subject_line == "Your refund of £12.00 for order 536365 is approved"
        assert message.body.startswith("Dear Carla O'Neill <script>,\n\nWe have approved your refund of £12.00")
        assert "within 5 to 10 business days" in message.body
        assert message.body.endswith("please do not send any.\n\nNorth\n")
        assert str(message.edition) == "The refund is approved, in English, edition 1"
        assert (message.state, message.written_at, message.sent_at) == (MessageState.APPROVED, NOON, None)
        assert (message.team, message.reference, message.page) == (north, "RR-7F3K", "/requests/RR-7F3K/")
        assert list(messages_of(subject)) == [message]

    def test_writes_it_into_the_ledger_without_a_word_about_the_person(self, subject: Subject, north: Team) -> None:
        message = write(subject, north)

        entry = ledger.timeline_of(subject).get()
        assert (entry.kind, entry.machine) == ("customer_message.written", "messages")
        assert entry.sentence == "wrote to the customer: the refund is approved."
        assert str(message.pk) in entry.payload
        assert "Carla" not in entry.payload
        assert "carla" not in entry.payload

    def test_keeps_which_edition_it_was_written_from_whatever_is_published_later(
        self, subject: Subject, north: Team
    ) -> None:
        message = write(subject, north)

        payload = ledger.timeline_of(subject).get().payload
        assert f'"edition":"{message.edition_id}"' in payload
        assert '"edition_number":1' in payload

    @pytest.mark.parametrize(
        ("spoken", "written"), [("de", "de"), ("de-AT", "de"), ("DE_ch", "de"), ("fr-CA", "en"), ("", "en")]
    )
    def test_is_in_the_customers_language_where_there_is_one(
        self, subject: Subject, north: Team, spoken: str, written: str
    ) -> None:
        message = write(subject, north, language=spoken)

        assert (message.language, message.wanted_language) == (written, spoken)
        assert message.body.startswith("Guten Tag" if written == "de" else "Dear")
        assert message.is_in_another_language == (spoken == "fr-CA")

    def test_publishes_the_news(self, subject: Subject, north: Team) -> None:
        message = write(subject, north)

        row = OutboxRow.objects.get()
        assert (row.news, row.ids) == ("message.written", {"message_id": str(message.pk)})

    @pytest.mark.parametrize(
        "changes",
        [
            {"template": "refund_lottery"},
            {"template": "../../base"},
            {"merge": {"order": "536365"}},
            {"merge": {**WORDS, "amount": " "}},
            {"template": "more_information", "merge": {"order": "536365"}},
        ],
    )
    def test_refuses_a_message_with_a_hole(self, subject: Subject, north: Team, changes: dict[str, Any]) -> None:
        with pytest.raises(UnableToWrite):
            write(subject, north, **changes)

        assert not CustomerMessage.objects.exists()
        assert not LedgerEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestWriteMessageOutsideATransaction:
    """Writing without a decision to stand beside."""

    def test_is_refused(self, subject: Subject, north: Team) -> None:
        with pytest.raises(UnableToWrite):
            write_message(
                subject=subject, team=north, template="refund_declined", to="", customer="Carla", language="en",
                merge=WORDS, reference="RR-7F3K", at=NOON,
            )  # fmt: skip

        assert not CustomerMessage.objects.exists()


@pytest.mark.django_db
class TestSendMessage:
    """What the mailer does when it hears of a message."""

    def test_sends_it_once(self, subject: Subject, north: Team) -> None:
        message = write(subject, north)

        assert drain() == 1
        send_message(message_id=message.pk)

        message.refresh_from_db()
        assert message.state == MessageState.SENT
        assert message.sent_at is not None
        [sent] = mail.outbox
        assert (sent.to, sent.subject, sent.body) == (["carla@example.com"], message.subject_line, message.body)
        assert str(message.pk) in sent.extra_headers["Message-ID"]

    def test_keeps_it_in_the_demo(self, subject: Subject, north: Team, settings: Settings) -> None:
        settings.MAIL_IS_KEPT = True
        message = write(subject, north)

        drain()

        message.refresh_from_db()
        assert (message.state, message.sent_at) == (MessageState.KEPT, None)
        assert not mail.outbox

    def test_keeps_it_when_no_address_is_known(self, subject: Subject, north: Team) -> None:
        message = write(subject, north, to="")

        drain()

        message.refresh_from_db()
        assert message.state == MessageState.KEPT
        assert not mail.outbox

    def test_leaves_it_waiting_while_the_mail_server_is_down(
        self, subject: Subject, north: Team, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        message = write(subject, north)

        def refuse(_: object) -> None:
            raise ConnectionRefusedError

        with monkeypatch.context() as down:
            down.setattr("django.core.mail.backends.locmem.EmailBackend.open", refuse)
            assert drain() == 0

        message.refresh_from_db()
        assert message.state == MessageState.APPROVED
        assert OutboxRow.objects.get().attempt_count == 1

    def test_does_nothing_for_a_message_that_is_gone(self, subject: Subject) -> None:
        tasks.send_message(message_id=str(subject.id), something_new="later")

        assert not mail.outbox
