"""Endpoints and deliveries in the admin site: every page and button, without a script."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from refunds.models import WebhookDelivery, WebhookEndpoint, WebhookSecret
from refunds.outgoing import sending, signing
from refunds.outgoing.calling import Answer
from refunds.outgoing.vocabulary import CallOutcome, Event, SendState
from tests.harness.people import settle
from tests.harness.world import NOON
from tests.refunds.outgoing.stage import HOOK, endpoint_at, told

from .desk import desk_of

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

LIST = "admin:refunds_webhookendpoint_changelist"
ADD = "admin:refunds_webhookendpoint_add"
CHANGE = "admin:refunds_webhookendpoint_change"
DELIVERIES = "admin:refunds_webhookdelivery_changelist"
TYPED = {"url": HOOK, "description": "Warehouse", "events": [Event.APPROVED, Event.FAILED]}


def verb(name: str, endpoint: WebhookEndpoint) -> str:
    """Name the address of a button."""
    return reverse(f"admin:refunds_webhookendpoint_{name}", args=[endpoint.pk])


@pytest.fixture
def endpoint(world: World) -> WebhookEndpoint:
    """Have one."""
    return endpoint_at()[0]


class TestAnEndpoint:
    def test_is_added_and_shows_its_secret_once(self, world: World, root: User) -> None:
        desk = desk_of(root)

        answer = desk.post(reverse(ADD), TYPED)

        made = WebhookEndpoint.objects.get()
        shown = re.search(r"whsec_[A-Za-z0-9+/=]+", answer.text)
        assert shown is not None
        assert shown.group() == signing.opened(WebhookSecret.objects.get().sealed)
        assert "no-store" in answer.headers["Cache-Control"]
        assert (made.created_by, made.events) == (root, sorted(TYPED["events"]))
        pages = [reverse(LIST), reverse(CHANGE, args=[made.pk]), verb("health", made)]
        assert all("whsec_" not in desk.get(page).text for page in pages)
        assert not any("whsec_" in str(value) for value in desk.cookies.values())

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"url": "https://10.0.0.1/"}, "url"),
            ({"url": "http://hooks.example.com/"}, "url"),
            ({"url": ""}, "url"),
            ({"events": ["made.up"]}, "events"),
            ({"team": "999"}, "team"),
        ],
    )
    def test_is_refused_with_the_field_named(
        self, world: World, root: User, changes: dict[str, Any], field: str
    ) -> None:
        answer = desk_of(root).post(reverse(ADD), TYPED | changes)

        assert list(answer.context["adminform"].form.errors) == [field]
        assert not WebhookEndpoint.objects.exists()

    def test_is_changed(self, endpoint: WebhookEndpoint, world: World, root: User) -> None:
        answer = desk_of(root).post(
            reverse(CHANGE, args=[endpoint.pk]), {**TYPED, "events": [], "team": world.team().pk}
        )

        assert answer.status_code == 302
        stands = WebhookEndpoint.objects.get()
        assert (stands.description, stands.events, stands.team) == ("Warehouse", [], world.team())

    def test_of_a_chat_is_added_and_changed_without_showing_its_address(self, world: World, root: User) -> None:
        desk, secret = desk_of(root), "https://hooks.slack.com/services/T0/B0/verysecretkey"

        added = desk.post(reverse(ADD), {"shape": "slack", "url": secret, "events": [Event.REQUESTED]})

        made = WebhookEndpoint.objects.get()
        assert added.headers["Location"] == verb("health", made)
        pages = [desk.get(page).text for page in (reverse(LIST), reverse(CHANGE, args=[made.pk]), verb("health", made))]
        assert not any("verysecretkey" in page for page in pages)
        assert "Make a new secret" not in pages[2]

        typed = {"shape": "slack", "url": made.url, "description": "The desk", "events": []}
        assert desk.post(reverse(CHANGE, args=[made.pk]), typed).status_code == 302
        kept = WebhookEndpoint.objects.get()
        assert (signing.opened(kept.sealed_url), kept.description, kept.events) == (secret, "The desk", [])

    def test_is_never_deleted(self, endpoint: WebhookEndpoint, zeus: User) -> None:
        assert (
            desk_of(zeus).post(reverse("admin:refunds_webhookendpoint_delete", args=[endpoint.pk])).status_code == 403
        )

    def test_shows_its_health(self, endpoint: WebhookEndpoint, root: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sending, "call", lambda **_: Answer(CallOutcome.ANSWERED, 503, "come back <b>later</b>"))
        told(endpoint)
        sending.send_next(endpoint_id=endpoint.pk, at=NOON)

        page = desk_of(root).get(verb("health", endpoint)).text
        listed = desk_of(root).get(reverse(LIST)).text

        assert "503" in page
        assert "sent a test to hooks.example.com." in page
        assert "Failing" in listed
        assert "never" in page

    def test_can_be_tested_disabled_enabled_and_given_another_secret(
        self, endpoint: WebhookEndpoint, root: User
    ) -> None:
        desk = desk_of(root)

        assert desk.post(verb("test", endpoint)).status_code == 302
        assert WebhookDelivery.objects.get().announcement.event == "webhook.test"
        rotated = desk.post(verb("rotate", endpoint), {"overlap_hours": "24"})
        assert "whsec_" in rotated.text
        assert desk.post(verb("rotate", endpoint), {"overlap_hours": "24"}).status_code == 422
        assert desk.post(verb("end_secret", endpoint)).status_code == 302
        assert desk.post(verb("disable", endpoint), {"because": ""}).status_code == 422
        assert desk.post(verb("disable", endpoint), {"because": "Moved."}).status_code == 302
        assert "Disabled: Moved." in desk.get(verb("health", endpoint)).text
        assert desk.post(verb("test", endpoint)).status_code == 409
        assert desk.post(verb("enable", endpoint)).status_code == 302
        since = (NOON - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
        resent = desk.post(verb("resend", endpoint), {"since": since}, follow=True)
        assert "1 deliveries are sent again." in resent.text

    def test_changes_by_no_get(self, endpoint: WebhookEndpoint, root: User) -> None:
        desk = desk_of(root)

        for name in ("test", "resend", "rotate", "end_secret", "disable", "enable"):
            assert desk.get(verb(name, endpoint)).status_code == 405

    def test_is_open_to_administrators_alone(self, endpoint: WebhookEndpoint, world: World) -> None:
        addresses = [reverse(LIST), reverse(ADD), verb("health", endpoint), reverse(DELIVERIES)]
        for username in ("amir", "mei", "milo", "lena", "ada", "bot", "nobody"):
            desk = desk_of(settle(username))
            assert {desk.get(address).status_code for address in addresses} <= {403, 404}, username
            assert desk.post(verb("test", endpoint)).status_code in {403, 404}, username
        assert not WebhookDelivery.objects.exists()

    def test_of_another_team_is_not_there(self, world: World, root: User) -> None:
        made, _ = endpoint_at(team_id=world.team("eu-saas").pk)
        luis = settle("luis")
        luis.groups.set(root.groups.all())
        type(luis).objects.filter(pk=luis.pk).update(is_staff=True)
        desk = desk_of(type(luis).objects.get(pk=luis.pk))

        assert desk.get(verb("health", made)).status_code == 404
        assert desk.get(reverse(LIST)).context["cl"].result_count == 0
        assert desk.post(verb("disable", made), {"because": "Mine."}).status_code == 409


class TestADelivery:
    def test_shows_its_message_and_every_try(
        self, endpoint: WebhookEndpoint, root: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sending, "call", lambda **_: Answer(CallOutcome.GONE, 410, "<script>alert(1)</script>"))
        delivery = told(endpoint)
        sending.send_next(endpoint_id=endpoint.pk, at=NOON)
        desk = desk_of(root)

        page = desk.get(reverse("admin:refunds_webhookdelivery_change", args=[delivery.pk])).text

        assert delivery.announcement.message_id in page
        assert "&lt;script&gt;alert(1)" in page
        assert "Send again" in page
        again = reverse("admin:refunds_webhookdelivery_again", args=[delivery.pk])
        assert desk.post(again).status_code == 409
        desk.post(verb("enable", endpoint))
        assert desk.post(again).status_code == 302
        delivery.refresh_from_db()
        assert delivery.state == SendState.WAITING
        assert "Send again" not in desk.get(reverse("admin:refunds_webhookdelivery_change", args=[delivery.pk])).text

    def test_cannot_be_written_by_hand(self, endpoint: WebhookEndpoint, zeus: User) -> None:
        delivery = told(endpoint)
        desk = desk_of(zeus)

        assert desk.get(reverse("admin:refunds_webhookdelivery_add")).status_code == 403
        desk.post(reverse("admin:refunds_webhookdelivery_change", args=[delivery.pk]), {"state": "delivered"})
        assert WebhookDelivery.objects.get().state == SendState.WAITING


class TestTheLists:
    @pytest.mark.parametrize("address", [LIST, DELIVERIES])
    def test_cost_the_same_at_any_length(self, world: World, root: User, address: str) -> None:
        counts = []
        for number in range(3):
            made, _ = endpoint_at(f"https://hooks.example.com/{number}", team_id=world.team().pk)
            for _ in range(number * 3 + 1):
                told(made)
            desk = desk_of(root)
            with CaptureQueriesContext(connection) as asked:
                assert desk.get(reverse(address)).status_code == 200
            counts.append(len(asked))

        assert len(set(counts[1:])) == 1, counts
