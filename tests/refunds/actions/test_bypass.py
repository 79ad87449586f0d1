"""The bypass rate, by a case that can be worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from django.test import Client

from approvals.vocabulary import Category
from config.kernel.money import Money
from policies.actions.explaining import explain
from policies.actions.observing import observe
from refunds.actions.bypass import FORMULA, bypass_rates
from refunds.models import Operation, RefundRequest
from tests.harness.world import NOON
from tests.policies.actions.desk import LATER, sighting

if TYPE_CHECKING:
    from config.kernel.people import User
    from tests.harness.world import World

OCTOBER = datetime(2026, 10, 31, 23, 59, tzinfo=UTC)


def left(world: World, number: int, minor: int, *, at: datetime = LATER, currency: str = "GBP") -> str:
    """Let a refund leave without anybody having asked; answers its reference."""
    seen = sighting(
        world,
        minor,
        team=world.team(),
        category=Category.REFUND,
        external_id=f"re_{number}",
        amount=Money(minor, currency),
        left_at=at,
    )
    return observe(sighting=seen, at=at).reference


def paid(world: World, *, by: User, approver: User, pounds: int, at: datetime = NOON) -> None:
    """Have a refund asked for, approved and paid."""
    approved = world.approved(by=by, approver=approver, pounds=pounds)
    Operation.objects.filter(refund_request=approved).update(state="succeeded", succeeded_at=at)
    assert RefundRequest.objects.get(pk=approved.pk).amount_minor == pounds * 100


class TestBypassRates:
    def test_are_what_left_without_a_decision_of_all_that_left(
        self, world: World, amir: User, dana: User, lena: User
    ) -> None:
        """November: 100 and 60 were decided, 40 was not: 1 of 3, and 40 of 200. October, and euros, count apart."""
        paid(world, by=amir, approver=dana, pounds=100)
        paid(world, by=amir, approver=dana, pounds=60)
        left(world, 1, 40_00)
        left(world, 2, 70_00, at=OCTOBER)
        left(world, 3, 5_00, currency="EUR")

        rows = bypass_rates(lena, at=LATER + timedelta(days=1))

        assert [
            (row.month, row.currency, row.ungoverned_count, row.all_count, row.ungoverned_minor, row.all_minor)
            for row in rows
        ] == [
            (date(2026, 11, 1), "EUR", 1, 1, 5_00, 5_00),
            (date(2026, 11, 1), "GBP", 1, 3, 40_00, 200_00),
            (date(2026, 10, 1), "GBP", 1, 1, 70_00, 70_00),
        ]
        assert (rows[1].count_rate, rows[1].money_rate) == ("33.33 %", "20 %")

    def test_are_not_changed_by_an_explanation(self, world: World, lena: User) -> None:
        reference = left(world, 1, 40_00)
        before = bypass_rates(lena, at=LATER)

        explain(reference=reference, code="shop", note="The shop gave it back itself.", actor=lena, at=LATER)

        assert bypass_rates(lena, at=LATER) == before != []

    def test_count_only_the_viewers_teams(self, world: World, luis: User, asha: User) -> None:
        left(world, 1, 40_00)
        observe(sighting=sighting(world, category=Category.REFUND, external_id="re_us"), at=LATER)

        assert [row.currency for row in bypass_rates(luis, at=LATER)] == ["GBP"]
        assert bypass_rates(asha, at=LATER) == []

    def test_leave_out_payouts(self, world: World, lena: User) -> None:
        observe(sighting=sighting(world), at=LATER)

        assert bypass_rates(lena, at=LATER) == []


class TestThePage:
    def test_shows_the_rate_and_its_formula(self, world: World, lena: User, clock_of_the_story: None) -> None:
        left(world, 1, 40_00, at=NOON)
        client = Client()
        client.force_login(lena)

        page = client.get("/bypass/").content.decode()

        assert "£40.00" in page
        assert "100 %" in page
        assert FORMULA in page
