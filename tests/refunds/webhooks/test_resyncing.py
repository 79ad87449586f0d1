"""Reading a shop's orders again from a day on: watched, stopped, and never in the way of what the shop really tells."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from config.kernel.jobs import Job, JobState
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from evidence.models import LedgerEntry
from refunds.models import Delivery, Order, ShopConnection
from refunds.vocabulary import DeliveryState
from refunds.webhooks import asking, resyncing
from refunds.webhooks.resyncing import ask_to_resync, latest_resync, resync_orders, stop_resync
from tests.harness.people import settle
from tests.refunds.outgoing.receivers import resets

from .orders_of_shops import LIST, READ_ORDER, REFUNDS, TRANSACTIONS, captured, shopify_order
from .shop import BODY, ORDER, READ, Shelf, connected, send, shop_server, work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.kernel.people import User
    from tests.harness.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.servers]

OTHER = "/admin/api/2026-07/orders/77.json"


@pytest.fixture
def shelf() -> Shelf:
    """Have a shop with one good order and one that cannot be."""
    shelf = Shelf()
    changed = (timezone.now() - timedelta(days=3)).isoformat()
    shelf.pages = {
        LIST: {"orders": [{"id": int(ORDER), "updated_at": changed}, {"id": 77, "updated_at": changed}]},
        READ_ORDER: {"order": shopify_order()},
        TRANSACTIONS: {"transactions": [captured()]},
        REFUNDS: {"refunds": []},
        OTHER: {"order": shopify_order(id=77, currency="XQX")},
        OTHER.replace(".json", "/transactions.json"): {"transactions": []},
    }
    return shelf


@pytest.fixture
def shop(world: World, shelf: Shelf) -> Iterator[tuple[ShopConnection, str]]:
    """Connect it."""
    with shop_server(shelf) as (api_base, _):
        yield connected(world, api_base=api_base, takes_orders=True)


def ask(connection: ShopConnection, actor: User, *, days: int = 7) -> Job:
    """Ask for a week."""
    at = timezone.now()
    return ask_to_resync(connection_id=connection.pk, since=(at - timedelta(days=days)).date(), actor=actor, at=at)


def state_of(connection: ShopConnection) -> tuple[str, int, int | None]:
    """Say how the newest job fares."""
    job = latest_resync(connection)
    assert job is not None
    return job.state, job.done, job.total


class TestReadingAgain:
    def test_lists_reads_and_ends_with_what_came_of_it(self, world: World, shop: Any, root: User) -> None:
        ask(shop[0], root)
        resync_orders(at=timezone.now())
        assert state_of(shop[0]) == (JobState.RUNNING, 0, 2)

        work()
        resync_orders(at=timezone.now())

        job = latest_resync(shop[0])
        assert job is not None
        assert (job.state, job.done, job.total) == (JobState.SUCCEEDED, 2, 2)
        assert job.result == {"orders": 2, "taken": 1, "for_a_person": 1}
        assert Order.objects.get().external_id == ORDER
        assert Delivery.objects.get(state=DeliveryState.NEEDS_PERSON).object_id == "77"
        told = LedgerEntry.objects.get(kind="shop_connection.resync_asked").payload
        assert "asked for the orders of lamps.myshopify.com" in str(told)

    def test_asks_from_the_beginning_of_the_day_of_the_team(self, world: World, shelf: Shelf, root: User) -> None:
        with shop_server(shelf) as (api_base, heard):
            team = world.team("us-dtc")
            type(team).objects.filter(pk=team.pk).update(time_zone="America/New_York")
            connection, _ = connected(world, api_base=api_base, takes_orders=True, team=team)
            ask(connection, root)
            resync_orders(at=timezone.now())

            asked = parse_qs(urlsplit(heard.heard[0].head.split(" ")[1]).query)
        assert asked["updated_at_min"][0][11:13] in {"04", "05"}
        assert asked["status"] == ["any"]

    def test_comes_after_what_the_shop_really_tells(
        self, world: World, shop: Any, shelf: Shelf, root: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shelf.pages[f"{READ}/{BODY['id']}.json"] = {"refund": BODY}
        ask(shop[0], root)
        resync_orders(at=timezone.now())
        send(shop[1], BODY)
        monkeypatch.setattr(asking, "AT_MOST", 1)

        work()

        assert Delivery.objects.get(event_type="shopify.refund").state == DeliveryState.APPLIED
        assert state_of(shop[0])[0] == JobState.RUNNING

    def test_stopped_keeps_what_was_read_and_drops_the_rest(
        self, world: World, shop: Any, root: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ask(shop[0], root)
        resync_orders(at=timezone.now())
        monkeypatch.setattr(asking, "AT_MOST", 1)
        work()

        stop_resync(connection_id=shop[0].pk, actor=root, at=timezone.now())
        work()
        resync_orders(at=timezone.now())

        job = latest_resync(shop[0])
        assert job is not None
        assert job.state == JobState.CANCELLED
        assert Order.objects.count() == 1
        assert Delivery.objects.get(object_id="77").state == DeliveryState.IGNORED
        with pytest.raises(OutOfDate):
            stop_resync(connection_id=shop[0].pk, actor=root, at=timezone.now())

    def test_stopped_before_it_began_lists_nothing(self, world: World, shop: Any, root: User) -> None:
        ask(shop[0], root)

        stop_resync(connection_id=shop[0].pk, actor=root, at=timezone.now())
        resync_orders(at=timezone.now())

        assert not Delivery.objects.exists()

    def test_of_a_dead_shop_goes_on_once_it_answers(self, world: World, shelf: Shelf, root: User) -> None:
        with shop_server(resets) as (api_base, heard):
            connection, _ = connected(world, api_base=api_base, takes_orders=True)
            ask(connection, root)
            for _ in range(3):
                resync_orders(at=timezone.now())
            assert len(heard.heard) == 1
        assert state_of(connection) == (JobState.RUNNING, 0, 0)

        with shop_server(shelf) as (api_base, _):
            ShopConnection.objects.update(api_base=api_base, next_read_at=None)
            for _ in range(2):
                resync_orders(at=timezone.now())
                work()
        resync_orders(at=timezone.now())

        assert state_of(connection) == (JobState.SUCCEEDED, 2, 2)

    def test_is_done_one_at_a_time(self, world: World, shop: Any, root: User) -> None:
        ask(shop[0], root)

        with pytest.raises(OutOfDate):
            ask(shop[0], root)

        assert Job.objects.filter(kind=resyncing.KIND).count() == 1

    @pytest.mark.parametrize("days", [-2, 4000])
    def test_is_refused_for_a_day_that_is_none(self, world: World, shop: Any, root: User, days: int) -> None:
        with pytest.raises(Refused):
            ask(shop[0], root, days=days)

        assert not Job.objects.exists()

    def test_is_refused_where_orders_come_from_elsewhere(self, world: World, shop: Any, root: User) -> None:
        ShopConnection.objects.update(takes_orders=False)

        with pytest.raises(Refused):
            ask(shop[0], root)

    def test_is_for_administrators_alone(self, world: World, shop: Any) -> None:
        with pytest.raises(NotPermitted):
            ask(shop[0], settle("mei"))

        assert not Job.objects.exists()
