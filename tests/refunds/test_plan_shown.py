"""Before anybody presses the button she sees who signs, by when, and whether anybody could; after it too."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from approvals.models import Absence, ApprovalRoute
from approvals.roles import APPROVER, MANAGER
from approvals.vocabulary import Verdict
from config.kernel.people import give_roles
from policies import judging
from policies.engine.document import parse_document
from refunds import drafting, judgement, workflow
from refunds.plan_words import moment_words
from refunds.plans import part_of, plan_before_submitting, plan_of_route
from tests.harness.people import fresh
from tests.harness.world import NOON, as_stored

if TYPE_CHECKING:
    from config.kernel.people import User
    from refunds.models import Order, RefundRequest
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

WHY = "The parcel came back complete."


def step(role: str, hours: int = 4, **changes: Any) -> dict[str, Any]:
    return {"role": role, "sla_hours": hours, **changes}


@pytest.fixture
def asks_for(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the policy of the team ask for other signatures, whatever the amount."""

    def write(*steps: dict[str, Any]) -> None:
        raw = world.policy().document | {"approval": {"tiers": {}, "otherwise": list(steps)}}
        document = parse_document(raw)
        monkeypatch.setattr(judging, "document_of", lambda _version: document)

    return write


def sentence(world: World, by: User, **order: Any) -> str:
    """Say what the card says of a draft for £100, at noon of a Friday in November."""
    plan = _planned(world, by, **order)
    assert plan is not None
    return str(plan.sentence)


def _planned(world: World, by: User, **order: Any) -> Any:
    draft = _draft(world, by, world.order(**{"unit_minor": 100_00, **order}))
    return plan_before_submitting(draft, judgement.judge_request(draft, at=NOON), at=NOON)


def _draft(world: World, by: User, order: Order) -> RefundRequest:
    return drafting.keep_draft(draft=world.draft_of(order), actor=by, at=NOON)


class TestThePlanBeforeSubmitting:
    def test_names_each_level_with_its_moment(self, world: World, amir: User, asks_for: Any) -> None:
        asks_for(step("approver"), step("manager", 24))

        assert sentence(world, amir) == "Needs one approver by 16:00 today, then one manager by 16:00 tomorrow."

    def test_joins_what_is_waited_for_together(self, world: World, amir: User, asks_for: Any) -> None:
        together = {"is_parallel": True}
        asks_for(
            step("approver"),
            step("manager", **together),
            step("finance", 6, **together),
            step("director", 48, quorum=2, out_of=3),
        )

        assert sentence(world, amir) == (
            "Needs one approver and one manager by 16:00 today and one signature of finance by 18:00 today, then 2 of 3"
            f" directors by {moment_words(NOON + timedelta(hours=54), 'Europe/London', NOON)}."
        )

    def test_goes_by_the_clock_of_the_team(self, world: World, amir: User, asha: User) -> None:
        type(world.team()).objects.filter(slug="us-dtc").update(time_zone="America/New_York")

        plan = _planned(world, asha, team="us-dtc", unit_minor=300_00)

        assert (plan.zone, plan.sentence) == ("America/New_York", "Needs one approver by 11:00 today.")

    def test_is_none_where_nobody_is_asked(self, world: World, amir: User) -> None:
        assert _planned(world, amir, unit_minor=10_00) is None
        assert _planned(world, amir, unit_minor=30_000_00) is None

    def test_is_said_of_a_shadow_policy_whatever_it_would_have_said(self, world: World, amir: User) -> None:
        assert sentence(world, amir, team="eu-saas", unit_minor=10_00).startswith("Needs one approver by ")

    def test_says_what_follows_an_exception(self, world: World, amir: User) -> None:
        assert sentence(world, amir, unit_minor=10_00, days_ago=40) == (
            "With an exception it then needs one approver within 4 hours."
        )

    def test_stands_on_the_card_and_in_the_answer(self, world: World, amir: User, dana: User) -> None:
        order, client = world.order(unit_minor=100_00), Client()
        address = reverse("refunds:intake_order", args=[order.channel, order.external_id])
        line = order.lines.get()
        typed = {"reason": "changed_mind", f"quantity_{line.pk}": "1", f"condition_{line.pk}": "unopened"}

        with time_machine.travel(NOON, tick=False):
            client.force_login(amir, backend="config.kernel.backend.PeopleBackend")
            card = _text(client.post(f"{address}verdict/", typed))
            answer = _text(client.post(address, typed | {"do": "submit"}, follow=True))

        assert "Needs one approver by " in card
        assert "Time in Europe/London." in card
        assert "Nobody can approve this" not in card
        assert "was submitted: awaiting approval. Needs one approver by " in answer


def _text(answer: Any) -> str:
    return " ".join(strip_tags(answer.content.decode()).split())


class TestNobody:
    def test_can_approve_without_the_role(self, world: World, amir: User, dana: User, asks_for: Any) -> None:
        asks_for(step("director"))

        plan = _planned(world, amir)

        assert plan.nobody == "Nobody can approve this: it needs one director who may sign for £100.00."

    def test_can_approve_what_is_above_every_limit(self, world: World, amir: User, dana: User) -> None:
        plan = _planned(world, amir, unit_minor=500_01)

        assert plan.nobody == "Nobody can approve this: it needs one approver who may sign for £500.01."

    def test_can_approve_her_own(self, world: World, dana: User) -> None:
        assert _planned(world, dana).nobody.startswith("Nobody can approve this: it needs one approver")

    def test_can_approve_today_while_the_only_one_is_away(self, world: World, amir: User, dana: User) -> None:
        Absence.objects.create(
            user=dana, from_at=NOON, until_at=NOON + timedelta(days=2), entered_by=dana, entered_at=NOON
        )

        assert _planned(world, amir).nobody.startswith("Nobody can approve this today: it needs one approver")

    def test_is_counted_twice(self, world: World, amir: User, dana: User, asks_for: Any) -> None:
        give_roles(user=dana, roles=[APPROVER, MANAGER])
        asks_for(step("approver"), step("manager"))

        plan = _planned(world, amir)

        assert plan.nobody == "Nobody can approve this: 2 different people sign, and only Dana can."

    def test_is_named_where_somebody_can(self, world: World, amir: User, dana: User) -> None:
        assert _planned(world, amir).nobody == ""


