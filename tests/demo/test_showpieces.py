"""The demo shows who may sign: each capability is there when its page is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from approvals.delegation_lists import own_delegations, standing_of, visible_absences
from approvals.limit_changes import answered_changes, answerers_of, waiting_changes
from approvals.looking import known_dead_ends
from approvals.models import ApprovalRoute, TeamCalendar
from approvals.notices import notices_of, unread_count
from approvals.permissions import why_not_decide
from approvals.queue_view import QueueView
from approvals.selectors import saved_views_of, tab_counts, waiting_routes
from approvals.standing_freezes import stopped_by, visible_to
from approvals.vocabulary import NoticeKind
from config.demo.people import person
from policies.templates import typed_template
from refunds.models import RefundRequest
from refunds.plans import part_of, plan_of_route
from refunds.vocabulary import State

from .shown import NOW

if TYPE_CHECKING:
    from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shown")]


def open_route(amount_minor: int) -> ApprovalRoute:
    return ApprovalRoute.objects.get(amount_minor=amount_minor, state="open")


class TestSignatures:
    """Requests, each with its own plan."""

    def test_come_from_more_than_one_person_for_what_is_dear(self) -> None:
        voted, dear = open_route(850_00), open_route(1_920_00)
        assert [(step.quorum, step.out_of) for step in voted.steps.all()] == [(2, 3)]
        assert "one more approver" in plan_words(voted)
        assert "one manager" in plan_words(dear)
        assert "approver" not in plan_words(dear)
        assert why_not_decide(person("viktor"), dear, at=NOW) == ""
        assert why_not_decide(person("viktor"), voted, at=NOW)

    def test_are_asked_about_the_sum_of_the_parts(self) -> None:
        second = RefundRequest.objects.get(requested_minor=160_00, customer=third().customer)
        parts = [part_of(second), part_of(third())]
        assert [(part.number, str(part.together)) for part in parts if part] == [(2, "£307.00"), (3, "£454.00")]

    def test_wait_for_an_exception_too(self) -> None:
        assert [route.exception_code for route in of_tab("exceptions")] == ["GOODWILL_RETENTION"]

    def test_are_asked_of_a_colleague(self) -> None:
        assert [route.reference for route in of_tab("asked")] == [third().reference]

    def test_cannot_be_had_where_everybody_is_barred(self) -> None:
        dead_end = known_dead_ends(person("dana")).get()
        assert dead_end.route.amount_minor == 9_960_00
        for words in ("Vera Castellan entered it", "Dora Nyström is away until", "Viktor Sandoval signs up to €5,000"):
            assert words in dead_end.why

    def test_go_up_when_nobody_gives_them(self) -> None:
        kinds = {name: set(notices_of(person(name)).values_list("kind", flat=True)) for name in ("dana", "viktor")}
        assert kinds["dana"] >= {NoticeKind.WAITING, NoticeKind.REMINDER, NoticeKind.ASKED}
        assert kinds["viktor"] >= {NoticeKind.WAITING, NoticeKind.REMINDER, NoticeKind.ESCALATED}
        assert 0 < unread_count(person("viktor")) < notices_of(person("viktor")).count()
        assert not notices_of(person("dora")).filter(kind=NoticeKind.WAITING).exists()


class TestDesks:
    """What people settled among themselves."""

    def test_lend_offer_and_leave(self) -> None:
        lent = own_delegations(person("viktor")).get()
        assert (lent.lent_to.username, standing_of(lent, at=NOW).word) == ("vera", "In force")
        offered = own_delegations(person("dana")).get()
        assert (offered.lent_by.username, standing_of(offered, at=NOW).word) == ("vera", "Waits for an answer")
        assert visible_absences(person("dora"), at=NOW).filter(from_at__lte=NOW).count() == 1
        assert tab_counts(person("vera"), at=NOW)["lent"] > 0

    def test_keep_a_view_each(self) -> None:
        views = {name: saved_views_of(person(name)) for name in ("dana", "viktor", "vera", "dora")}
        assert all(len(kept) == 1 for kept in views.values())
        assert tab_counts(person("vera"), at=NOW, saved=views["vera"])[f"saved-{views['vera'][0].pk}"] == 1

    def test_change_limits_by_two_people(self) -> None:
        waiting = waiting_changes().get()
        assert (waiting.user, waiting.single_minor) == (person("dana"), 750_00)
        assert person("lena") in answerers_of(waiting)
        latest = answered_changes()[0]
        assert (str(latest.user), latest.single_before_minor) == (str(person("viktor")), 5_000_00)
        assert person("dana").authority_limits.get(category="refund", currency="GBP").single_minor == 500_00

    def test_freeze_and_lift_and_say_what_was_stopped(self) -> None:
        lena = person("lena")
        standing, lifted = visible_to(lena).get(lifted_at=None), visible_to(lena).exclude(lifted_at=None).get()
        assert standing.category == "dispute"
        stopped = stopped_by([lifted], lena)[lifted.pk]
        assert {(one.words, str(one.amount)) for one in stopped.sums} == {
            ("approved, held back from the gateway", "£34.00"),
            ("not approved", "£196.00"),
            ("not taken down", "£64.00"),
        }
        assert RefundRequest.objects.get(requested_minor=34_00, customer__isnull=False).state == State.REFUNDED

    def test_work_by_a_calendar_with_holidays(self) -> None:
        assert all(calendar.holidays.exists() for calendar in TeamCalendar.objects.all())
        assert TeamCalendar.objects.count() == 3

    def test_are_told_of_at_the_door(self, client: Client) -> None:
        page = client.get("/demo/").content.decode()
        for words in (
            "1 asked of Dana by a colleague",
            "An offer to sign for Vera Castellan to answer",
            "Signs for Viktor Sandoval until",
            "nothing is routed here",
            "1 limit to confirm or refuse",
            "1 freeze on, 1 lifted",
            "1 proposed limit waits for a second person",
            "See who may sign",
        ):
            assert words in page


@pytest.mark.django_db(transaction=True)
class TestABank:
    @pytest.mark.usefixtures("shown")
    def test_is_asked_about_a_charge_and_the_refund_is_held(self) -> None:
        held = RefundRequest.objects.get(held_for__isnull=False)

        assert (held.state, held.requested_minor) == (State.ON_HOLD, 425_00)
        assert held.held_for is not None
        assert (held.held_for.kind, held.held_for.is_charge_refundable) == ("inquiry", True)


class TestTemplates:
    """What the demo's teams start from."""

    @pytest.mark.parametrize("slug", ["retail-goods", "ecommerce-dtc", "saas-subscription"])
    def test_send_up_to_somebody_above(self, slug: str) -> None:
        template = typed_template(slug)
        assert template is not None
        approval = template.parsed.approval
        for small, large in approval.tiers.values():
            assert [step.escalates_to for step in (*small.steps, *large.steps)] == ["manager", "director"]
        assert [step.escalates_to for step in approval.otherwise] == ["director"]


def of_tab(tab: str) -> list[ApprovalRoute]:
    return list(waiting_routes(person("dana"), QueueView(tab=tab), at=NOW))


def third() -> RefundRequest:
    return RefundRequest.objects.get(route__part_number=3, route__amount_minor=147_00)


def plan_words(route: ApprovalRoute) -> str:
    plan = plan_of_route(route, at=NOW)
    assert plan is not None
    return plan.sentence
