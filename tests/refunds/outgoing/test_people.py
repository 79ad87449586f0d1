"""What people are told in a chat or by mail: a sentence, a page, and no key in any of our records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from config.kernel.outbox import publish
from config.kernel.refusals import Refused
from evidence.models import LedgerEntry
from policies import publishing
from policies.models import PolicyVersion
from refunds.breaks.vocabulary import BreakKind
from refunds.gateways.base import KeyRefused
from refunds.models import Break, GatewayLine, WebhookDelivery, WebhookEndpoint, WebhookSecret
from refunds.outgoing import rotating
from refunds.outgoing.endpoints import Wish, add_endpoint, change_endpoint
from refunds.outgoing.signing import opened
from refunds.outgoing.telling import tell_breaks, tell_request
from refunds.outgoing.vocabulary import FOR_PEOPLE, CallOutcome, Event, SendState, Shape
from refunds.outgoing.wording import Notice, body_of, notice_of
from refunds.processing.line import note_outcome
from tests.admin.desk import EXPLAINED, draft_by
from tests.harness.people import settle
from tests.harness.world import NOON

from .receivers import OK, answer, listening, says
from .stage import sent, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_django.fixtures import Settings

    from config.kernel.people import User
    from refunds.models import RefundRequest
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

SLACK = "https://hooks.slack.com/services/T000/B000/verysecretkey"
TEAMS = "https://prod-1.westeurope.logic.azure.com:443/workflows/abc/triggers/manual/paths/invoke?sig=verysecretkey"
MAILBOX = "mailto:desk@example.com"


def told_as(shape: Shape, url: str, events: Sequence[str] = (), team_id: int | None = None) -> WebhookEndpoint:
    """Let Root add an endpoint that people read."""
    wish = Wish(shape=shape, url=url, events=events, team_id=team_id)
    return add_endpoint(wish=wish, actor=settle("root"), at=NOON)[0]


def sentences() -> list[str]:
    """Say everything that was written down, as people read it."""
    deliveries = WebhookDelivery.objects.select_related("announcement").order_by("pk")
    return [notice_of(delivery.announcement).sentence for delivery in deliveries]


@pytest.fixture(autouse=True)
def portal(settings: Settings) -> None:
    settings.PORTAL_URL = "https://refunds.example"
    settings.WEBHOOK_ALLOWED = ["127.0.0.1"]
    settings.WEBHOOK_ALLOWS_HTTP = True
    settings.MAIL_IS_KEPT = False


class TestAnAddress:
    @pytest.mark.parametrize(
        ("shape", "url"),
        [
            (Shape.SLACK, "https://hooks.example.com/services/x"),
            (Shape.SLACK, "https://hooks.slack.com.example.com/x"),
            (Shape.SLACK, "http://hooks.slack.com/services/x"),
            (Shape.SLACK, "https://hooks.slack.com:8443/services/x"),
            (Shape.SLACK, "https://10.0.0.1/services/x"),
            (Shape.SLACK, "slack://TokenA/TokenB/TokenC"),
            (Shape.TEAMS, "https://logic.azure.com.evil.example/x"),
            (Shape.TEAMS, SLACK),
            (Shape.TEAMS, "file:///etc/passwd"),
            (Shape.MAIL, "desk@example.com"),
            (Shape.MAIL, "mailto:desk@example.com,other@example.com"),
            (Shape.MAIL, "mailto:desk@example.com?bcc=other@example.com"),
            (Shape.MAIL, "mailtos://user:key@mail.example.com"),
            (Shape.MAIL, "mailto:desk@example.com\nBcc: other@example.com"),
            (Shape.JSON, MAILBOX),
        ],
    )
    def test_elsewhere_is_refused(self, root: User, shape: Shape, url: str) -> None:
        with pytest.raises(Refused) as no:
            told_as(shape, url)

        assert [reason.field for reason in no.value.reasons] == ["url"]
        assert not WebhookEndpoint.objects.exists()

    @pytest.mark.parametrize(("shape", "url"), [(Shape.SLACK, SLACK), (Shape.TEAMS, TEAMS)])
    def test_of_a_chat_is_a_key_and_kept_sealed(self, root: User, shape: Shape, url: str) -> None:
        endpoint = told_as(shape, url)

        stands = WebhookEndpoint.objects.values().get(pk=endpoint.pk)
        assert opened(stands["sealed_url"]) == url
        assert "verysecretkey" not in str(stands)
        assert not any("verysecretkey" in payload for payload in LedgerEntry.objects.values_list("payload", flat=True))
        assert not WebhookSecret.objects.exists()

    def test_of_a_chat_stays_when_something_else_is_changed(self, root: User) -> None:
        endpoint = told_as(Shape.SLACK, SLACK)

        wish = Wish(shape=Shape.SLACK, url=endpoint.url, description="The desk")
        changed = change_endpoint(endpoint_id=endpoint.pk, wish=wish, actor=root, at=NOON)

        assert (opened(changed.sealed_url), changed.description) == (SLACK, "The desk")

    def test_of_a_chat_is_never_kept_open(self, root: User) -> None:
        endpoint = told_as(Shape.SLACK, SLACK)
        with pytest.raises(IntegrityError, match="the_address_of_a_chat_is_sealed"), transaction.atomic():
            WebhookEndpoint.objects.filter(pk=endpoint.pk).update(sealed_url="")

    def test_keeps_its_shape(self, root: User) -> None:
        endpoint = told_as(Shape.SLACK, SLACK)
        with pytest.raises(Refused):
            change_endpoint(endpoint_id=endpoint.pk, wish=Wish(url="https://a.example.com/"), actor=root, at=NOON)
        assert WebhookEndpoint.objects.get().shape == Shape.SLACK

    def test_has_no_signature_to_change(self, root: User) -> None:
        endpoint = told_as(Shape.SLACK, SLACK)
        with pytest.raises(Refused):
            rotating.rotate_secret(endpoint_id=endpoint.pk, overlap_hours=1, actor=root, at=NOON)
        assert not WebhookSecret.objects.exists()


class TestWhatPeopleHear:
    def test_is_that_a_request_waits_with_its_page(self, world: World, amir: User) -> None:
        told_as(Shape.SLACK, SLACK)
        waiting = world.waiting(by=amir)

        assert sentences() == [f"{waiting.reference} waits for the role approver; promised by {_due(waiting)}."]
        (delivery,) = WebhookDelivery.objects.all()
        page = notice_of(delivery.announcement).page
        assert page == f"https://refunds.example{waiting.get_absolute_url()}"

    def test_is_not_what_has_no_words(self, root: User) -> None:
        with pytest.raises(Refused) as no:
            told_as(Shape.SLACK, SLACK, events=[Event.DECIDED])
        assert [reason.field for reason in no.value.reasons] == ["events"]

    def test_is_that_a_promise_ends(self, world: World, amir: User) -> None:
        waiting = world.waiting(by=amir)
        told_as(Shape.SLACK, SLACK)
        publish("approval.due_soon", route_id=str(waiting.route_id), at=NOON)

        assert sentences() == [f"{waiting.reference} still waits for the role approver; promised by {_due(waiting)}."]

    def test_is_that_a_policy_waits_for_a_reader(self, world: World, milo: User) -> None:
        told_as(Shape.TEAMS, TEAMS)
        draft = draft_by(world, milo)
        PolicyVersion.objects.filter(pk=draft.pk).update(**EXPLAINED)
        publishing.send_to_review(version_id=draft.pk, actor=milo, at=NOON)

        assert sentences() == [f"Version {draft.number} of the policy {draft.policy.slug} waits for a second reader."]

    def test_is_that_a_processor_is_sent_nothing(self, world: World) -> None:
        told_as(Shape.MAIL, MAILBOX)
        note_outcome("stripe", KeyRefused("No."), at=NOON)

        assert GatewayLine.objects.get().stop == "key_refused"
        assert sentences() == ["Nothing is sent to stripe: the processor refuses our key."]

    def test_is_that_a_refund_failed(self, world: World, amir: User) -> None:
        waiting = world.waiting(by=amir)
        told_as(Shape.SLACK, SLACK)
        tell_request(news=Event.FAILED, at=NOON, subject_id=str(waiting.pk))

        assert sentences() == [f"The refund of {waiting.reference} failed."]

    def test_is_that_a_break_was_opened(self, world: World) -> None:
        told_as(Shape.SLACK, SLACK)
        opened_now = Break(kind=BreakKind.AMOUNT_DIFFERS, account="acct_1", currency="GBP", amount_minor=1)
        tell_breaks([opened_now], at=NOON)

        assert sentences() == ["A break was opened: amount differs, account acct_1."]
        page = notice_of(WebhookDelivery.objects.get().announcement).page
        assert page.endswith(f"/reconciliation/breaks/{opened_now.pk}/")

    def test_is_of_their_team(self, world: World, amir: User) -> None:
        told_as(Shape.SLACK, SLACK, team_id=world.team("us-dtc").pk)
        world.waiting(by=amir)
        assert not WebhookDelivery.objects.exists()

    def test_names_nobody(self, world: World, amir: User) -> None:
        told_as(Shape.SLACK, SLACK)
        world.filed(world.order(unit_minor=100_00, customer=world.customer()), by=amir)
        assert "Ada" not in str(sentences())
        assert "100" not in str(sentences())

    def test_has_words_for_each_event(self) -> None:
        assert {
            Event.REQUESTED,
            Event.DUE_SOON,
            Event.FAILED,
            Event.BREAK,
            Event.IN_REVIEW,
            Event.STOPPED,
        } == FOR_PEOPLE


class TestSending:
    def test_to_slack_is_a_text_with_a_link_and_no_signature(self, world: World, root: User) -> None:
        with listening(says(answer("200 OK", b"ok"))) as server:
            endpoint = told_as(Shape.SLACK, server.url)
            told(endpoint)
            delivery = sent(endpoint)

        assert delivery.state == SendState.DELIVERED
        (heard,) = server.heard
        assert json.loads(heard.body) == {
            "text": "This is a test. Nothing needs to be done. <https://refunds.example/|Open it in Redress>",
            "unfurl_links": False,
        }
        assert "webhook-signature" not in heard.headers

    def test_to_teams_is_a_card_that_only_opens_a_page(self, world: World, root: User) -> None:
        with listening(says(OK)) as server:
            endpoint = told_as(Shape.TEAMS, server.url)
            told(endpoint)
            sent(endpoint)

        card = json.loads(server.heard[0].body)["attachments"][0]["content"]
        assert [action["type"] for action in card["actions"]] == ["Action.OpenUrl"]
        assert card["actions"][0]["url"] == "https://refunds.example/"

    def test_by_mail_goes_to_one_mailbox(self, world: World, root: User) -> None:
        endpoint = told_as(Shape.MAIL, MAILBOX)
        told(endpoint)

        assert sent(endpoint).state == SendState.DELIVERED
        (letter,) = mail.outbox
        assert letter.recipients() == ["desk@example.com"]
        assert "https://refunds.example/" in letter.body

    def test_by_mail_sends_nothing_from_the_demo(self, world: World, root: User, settings: Settings) -> None:
        settings.MAIL_IS_KEPT = True
        endpoint = told_as(Shape.MAIL, MAILBOX)
        told(endpoint)

        assert sent(endpoint).last_outcome == CallOutcome.FORBIDDEN
        assert mail.outbox == []

    def test_is_tried_again_and_keeps_no_word_of_the_answer(self, world: World, root: User) -> None:
        with listening(says(answer("500 No", b"bad key verysecretkey"))) as server:
            endpoint = told_as(Shape.SLACK, server.url)
            told(endpoint)
            delivery = sent(endpoint)

        assert (delivery.state, delivery.last_outcome, delivery.last_status) == (
            SendState.WAITING,
            CallOutcome.ANSWERED,
            500,
        )
        assert delivery.next_try_at > NOON
        assert delivery.attempts.get().excerpt == ""

    def test_follows_no_redirect(self, world: World, root: User) -> None:
        with (
            listening(says(OK)) as elsewhere,
            listening(says(answer("302 Found", b"", f"Location: {elsewhere.url}"))) as server,
        ):
            endpoint = told_as(Shape.SLACK, server.url)
            told(endpoint)
            delivery = sent(endpoint)

        assert delivery.last_outcome == CallOutcome.REDIRECTED
        assert elsewhere.heard == []

    def test_stops_where_the_address_is_allowed_no_more(self, world: World, root: User, settings: Settings) -> None:
        with listening(says(OK)) as server:
            endpoint = told_as(Shape.SLACK, server.url)
            told(endpoint)
            settings.WEBHOOK_ALLOWED = []
            delivery = sent(endpoint)

        assert delivery.last_outcome == CallOutcome.FORBIDDEN
        assert server.heard == []

    def test_lets_a_mail_server_that_is_away_be_tried_again(self, world: World, root: User, settings: Settings) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        endpoint = told_as(Shape.MAIL, MAILBOX)
        told(endpoint)

        delivery = sent(endpoint)

        assert (delivery.state, delivery.last_outcome) == (SendState.WAITING, CallOutcome.UNREACHABLE)


class TestAText:
    def test_of_slack_cannot_be_made_to_call_or_link(self) -> None:
        told_to_slack = json.loads(body_of(Shape.SLACK, Notice("<!channel> & <https://x|y>", "https://p/")))
        assert told_to_slack["text"].startswith("&lt;!channel&gt; &amp; &lt;https://x|y&gt; <https://p/|")


def _due(waiting: RefundRequest) -> str:
    assert waiting.route is not None
    due = waiting.route.due_at
    return f"{due.day} {due:%B, %H:%M} UTC"
