"""Messages on their way to servers that behave and to servers that do not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from standardwebhooks import Webhook, WebhookVerificationError

from evidence.ledger import timeline_of
from refunds.models import WebhookAttempt, WebhookDelivery
from refunds.outgoing import calling, sending
from refunds.outgoing.calling import Answer
from refunds.outgoing.retrying import PAUSES, pause_after
from refunds.outgoing.rotating import end_old_secret, rotate_secret
from refunds.outgoing.vocabulary import CallOutcome, SendState
from tests.harness.world import NOON

from .receivers import OK, Heard, answer, drips, hangs, listening, never_ends, resets, says
from .stage import endpoint_at, fresh, sent, told

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = pytest.mark.django_db


def by_hand(secret: str, heard: Heard) -> str:
    """Sign as the specification says, without the library."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{heard.headers['webhook-id']}.{heard.headers['webhook-timestamp']}.".encode() + heard.body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def verified(secret: str, heard: Heard, at: datetime) -> Any:
    """Verify as a receiver does, at this moment."""
    with time_machine.travel(at, tick=False):
        return Webhook(secret).verify(heard.body, heard.headers)


class TestAMessage:
    def test_is_signed_so_that_the_library_and_a_hand_agree(self, world: World) -> None:
        with listening(says(OK)) as receiver:
            endpoint, secret = endpoint_at(receiver.url)
            delivery = told(endpoint)

            delivered = sent(endpoint)

        heard = receiver.heard[0]
        assert delivered.state == SendState.DELIVERED
        assert heard.head.startswith("POST /hook HTTP/1.1")
        assert heard.headers["webhook-id"] == delivery.announcement.message_id
        assert heard.headers["webhook-timestamp"] == str(int(NOON.timestamp()))
        assert heard.headers["webhook-signature"] == by_hand(secret, heard)
        assert heard.headers["content-type"] == "application/json"
        assert verified(secret, heard, NOON)["type"] == "webhook.test"
        assert json.loads(heard.body)["data"] == {"endpoint": str(endpoint.pk), "team": None}

    def test_that_was_bent_or_is_old_is_not_verified(self, world: World) -> None:
        with listening(says(OK)) as receiver:
            endpoint, secret = endpoint_at(receiver.url)
            told(endpoint)
            sent(endpoint)

        heard = receiver.heard[0]
        with pytest.raises(WebhookVerificationError):
            verified(secret, Heard(heard.head, heard.body.replace(b"null", b"true")), NOON)
        with pytest.raises(WebhookVerificationError):
            verified(secret, heard, NOON + timedelta(minutes=6))

    def test_is_signed_for_the_moment_it_is_sent_in_any_zone(self, world: World) -> None:
        with listening(says(answer("500 No"), OK)) as receiver:
            endpoint, secret = endpoint_at(receiver.url)
            told(endpoint)
            sent(endpoint)
            later = (NOON + timedelta(hours=1)).astimezone(ZoneInfo("Asia/Tokyo"))
            sent(endpoint, at=later)

        first, second = receiver.heard
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert first.body == second.body
        assert verified(secret, second, later.astimezone(UTC))

    def test_carries_both_signatures_while_secrets_change(self, world: World, root: User) -> None:
        with listening(says(OK)) as receiver:
            endpoint, old = endpoint_at(receiver.url)
            new = rotate_secret(endpoint_id=endpoint.pk, overlap_hours=2, actor=root, at=NOON)
            for hours in (0, 1, 3):
                told(endpoint, at=NOON + timedelta(hours=hours))
                sent(endpoint, at=NOON + timedelta(hours=hours))

        *both, after = receiver.heard
        for hours, heard in enumerate(both):
            assert heard.headers["webhook-signature"] == f"{by_hand(new, heard)} {by_hand(old, heard)}"
            for secret in (old, new):
                assert verified(secret, heard, NOON + timedelta(hours=hours))["type"] == "webhook.test"
        assert after.headers["webhook-signature"] == by_hand(new, after)
        with pytest.raises(WebhookVerificationError):
            verified(old, after, NOON + timedelta(hours=3))

    def test_carries_one_signature_once_the_old_secret_was_ended(self, world: World, root: User) -> None:
        with listening(says(OK)) as receiver:
            endpoint, _ = endpoint_at(receiver.url)
            new = rotate_secret(endpoint_id=endpoint.pk, overlap_hours=24, actor=root, at=NOON)
            end_old_secret(endpoint_id=endpoint.pk, actor=root, at=NOON)
            told(endpoint)
            sent(endpoint)

        assert receiver.heard[0].headers["webhook-signature"] == by_hand(new, receiver.heard[0])

    def test_is_not_sent_unsigned(self, world: World, settings: Any) -> None:
        with listening(says(OK)) as receiver:
            endpoint, _ = endpoint_at(receiver.url)
            told(endpoint)
            settings.WEBHOOK_KEYS = ["another key than the one that sealed it"]
            delivery = sent(endpoint)

        assert receiver.heard == []
        assert (delivery.state, delivery.last_outcome) == (SendState.WAITING, CallOutcome.UNSIGNED)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a second where the product waits ten or fifteen."""
    monkeypatch.setattr(calling, "SILENCE_SECONDS", 0.6)
    monkeypatch.setattr(calling, "ALTOGETHER_SECONDS", 1)


class TestAServerThat:
    @pytest.mark.parametrize(
        ("habit", "outcome", "status"),
        [
            (says(answer("500 Broken", b"<b>oops</b>\x00\x1b[31m")), CallOutcome.ANSWERED, 500),
            (says(answer("404 Lost")), CallOutcome.ANSWERED, 404),
            (says(answer("302 Away", b"", "Location: http://127.0.0.1:9/")), CallOutcome.REDIRECTED, 302),
            (says(answer("308 Away", b"", "Location: https://elsewhere.example/")), CallOutcome.REDIRECTED, 308),
            (says(b"\x16\x03\x01 this is no HTTP\r\n\r\n"), CallOutcome.UNREADABLE, None),
            (says(b""), CallOutcome.UNREADABLE, None),
            (says(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"), CallOutcome.UNREADABLE, None),
            (says(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 80_000), CallOutcome.UNREADABLE, None),
            (hangs, CallOutcome.TIMED_OUT, None),
            (resets, CallOutcome.UNREACHABLE, None),
            (drips, CallOutcome.TIMED_OUT, None),
            (never_ends, CallOutcome.ANSWERED, 500),
        ],
        ids=[
            "fails", "does not know it", "redirects", "redirects for good", "speaks no HTTP", "hangs up",
            "has too many headers", "has a header without an end", "hangs", "resets", "drips", "never ends",
        ],
    )  # fmt: skip
    def test_is_tried_again(
        self, habit: Callable[..., None], outcome: CallOutcome, status: int | None, world: World, hasty: None
    ) -> None:
        with listening(habit) as receiver:
            endpoint, _ = endpoint_at(receiver.url)
            told(endpoint)
            begun = time.monotonic()
            delivery = sent(endpoint)
            took = time.monotonic() - begun

        assert len(receiver.heard) == 1
        assert (delivery.state, delivery.last_outcome, delivery.last_status) == (SendState.WAITING, outcome, status)
        assert delivery.next_try_at >= NOON + timedelta(seconds=5)
        assert took < 5
        tried = delivery.attempts.get()
        assert tried.ended_at is not None
        assert len(tried.excerpt) <= 200
        assert tried.excerpt.isprintable()
        stands = fresh(endpoint)
        assert (stands.failures_in_a_row, stands.failing_since is None) == (1, False)

    def test_is_not_there_is_tried_again(self, world: World) -> None:
        with listening(says(OK)) as receiver:
            url = receiver.url
        endpoint, _ = endpoint_at(url)
        told(endpoint)

        assert sent(endpoint).last_outcome == CallOutcome.UNREACHABLE

    def test_says_yes_and_then_hangs_has_it(self, world: World, hasty: None) -> None:
        def yes_but(client: Any, receiver: Any) -> None:
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nwell")
            hangs(client, receiver)

        with listening(yes_but) as receiver:
            endpoint, _ = endpoint_at(receiver.url)
            told(endpoint)

            assert sent(endpoint).state == SendState.DELIVERED

    def test_is_gone_is_told_nothing_any_more(self, world: World) -> None:
        with listening(says(answer("410 Gone"))) as receiver:
            endpoint, _ = endpoint_at(receiver.url)
            told(endpoint)
            other = told(endpoint, at=NOON + timedelta(minutes=1))
            delivery = WebhookDelivery.objects.exclude(pk=other.pk).get()
            sending.send_next(endpoint_id=endpoint.pk, at=NOON)

        delivery.refresh_from_db()
        stands = fresh(endpoint)
        assert (delivery.state, stands.is_active) == (SendState.FAILED, False)
        assert stands.disabled_because == "It answered 410 Gone."
        assert not sending.send_next(endpoint_id=endpoint.pk, at=NOON + timedelta(days=1))
        last = list(timeline_of(endpoint.subject))[-1]
        assert (last.kind, last.machine) == ("webhook_endpoint.disabled", "herald")

    def test_comes_back_is_forgiven(self, world: World) -> None:
        with listening(says(answer("503 Busy"), OK)) as receiver:
            endpoint, _ = endpoint_at(receiver.url)
            told(endpoint)
            sent(endpoint)
            delivered = sent(endpoint, at=NOON + timedelta(minutes=1))

        stands = fresh(endpoint)
        assert (delivered.state, delivered.attempt_count) == (SendState.DELIVERED, 2)
        assert (stands.failures_in_a_row, stands.failing_since) == (0, None)
        assert stands.last_success_at is not None

    @pytest.mark.parametrize(
        ("wish", "pause"),
        [
            ("120", timedelta(seconds=120)),
            (format_datetime(NOON + timedelta(minutes=10), usegmt=True), timedelta(minutes=10)),
            ("999999999", timedelta(hours=24)),
            ("-5", timedelta(seconds=5)),
            ("soon", timedelta(seconds=5)),
            ("Fri, 20 Nov 1926 12:00:00 GMT", timedelta(seconds=5)),
        ],
    )
    def test_wishes_to_be_left_alone_is(self, wish: str, pause: timedelta, world: World) -> None:
        with listening(says(answer("429 Slow", b"", f"Retry-After: {wish}"))) as receiver:
            endpoint, _ = endpoint_at(receiver.url)
            told(endpoint)
            delivery = sent(endpoint)

        put_off = delivery.next_try_at - NOON
        assert pause <= put_off <= pause + timedelta(seconds=4)


class TestTrying:
    def test_goes_on_for_days_and_ends(self, world: World, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
        settings.WEBHOOK_DISABLE_AFTER_DAYS = 60
        monkeypatch.setattr(sending, "call", lambda **_: Answer(CallOutcome.ANSWERED, 500))
        endpoint, _ = endpoint_at()
        delivery = told(endpoint)
        at, ids = NOON, []
        while delivery.state == SendState.WAITING:
            at = max(delivery.next_try_at, NOON)
            assert sending.send_next(endpoint_id=endpoint.pk, at=at)
            delivery.refresh_from_db()
            ids.append(delivery.announcement.message_id)

        assert len(ids) == len(PAUSES) + 1 == 10
        assert len(set(ids)) == 1
        assert timedelta(days=3) < at - NOON < timedelta(days=4)
        assert delivery.state == SendState.FAILED
        assert not sending.send_next(endpoint_id=endpoint.pk, at=at + timedelta(days=30))

    def test_is_never_in_step_with_others(self) -> None:
        pauses = {pause_after(3) for _ in range(20)}

        assert len(pauses) > 10
        assert all(pause is not None and timedelta(minutes=30) <= pause <= timedelta(minutes=36) for pause in pauses)

    def test_disables_what_only_failed_for_days(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sending, "call", lambda **_: Answer(CallOutcome.TIMED_OUT))
        endpoint, _ = endpoint_at()
        for day in range(5):
            told(endpoint, at=NOON + timedelta(days=day))
            sending.send_next(endpoint_id=endpoint.pk, at=NOON + timedelta(days=day))
            assert fresh(endpoint).is_active, day

        told(endpoint, at=NOON + timedelta(days=5, minutes=1))
        sending.send_next(endpoint_id=endpoint.pk, at=NOON + timedelta(days=5, minutes=1))

        stands = fresh(endpoint)
        assert not stands.is_active
        assert stands.disabled_because == "Nothing arrived for 5 days."
        assert not WebhookDelivery.objects.filter(state=SendState.WAITING).exists()
        assert list(timeline_of(endpoint.subject))[-1].kind == "webhook_endpoint.disabled"

    def test_disables_nobody_whom_anything_reached_meanwhile(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        endpoint, _ = endpoint_at()
        for day in range(9):
            outcome = CallOutcome.DELIVERED if day == 4 else CallOutcome.TIMED_OUT
            monkeypatch.setattr(sending, "call", lambda outcome=outcome, **_: Answer(outcome))
            told(endpoint, at=NOON + timedelta(days=day))
            sending.send_next(endpoint_id=endpoint.pk, at=NOON + timedelta(days=day))

        assert fresh(endpoint).is_active


class TestAWorkerThatWasKilled:
    def test_between_claim_and_record_leaves_a_message_that_goes_again_under_its_id(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with listening(says(OK)) as receiver:
            endpoint, _ = endpoint_at(receiver.url)
            told(endpoint)

            def die(*_args: object) -> None:
                raise SystemExit(9)

            with monkeypatch.context() as killed:
                killed.setattr(sending, "_record", die)
                with pytest.raises(SystemExit):
                    sending.send_next(endpoint_id=endpoint.pk, at=NOON)

            assert not sending.send_next(endpoint_id=endpoint.pk, at=NOON + timedelta(seconds=59))
            delivered = sent(endpoint, at=NOON + timedelta(seconds=61))

        first, second = receiver.heard
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert first.body == second.body
        assert (delivered.state, delivered.attempt_count) == (SendState.DELIVERED, 2)
        outcomes = WebhookAttempt.objects.order_by("number").values_list("outcome", flat=True)
        assert list(outcomes) == [CallOutcome.INTERRUPTED, CallOutcome.DELIVERED]

    def test_and_answers_late_corrects_what_was_thought_of_it(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        endpoint, _ = endpoint_at()
        told(endpoint)
        slow = sending._claim(endpoint_id=endpoint.pk, at=NOON)
        monkeypatch.setattr(sending, "call", lambda **_: Answer(CallOutcome.TIMED_OUT))
        sending.send_next(endpoint_id=endpoint.pk, at=NOON + timedelta(seconds=61))
        assert slow is not None

        sending._record(slow, Answer(CallOutcome.DELIVERED, 200), NOON + timedelta(seconds=70))

        delivery = WebhookDelivery.objects.get()
        assert (delivery.state, delivery.last_status) == (SendState.DELIVERED, 200)

    def test_and_fails_late_puts_nothing_off(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        endpoint, _ = endpoint_at()
        told(endpoint)
        slow = sending._claim(endpoint_id=endpoint.pk, at=NOON)
        monkeypatch.setattr(sending, "call", lambda **_: Answer(CallOutcome.DELIVERED, 200))
        sending.send_next(endpoint_id=endpoint.pk, at=NOON + timedelta(seconds=61))
        assert slow is not None

        sending._record(slow, Answer(CallOutcome.TIMED_OUT), NOON + timedelta(seconds=70))

        assert WebhookDelivery.objects.get().state == SendState.DELIVERED
        assert fresh(endpoint).failures_in_a_row == 0
