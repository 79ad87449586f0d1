"""What one does with a waiting request beside deciding: put off, send on, give back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from approvals.models import ApprovalRoute, ApprovalStep, SavedView, Snooze
from approvals.queue_view import QueueView
from approvals.services.desk import ask_colleague, rename_view, save_view, snooze_route, wake_route
from approvals.services.leasing import lease_step
from approvals.vocabulary import Verdict
from config.kernel.refusals import OutOfDate, Refused
from refunds import workflow
from tests.harness.people import fresh
from tests.harness.world import NOON, World

if TYPE_CHECKING:
    from config.kernel.people import User
    from refunds.models import RefundRequest

pytestmark = pytest.mark.django_db


def route_of(refund_request: RefundRequest) -> ApprovalRoute:
    return ApprovalRoute.objects.select_related("team").get(reference=refund_request.reference)


class TestPuttingOff:
    @pytest.mark.parametrize(
        ("pause", "until_at"),
        [
            ("1h", NOON + timedelta(hours=1)),
            ("4h", NOON + timedelta(hours=4)),
            ("tomorrow", datetime(2026, 11, 21, 9, tzinfo=UTC)),
            ("2026-11-23T16:30", datetime(2026, 11, 23, 16, 30, tzinfo=UTC)),
        ],
    )
    def test_ends_when_it_was_said(self, world: World, amir: User, dana: User, pause: str, until_at: datetime) -> None:
        assert (
            snooze_route(route=route_of(world.waiting(by=amir)), pause=pause, actor=dana, at=NOON).until_at == until_at
        )

    def test_until_a_moment_goes_by_the_clock_of_the_team(self, world: World, amir: User, dana: User) -> None:
        route = route_of(world.waiting(by=amir))
        route.team.time_zone = "America/New_York"

        snooze = snooze_route(route=route, pause="2026-11-23T09:00", actor=dana, at=NOON)

        assert snooze.until_at == datetime(2026, 11, 23, 14, tzinfo=UTC)

    @pytest.mark.parametrize(
        "pause",
        ["", "2h", "2026-11-19T09:00", "2027-11-19T09:00", "2026-02-31T09:00", "2026-11-23T09:00Z", "tomorrow9"],
    )
    def test_is_refused_for_anything_else(self, world: World, amir: User, dana: User, pause: str) -> None:
        with pytest.raises(Refused):
            snooze_route(route=route_of(world.waiting(by=amir)), pause=pause, actor=dana, at=NOON)
        assert not Snooze.objects.exists()

    def test_ends_the_hold_and_is_hers_alone(self, world: World, amir: User, dana: User, viktor: User) -> None:
        route = route_of(world.waiting(by=amir))
        lease_step(route=route, actor=dana, at=NOON)
        snooze_route(route=route, pause="1h", actor=dana, at=NOON)

        assert route.steps.get().leased_by is None
        wake_route(route=route, actor=viktor)
        assert Snooze.objects.get().user == dana
        wake_route(route=route, actor=dana)
        assert not Snooze.objects.exists()

    def test_is_too_late_once_it_is_decided(self, world: World, amir: User, dana: User, viktor: User) -> None:
        waiting = world.waiting(by=amir)
        workflow.decide(reference=waiting.reference, verdict=Verdict.APPROVE, rationale="", actor=viktor, at=NOON)

        with pytest.raises(OutOfDate):
            snooze_route(route=route_of(waiting), pause="1h", actor=dana, at=NOON)

    def test_until_a_moment_is_asked_for_on_the_page(self, world: World, amir: User, dana: User) -> None:
        route = route_of(world.waiting(by=amir))
        client = Client()
        client.force_login(dana)
        assert 'type="datetime-local" name="until"' in client.get(route.page).content.decode()

        tomorrow = datetime.now(tz=UTC) + timedelta(days=1)
        client.post(f"/queue/{route.pk}/snooze/", {"until": f"{tomorrow:%Y-%m-%dT%H:%M}"})

        assert Snooze.objects.get().user == dana


class TestSendingOn:
    def test_gives_back_the_hold_of_whoever_sends(self, world: World, amir: User, dana: User, viktor: User) -> None:
        route = route_of(world.waiting(by=amir))
        lease_step(route=route, actor=dana, at=NOON)

        step = ask_colleague(route=route, colleague=viktor, note="You know her.", actor=dana, at=NOON)

        assert (step.asked_of, step.leased_by) == (viktor, None)

    def test_reaches_nobody_who_has_a_part_in_it(self, world: World, dana: User, viktor: User) -> None:
        route = route_of(world.waiting(by=viktor))

        with pytest.raises(Refused, match="You entered this request"):
            ask_colleague(route=route, colleague=fresh(viktor), note="", actor=dana, at=NOON)
        assert route.steps.get().asked_of is None


class TestGivingBack:
    def test_says_nothing_to_a_browser_that_leaves(self, world: World, amir: User, dana: User) -> None:
        route = route_of(world.waiting(by=amir))
        client = Client()
        client.force_login(dana)
        client.post(f"/queue/{route.pk}/lease/", headers={"HX-Request": "true"})
        assert ApprovalStep.objects.get(route=route).leased_by == dana

        answer = client.post(f"/queue/{route.pk}/release/", {"quietly": "1"})

        assert answer.status_code == 204
        assert ApprovalStep.objects.get(route=route).leased_by is None
        assert "is free again" not in client.get("/queue/").content.decode()


class TestKeepingAView:
    def test_is_refused_with_more_filters_than_can_be_kept(self, world: World, dana: User) -> None:
        with pytest.raises(Refused, match="too many filters"):
            save_view(name="Odd", wanted=QueueView(customer="é" * 80), actor=dana)
        assert not SavedView.objects.exists()


class TestRenamingAView:
    def test_keeps_what_it_asks_for(self, world: World, dana: User) -> None:
        view = save_view(name="Large", wanted=QueueView(currency="GBP", amount_from="300"), actor=dana)
        client = Client()
        client.force_login(dana)
        assert "Rename" in client.get(f"/queue/?{view.query}").content.decode()

        client.post(f"/queue/views/{view.pk}/rename/", {"name": "  Very   large "})

        renamed = SavedView.objects.get()
        assert (renamed.name, renamed.query) == ("Very large", view.query)

    def test_is_refused_to_others_and_for_a_name_that_is_taken(self, world: World, dana: User, viktor: User) -> None:
        view = save_view(name="Large", wanted=QueueView(risk="high"), actor=dana)
        save_view(name="Small", wanted=QueueView(risk="low"), actor=dana)

        for name, actor in (("Mine", viktor), ("Small", dana), (" ", dana)):
            with pytest.raises(Refused):
                rename_view(view_id=view.pk, name=name, actor=actor)
        assert SavedView.objects.get(pk=view.pk).name == "Large"


class TestMyRequests:
    def test_says_who_has_each(self, world: World, amir: User, dana: User, viktor: User) -> None:
        looked_at, sent_on, free = (world.waiting(by=amir) for _ in range(3))
        now = datetime.now(tz=UTC)
        lease_step(route=route_of(looked_at), actor=dana, at=now)
        ask_colleague(route=route_of(sent_on), colleague=viktor, note="", actor=dana, at=NOON)
        client = Client()
        client.force_login(amir)

        page = client.get("/requests/?tab=waiting&mine=1").content.decode()

        rows = {
            each.reference: page.split(f">{each.reference}</a>")[1].split("</tr>")[0]
            for each in (looked_at, sent_on, free)
        }
        assert "Dana looks at it" in rows[looked_at.reference]
        assert "Viktor" in rows[sent_on.reference]
        assert "Approver" in rows[free.reference]