class TestARoute:
    def test_says_who_signs_next(self, world: World, amir: User, dana: User, viktor: User, asks_for: Any) -> None:
        asks_for(step("approver", quorum=2), step("manager", 24))
        request = world.waiting(by=amir)
        workflow.decide(reference=request.reference, verdict=Verdict.APPROVE, rationale=WHY, actor=fresh(dana), at=NOON)

        plan = plan_of_route(ApprovalRoute.objects.get(), at=NOON)

        assert plan is not None
        assert plan.sentence == "Needs one more approver by 16:00 today, then one manager by 16:00 tomorrow."

    def test_expects_what_is_overdue_from_now_on(self, world: World, amir: User, asks_for: Any) -> None:
        asks_for(step("approver", 1), step("manager", 2))
        world.waiting(by=amir)

        plan = plan_of_route(ApprovalRoute.objects.get(), at=NOON + timedelta(hours=3))

        assert plan is not None
        assert plan.sentence == "Needs one approver by 13:00 today, then one manager by 17:00 today."

    def test_that_ended_needs_nobody(self, world: World, amir: User, viktor: User) -> None:
        world.approved(by=amir, approver=viktor)

        assert plan_of_route(ApprovalRoute.objects.get(), at=NOON) is None

    def test_is_answered_over_the_api_with_the_moments(self, world: World, amir: User, asks_for: Any) -> None:
        asks_for(step("approver", quorum=2, out_of=3), step("manager", 24))
        request, client = world.waiting(by=amir), Client()
        client.force_login(amir, backend="config.kernel.backend.PeopleBackend")

        route = client.get(f"/api/v1/refund-requests/{request.reference}").json()["route"]

        first, second = route["steps"]
        assert (first["quorum"], first["out_of"], first["state"], first["expected_by"]) == (
            2,
            3,
            "open",
            first["due_at"],
        )
        assert (second["level"], second["due_at"]) == (2, None)
        assert second["expected_by"] > first["expected_by"]
        assert (route["part_number"], route["together_minor"]) == (1, 100_00)


class TestTheParts:
    @pytest.fixture
    def third(self, world: World, amir: User) -> RefundRequest:
        """£170 of a customer who asked for £100 and £300 this week."""
        customer = world.customer()
        for pounds in (100, 300):
            world.filed(world.order(unit_minor=pounds * 100, customer=customer), by=amir)
        return world.filed(world.order(unit_minor=170_00, customer=customer), by=amir)

    def test_are_numbered_and_added_up_on_the_route(self, third: RefundRequest) -> None:
        part = part_of(as_stored(third))

        assert part is not None
        assert (part.number, str(part.together)) == (3, "£570.00")

    def test_are_shown_on_the_page_the_panel_and_the_queue(self, third: RefundRequest, viktor: User) -> None:
        client = Client()
        client.force_login(viktor, backend="config.kernel.backend.PeopleBackend")
        pages = [
            reverse("refunds:request", args=[third.reference]),
            reverse("refunds:panel", args=[third.reference]),
            reverse("approvals:queue"),
        ]

        for page in pages:
            assert "Part 3 of £570.00" in _text(client.get(page)), page

    def test_lead_to_the_others(self, third: RefundRequest, viktor: User) -> None:
        part, client = part_of(as_stored(third)), Client()
        client.force_login(viktor, backend="config.kernel.backend.PeopleBackend")
        assert part is not None

        rows = client.get(part.page).context["rows"]

        assert len(rows) == 3
        assert {row.customer_id for row in rows} == {third.customer_id}

    def test_leave_the_limit_on_the_part_itself(self, third: RefundRequest, dana: User) -> None:
        """Dana signs up to £500: less than the parts together, more than this one."""
        decided = workflow.decide(
            reference=third.reference, verdict=Verdict.APPROVE, rationale=WHY, actor=fresh(dana), at=NOON
        )

        assert decided.approved_minor == 170_00

    def test_are_none_of_a_whole(self, world: World, amir: User) -> None:
        assert part_of(world.waiting(by=amir)) is None


class TestAMoment:
    @pytest.mark.parametrize(
        ("moment", "words"),
        [
            ("2026-11-20T23:59", "23:59 today"),
            ("2026-11-21T00:00", "00:00 tomorrow"),
            ("2026-11-24T11:00", "Tuesday 11:00"),
            ("2026-11-26T11:00", "Thursday 11:00"),
            ("2026-11-27T11:00", "27 November 11:00"),
            ("2026-11-19T11:00", "19 November 11:00"),
        ],
    )
    def test_is_said_on_the_clock_of_the_team(self, moment: str, words: str) -> None:
        zone = ZoneInfo("America/New_York")
        now = datetime(2026, 11, 20, 9, tzinfo=zone)

        assert moment_words(datetime.fromisoformat(moment).replace(tzinfo=zone), zone.key, now) == words
