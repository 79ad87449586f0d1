"""Connected shops and incoming webhooks in the admin site: every page and button, without a script."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from config.kernel.outbox import OutboxRow
from evidence.models import LedgerEntry
from refunds.connectors.checking import check_shops
from refunds.connectors.keeping import connection_behind, secrets_in_force
from refunds.models import Delivery, ShopConnection
from refunds.outgoing.signing import opened
from refunds.vocabulary import DeliveryState
from tests.refunds.webhooks.shop import DOMAIN, SECRET, connected

from .desk import desk_of

if TYPE_CHECKING:
    from pytest_django import Settings

    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

LIST = "admin:refunds_shopconnection_changelist"
ADD = "admin:refunds_shopconnection_add"
CHANGE = "admin:refunds_shopconnection_change"


def typed(world: World, **changes: Any) -> dict[str, Any]:
    """Fill the form in."""
    return {
        "kind": "shopify",
        "team": world.team().pk,
        "channel": "shop-uk",
        "domain": DOMAIN,
        "api_base": f"https://{DOMAIN}",
        "access_token": "shpat_1",
        "secret": SECRET,
        **changes,
    }


def verb(name: str, connection: ShopConnection) -> str:
    """Name the address of a button."""
    return reverse(f"admin:refunds_shopconnection_{name}", args=[connection.pk])


class TestAShop:
    def test_is_connected_and_shows_its_address_once(self, world: World, root: User) -> None:
        desk = desk_of(root)

        answer = desk.post(reverse(ADD), typed(world))

        made = ShopConnection.objects.get()
        shown = re.search(r"/webhooks/shopify/([\w-]{43})/", answer.text)
        assert shown is not None
        token = shown.group(1)
        assert connection_behind("shopify", token) == made
        assert "no-store" in answer.headers["Cache-Control"]
        assert (made.token_end, opened(made.access_sealed), opened(made.secret_sealed)) == (
            token[-4:],
            "shpat_1",
            SECRET,
        )
        for page in (reverse(LIST), reverse(CHANGE, args=[made.pk]), verb("health", made)):
            text = desk.get(page).text
            assert not any(secret in text for secret in (token, SECRET, "shpat_1", made.secret_sealed))
        told = " ".join(map(str, LedgerEntry.objects.values_list("payload", flat=True)))
        assert "connected the shop" in told
        assert not any(secret in told for secret in (token, SECRET, "shpat_1"))

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"api_base": "https://10.0.0.1/"}, "api_base"),
            ({"api_base": "http://lamps.example.com"}, "api_base"),
            ({"api_base": "https://lamps.example.com/?a=1"}, "api_base"),
            ({"access_token": ""}, "access_token"),
            ({"secret": ""}, "secret"),
            ({"secret": "grüß"}, "secret"),
            ({"domain": "https://lamps.example.com"}, "domain"),
            ({"public_key": "-----BEGIN"}, "public_key"),
            ({"team": "999"}, "team"),
        ],
    )
    def test_is_refused_with_the_field_named(
        self, world: World, root: User, changes: dict[str, Any], field: str
    ) -> None:
        answer = desk_of(root).post(reverse(ADD), typed(world, **changes))

        assert list(answer.context["adminform"].form.errors) == [field]
        assert SECRET not in answer.text
        assert not ShopConnection.objects.exists()

    def test_keeps_its_secrets_when_it_is_changed(self, world: World, root: User) -> None:
        made, _ = connected(world)
        wish = {
            name: told for name, told in typed(world, channel="shop-2", access_token="").items() if name != "secret"
        }

        assert desk_of(root).post(reverse(CHANGE, args=[made.pk]), wish).status_code == 302

        after = ShopConnection.objects.get()
        assert (after.channel, opened(after.access_sealed), opened(after.secret_sealed)) == (
            "shop-2",
            "shpat_1",
            SECRET,
        )

    def test_believes_two_secrets_while_they_change(self, world: World, root: User) -> None:
        made, _ = connected(world)

        desk_of(root).post(verb("rotate", made), {"secret": "new", "overlap_hours": 2})

        after = ShopConnection.objects.get()
        assert secrets_in_force(after, at=timezone.now()) == ["new", SECRET]
        assert secrets_in_force(after, at=timezone.now() + timedelta(hours=3)) == ["new"]
        assert desk_of(root).post(verb("rotate", made), {"secret": "", "overlap_hours": 2}).status_code == 422

    def test_gets_another_address_and_is_switched_off_and_on(self, world: World, root: User) -> None:
        made, address = connected(world)
        token = address.split("/")[3]
        desk = desk_of(root)

        assert token not in desk.post(verb("renew_address", made)).text
        assert connection_behind("shopify", token) is None
        assert desk.post(verb("switch_off", made)).status_code == 302
        assert not ShopConnection.objects.get().is_active
        assert desk.post(verb("switch_off", made)).status_code == 409
        assert desk.post(verb("switch_on", made)).status_code == 302

    def test_is_read_again_and_stopped_by_a_button(self, world: World, root: User) -> None:
        made, _ = connected(world, takes_orders=True)
        desk = desk_of(root)
        since = {"since": (timezone.now() - timedelta(days=3)).date().isoformat()}

        assert desk.post(verb("resync", made), since).status_code == 302
        page = desk.get(verb("health", made)).text
        assert "Listing what changed" in page
        assert "0 of 0 orders read" in page
        assert desk.post(verb("resync", made), since).status_code == 409
        assert desk.post(verb("stop_resync", made)).status_code == 302
        assert "Stopped." in desk.get(verb("health", made)).text
        assert desk.post(verb("stop_resync", made)).status_code == 409
        assert desk.post(verb("resync", made), {"since": "soon"}).status_code == 422

    def test_whose_key_is_lost_says_so_on_its_page_and_in_the_checks(
        self, world: World, root: User, settings: Settings
    ) -> None:
        made, _ = connected(world)
        assert check_shops(databases=["default"]) == []
        assert check_shops(databases=None) == []

        settings.WEBHOOK_KEYS = ["another"]

        assert [one.id for one in check_shops(databases=["default"])] == ["refunds.E001"]
        assert "WEBHOOK_KEYS" in desk_of(root).get(verb("health", made)).text

    @pytest.mark.parametrize(("who", "may_look"), [("ada", True), ("mei", False), ("milo", False)])
    def test_is_changed_by_administrators_alone(
        self,
        world: World,
        who: str,
        may_look: bool,  # noqa: FBT001 - a case of the table
        request: pytest.FixtureRequest,
    ) -> None:
        made, _ = connected(world)
        person = request.getfixturevalue(who)
        person.is_staff = True
        person.save(update_fields=["is_staff"])
        desk = desk_of(person)

        assert desk.get(verb("health", made)).status_code == (200 if may_look else 404)
        for name in ("rotate", "renew_address", "switch_off", "stop_resync"):
            assert desk.post(verb(name, made), {"secret": "x", "overlap_hours": 1}).status_code == 403
        assert desk.post(reverse(ADD), typed(world)).status_code == 403


class TestAnIncomingMessage:
    def test_that_waits_for_a_person_says_why_and_is_taken_up_again(self, world: World, root: User, ada: User) -> None:
        made, _ = connected(world)
        waiting = Delivery.objects.create(
            source="shopify", connection=made, event_id="1", event_type="shopify.refund", object_id="7", raw=b"{}",
            received_at=timezone.now(), state=DeliveryState.NEEDS_PERSON, note="The shop names another currency.",
        )  # fmt: skip
        again = reverse("admin:refunds_delivery_again", args=[waiting.pk])
        ada.is_staff = True
        ada.save(update_fields=["is_staff"])
        desk = desk_of(root)

        assert "another currency" in desk.get(reverse("admin:refunds_delivery_changelist")).text
        assert "another currency" in desk.get(verb("health", made)).text
        assert desk_of(ada).post(again).status_code == 403
        assert desk.post(again).status_code == 302
        waiting.refresh_from_db()
        assert (waiting.state, waiting.note) == (DeliveryState.RECEIVED, "")
        assert OutboxRow.objects.filter(news="shop_delivery.received").count() == 1
        assert desk.post(again).status_code == 409
