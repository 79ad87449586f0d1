"""What a screen is told: only of what its viewer may see, and nothing about a customer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from approvals.models import ApprovalRoute, ApprovalStep
from config.kernel.people import Team
from config.live_message import EXCEPTIONS, PROCESSING, Screen, message_for
from refunds.models import Customer, Order
from tests.architecture.asking import client_of
from tests.harness.people import settle

if TYPE_CHECKING:
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

QUEUE = "view=mine"


class TestWhatAnApproverIsTold:
    """Viktor looks at the British queue since a minute."""

    def test_counts_what_waits_and_names_what_is_new_by_id(self, world: World) -> None:
        now = timezone.now()
        route = world.filed(world.order(unit_minor=300_00, days_ago=5), by=settle("amir"), at=now).route

        told = message_for(settle("viktor"), Screen(QUEUE, now - timedelta(minutes=1)), at=now)

        assert route is not None
        assert told["new"] == [str(route.pk)]
        assert told["counts"]["count-mine"] == "1"
        assert told["counts"]["waits-q"] == "1"

    def test_leaves_out_what_her_page_showed_already_and_what_her_filter_hides(self, world: World) -> None:
        now = timezone.now()
        world.filed(world.order(unit_minor=300_00, days_ago=5), by=settle("amir"), at=now)

        later = Screen(QUEUE, now + timedelta(minutes=1))
        assert message_for(settle("viktor"), later, at=now)["new"] == []
        euros = Screen(f"{QUEUE}&currency=EUR", now - timedelta(minutes=1))
        assert message_for(settle("viktor"), euros, at=now)["new"] == []

    def test_says_nothing_of_another_team(self, world: World) -> None:
        now = timezone.now()
        filed = world.filed(world.order(unit_minor=300_00, days_ago=5), by=settle("amir"), at=now)
        far = Team.objects.create(slug="far", name="Far", currency="GBP")
        ApprovalRoute.objects.filter(reference=filed.reference).update(team=far)
        ApprovalStep.objects.update(leased_by=settle("dana"), leased_until=now + timedelta(minutes=5))

        told = message_for(settle("viktor"), Screen("view=all", now - timedelta(minutes=1)), at=now)

        assert told["new"] == []
        assert told["held"] == {}
        assert set(told["counts"].values()) <= {"", "0"}

    def test_names_who_looks_at_a_row_but_not_the_viewer_herself(self, world: World) -> None:
        now = timezone.now()
        world.filed(world.order(unit_minor=300_00, days_ago=5), by=settle("amir"), at=now)
        step = ApprovalStep.objects.get()
        ApprovalStep.objects.update(leased_by=settle("dana"), leased_until=now + timedelta(minutes=5))

        assert message_for(settle("viktor"), Screen(QUEUE, None), at=now)["held"] == {str(step.route_id): "Dana"}
        assert message_for(settle("dana"), Screen(QUEUE, None), at=now)["held"] == {}
        after = now + timedelta(minutes=6)
        assert message_for(settle("viktor"), Screen(QUEUE, None), at=after)["held"] == {}

    def test_holds_no_data_of_a_customer(self, world: World) -> None:
        now = timezone.now()
        customer = Customer.objects.create(channel="shop-uk", external_id="cus_7", name="Ida Hill", email="ida@x.test")
        order = world.order(unit_minor=300_00, days_ago=5)
        Order.objects.filter(pk=order.pk).update(customer=customer)
        order.refresh_from_db()
        filed = world.filed(order, by=settle("amir"), at=now)

        told = str(message_for(settle("viktor"), Screen(QUEUE, now - timedelta(minutes=1)), at=now))

        assert filed.route is not None
        assert filed.route.customer == "Ida Hill"
        assert str(filed.route.pk) in told
        for word in (filed.reference, "Ida", "cus_7", "x.test", "300.00", "30000", order.external_id):
            assert word not in told


class TestWhatFinanceIsTold:
    def test_counts_the_columns_of_the_board(self, world: World) -> None:
        world.approved(by=settle("amir"), approver=settle("dana"))

        told = message_for(settle("lena"), Screen(PROCESSING, None), at=timezone.now())
        assert (told["counts"]["count-queued"], told["counts"]["count-failed"]) == ("1", "0")

        assert "count-queued" not in message_for(settle("amir"), Screen(PROCESSING, None), at=timezone.now())["counts"]


class TestWhatAReviewerIsTold:
    def test_names_exceptions_that_are_new(self, world: World) -> None:
        now = timezone.now()
        late = world.filed(world.order(days_ago=60), by=settle("amir"), at=now)

        told = message_for(settle("mei"), Screen(EXCEPTIONS, now - timedelta(minutes=1)), at=now)

        assert told == {"counts": {"waits-e": "1", "waits-o": "", "waits-y": ""}, "new": [str(late.pk)]}

    def test_says_nothing_of_them_to_an_agent(self, world: World) -> None:
        now = timezone.now()
        world.filed(world.order(days_ago=60), by=settle("amir"), at=now)

        assert message_for(settle("amir"), Screen("view=all", now - timedelta(minutes=1)), at=now) == {
            "counts": {"waits-o": ""}
        }


class TestPolling:
    def test_answers_nothing_when_nothing_changed(self, world: World) -> None:
        viktor = client_of(settle("viktor"))
        first = viktor.get("/live/poll/", {"view": QUEUE})
        tag = first.json()["tag"]

        assert viktor.get("/live/poll/", {"view": QUEUE, "seen": tag}).status_code == 204
        world.filed(world.order(unit_minor=300_00, days_ago=5), by=settle("amir"), at=timezone.now())
        assert viktor.get("/live/poll/", {"view": QUEUE, "seen": tag}).json()["counts"]["waits-q"] == "1"
        assert "no-store" in first.headers["Cache-Control"]

    @pytest.mark.parametrize("view", ["%%&view=nothing", "view=all&q=%00"])
    @pytest.mark.parametrize("since", ["yesterday", "0001-01-01T00:00:00+00:00"])
    def test_takes_a_screen_that_makes_no_sense(self, world: World, view: str, since: str) -> None:
        viktor = client_of(settle("viktor"))
        assert viktor.get("/live/poll/", {"view": view, "since": since}).status_code == 200
