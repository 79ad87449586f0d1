"""One message and several hands on it: it leaves once or not at all, and its row says which."""

from __future__ import annotations

from functools import partial
from threading import Event
from typing import TYPE_CHECKING

import pytest
from django.core import mail

from approvals.vocabulary import Verdict
from config.kernel.refusals import OutOfDate
from evidence.message_delivery import CLAIM_LASTS, StillClaimed, retry_message, send_message
from evidence.message_review import approve_message
from evidence.models import CustomerMessage
from evidence.vocabulary import MessageState
from refunds import workflow
from refunds.gateways.base import Rejected
from refunds.processing.performing import _claim
from refunds.processing.recording import record_outcome
from tests.harness.people import fresh, settle
from tests.harness.races import in_the_same_instant, losers, winners
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from pytest_django import Settings

    from config.kernel.people import User
    from refunds.models import RefundRequest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROUNDS = 12
WHY = "The parcel came back complete."


@pytest.fixture(autouse=True)
def mail_leaves(settings: Settings) -> None:
    """Let mail leave; somebody who has no address is written to on paper."""
    settings.MAIL_IS_KEPT = False


def letter_of(request: RefundRequest) -> CustomerMessage:
    """Read the one message about a request, and give it an address."""
    CustomerMessage.objects.filter(subject_id=request.pk).update(to="carla@example.com")
    return CustomerMessage.objects.get(subject_id=request.pk)


def approve(letter: CustomerMessage, who: User) -> CustomerMessage:
    return approve_message(
        message_id=letter.pk, subject_line=letter.subject_line, body=letter.body, seen=letter.body_sha256,
        actor=fresh(who), at=NOON,
    )  # fmt: skip


def exception(world: World, amir: User, dana: User) -> RefundRequest:
    """Grant an exception and sign for it; its message waits for a reviewer."""
    late = world.filed(world.order(days_ago=50), by=amir)
    workflow.grant_exception(
        reference=late.reference, code="WINDOW_EXPIRED", rationale=WHY, actor=settle("mei"), at=NOON
    )
    return workflow.decide(reference=late.reference, verdict=Verdict.APPROVE, rationale=WHY, actor=dana, at=NOON)


def fail(request: RefundRequest) -> None:
    """Let the bank refuse the money."""
    operation = request.operations.get()
    assert _claim(operation_id=operation.pk, at=NOON) is not None
    record_outcome(operation_id=operation.pk, number=1, outcome=Rejected("declined", "The bank said no."), at=NOON)


class TestTwoWorkers:
    def test_send_a_message_once(self, world: World, amir: User, dana: User) -> None:
        for number in range(ROUNDS):
            letter = letter_of(world.approved(by=amir, approver=dana))

            results = in_the_same_instant(*(partial(send_message, message_id=letter.pk, at=NOON) for _ in range(4)))

            letter.refresh_from_db()
            assert letter.state == MessageState.SENT
            assert len(mail.outbox) == number + 1
            assert all(isinstance(error, StillClaimed) for error in losers(results))

    def test_never_send_twice_when_the_mail_server_outlasts_the_claim(
        self, world: World, amir: User, dana: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        letter = letter_of(world.approved(by=amir, approver=dana))
        talking, told = Event(), Event()
        handed_over: list[str] = []

        def answer_late(_: object, letters: list[mail.EmailMessage]) -> int:
            handed_over.extend(str(letter.subject) for letter in letters)
            talking.set()
            assert told.wait(timeout=20)
            return 1

        monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", answer_late)

        def look_later() -> str:
            assert talking.wait(timeout=20)
            send_message(message_id=letter.pk, at=NOON + CLAIM_LASTS)
            seen = CustomerMessage.objects.get(pk=letter.pk).state
            told.set()
            return seen

        first, seen = in_the_same_instant(partial(send_message, message_id=letter.pk, at=NOON), look_later)

        assert not isinstance(first, Exception)
        assert seen == MessageState.UNKNOWN
        letter.refresh_from_db()
        assert (letter.state, letter.failure) == (MessageState.SENT, "")
        assert len(handed_over) == 1


class TestAReviewerAndADecline:
    def test_never_let_leave_that_a_declined_refund_is_approved(
        self, world: World, amir: User, dana: User, milo: User, lena: User
    ) -> None:
        for _ in range(ROUNDS):
            request = exception(world, amir, dana)
            letter = letter_of(request)
            assert letter.state == MessageState.IN_REVIEW
            fail(request)

            reviewed, declined = in_the_same_instant(
                partial(approve, letter, milo),
                partial(
                    workflow.decide,
                    reference=request.reference, verdict=Verdict.DECLINE, rationale=WHY, actor=fresh(lena), at=NOON,
                ),
            )  # fmt: skip
            send_message(message_id=letter.pk, at=NOON)

            assert not isinstance(declined, Exception), declined
            assert not isinstance(reviewed, Exception) or isinstance(reviewed, OutOfDate), reviewed
            letter.refresh_from_db()
            assert letter.state == MessageState.DROPPED
            told = CustomerMessage.objects.get(subject_id=request.pk, template="refund_declined")
            assert told.state == MessageState.IN_REVIEW
        assert mail.outbox == []


class TestTwoReviewers:
    def test_do_not_both_approve(self, world: World, amir: User, dana: User, milo: User) -> None:
        for _ in range(ROUNDS):
            letter = letter_of(exception(world, amir, dana))

            results = in_the_same_instant(
                partial(approve, letter, milo),
                partial(approve, letter, settle("viktor")),
                partial(approve, letter, milo),
            )

            assert len(winners(results)) == 1
            assert all(isinstance(error, OutOfDate) for error in losers(results))


class TestTwoPeople:
    def test_do_not_both_send_again_what_failed(self, world: World, amir: User, dana: User, lena: User) -> None:
        letter = letter_of(world.approved(by=amir, approver=dana))
        CustomerMessage.objects.filter(pk=letter.pk).update(state=MessageState.FAILED)

        results = in_the_same_instant(
            *(partial(retry_message, message_id=letter.pk, actor=fresh(who), at=NOON) for who in (lena, dana, lena))
        )

        assert len(winners(results)) == 1
        assert all(isinstance(error, OutOfDate) for error in losers(results))
