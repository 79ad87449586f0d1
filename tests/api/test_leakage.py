"""Leakage and cycle time over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.leakage.definitions import LEAKS
from analytics.rollups.following import catch_up
from refunds.models import Payment
from tests.analytics.rollups.shop import Shop

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.harness.world import World

    from .conftest import Caller

pytestmark = pytest.mark.django_db

NOVEMBER = "from=2026-11-01&to=2026-11-30"


@pytest.fixture
def shop(world: World) -> Shop:
    """Refund 20 within policy, 40 by an exception, and see 300 leave without anybody having asked."""
    shop = Shop(world)
    shop.refunded(20)
    shop.paid(shop.signed(shop.excepted(shop.asked(40, days_ago=40))))
    shop.elsewhere(Payment.objects.get(order=shop.sold(300)), 300_00)
    catch_up(at=shop.at)
    return shop


class TestLeakage:
    """GET /analytics/leakage."""

    def test_says_each_kind_of_each_month_in_each_currency(self, shop: Shop, calling: Callable[[str], Caller]) -> None:
        answer = calling("sam").get(f"analytics/leakage?{NOVEMBER}").json()

        [month] = answer["results"]
        assert (month["value"], month["currency"], month["count"], month["leaking_count"]) == ("2026-11", "GBP", 3, 2)
        assert (month["refunded_minor"], month["leakage_minor"]) == (360_00, 340_00)
        assert (month["override_minor"], month["ungoverned_minor"]) == (40_00, 300_00)
        assert month["leakage_minor"] == sum(month[kind.column] for kind in LEAKS)
        assert answer["formulas"]["override_minor"].startswith("Refunded amount less")
        assert answer["counted_at"] is not None

    def test_says_what_the_refund_and_bypass_rates_are_of(self, shop: Shop, calling: Callable[[str], Caller]) -> None:
        """320 of the 360 that customers paid in November; the 40 were paid in October."""
        answer = calling("sam").get(f"analytics/leakage?{NOVEMBER}").json()

        assert answer["rates"] == [
            {
                "currency": "GBP",
                "captured_minor": 320_00,
                "refunded_minor": 360_00,
                "given_back_minor": 320_00,
                "gone_count": 3,
                "gone_minor": 360_00,
                "ungoverned_count": 1,
                "ungoverned_minor": 300_00,
                "due_count": 1,
                "late_count": 0,
            }
        ]
        assert answer["formulas"]["refund_rate_by_sale"].startswith("Cohort")

    def test_by_the_month_of_the_sale_counts_when_it_was_paid(
        self, shop: Shop, calling: Callable[[str], Caller]
    ) -> None:
        answer = calling("sam").get(f"analytics/leakage?basis=sale&{NOVEMBER}").json()

        assert [(row["value"], row["refunded_minor"]) for row in answer["results"]] == [("2026-11", 320_00)]

    @pytest.mark.parametrize(
        ("by", "found"),
        [
            ("code", {"WINDOW_EXPIRED": 40_00, "": 300_00}),
            ("band", {"automatic": 40_00, "approval": 300_00}),
            ("team", {"uk-retail": 340_00}),
            ("channel", {"shop-uk": 40_00, "stripe": 300_00}),
            ("product", {"home": 40_00, "": 300_00}),
            ("reason", {"changed_mind": 40_00, "": 300_00}),
        ],
    )
    def test_by_a_dimension_ties_with_the_whole(
        self, shop: Shop, calling: Callable[[str], Caller], by: str, found: dict[str, int]
    ) -> None:
        answer = calling("sam").get(f"analytics/leakage?by={by}&{NOVEMBER}").json()

        assert {row["value"]: row["leakage_minor"] for row in answer["results"]} == found

    def test_by_approver_names_nobody_of_whom_there_is_too_little_to_say(
        self, shop: Shop, calling: Callable[[str], Caller]
    ) -> None:
        answer = calling("sam").get(f"analytics/leakage?by=approver&{NOVEMBER}").json()

        assert {row["value"]: row["label"] for row in answer["results"]} == {
            "": "Nobody signed",
            "few": "People with fewer than 20 requests",
        }

    def test_by_approver_names_nobody_to_whoever_may_not_know(
        self, shop: Shop, calling: Callable[[str], Caller]
    ) -> None:
        answer = calling("dana").get(f"analytics/leakage?by=approver&{NOVEMBER}").json()

        assert {row["value"]: row["label"] for row in answer["results"]} == {"": "Nobody signed", "few": "People"}

    def test_is_that_of_the_callers_teams(self, shop: Shop, calling: Callable[[str], Caller]) -> None:
        assert calling("luis").get(f"analytics/leakage?{NOVEMBER}").json()["results"]
        assert calling("sam").get(f"analytics/leakage?team=us-dtc&{NOVEMBER}").json()["results"] == []

    @pytest.mark.parametrize(
        "query", ["by=customer", "from=2026-12-01&to=2026-11-01", "from=0001-01-01", "month=1", "to=x"]
    )
    def test_refuses_what_makes_no_sense(self, world: World, calling: Callable[[str], Caller], query: str) -> None:
        assert calling("sam").get(f"analytics/leakage?{query}").status_code == 400

    def test_knows_the_currencies_there_are(self, world: World, calling: Callable[[str], Caller]) -> None:
        assert calling("sam").get("analytics/leakage?currency=ZZZ").status_code == 422

    def test_costs_the_same_however_much_leaked(self, shop: Shop, calling: Callable[[str], Caller]) -> None:
        sam = calling("sam")
        sam.get(f"analytics/leakage?by=reason&{NOVEMBER}")
        with CaptureQueriesContext(connection) as few:
            sam.get(f"analytics/leakage?by=reason&{NOVEMBER}")
        for _ in range(5):
            shop.refunded(100)
        catch_up(at=shop.at)

        with CaptureQueriesContext(connection) as many:
            sam.get(f"analytics/leakage?by=reason&{NOVEMBER}")

        assert len(many) == len(few) <= 11


class TestCycleTime:
    """GET /analytics/cycle-time."""

    def test_says_how_long_each_step_took(self, shop: Shop, calling: Callable[[str], Caller]) -> None:
        answer = calling("sam").get(f"analytics/cycle-time?{NOVEMBER}").json()

        steps = {step["step"]: (step["count"], step["median_seconds"], step["p90_seconds"]) for step in answer["steps"]}
        assert steps["decide"] == (2, 0, 7200)
        assert steps["approval"] == (1, 3600, 3600)
        assert (answer["decided_count"], answer["touch_free_count"], answer["reviewed_count"]) == (2, 1, 1)
        assert (answer["unchanged_count"], answer["waited_seconds"]) == (0, 7200)

    def test_is_not_for_everybody(self, world: World, calling: Callable[[str], Caller]) -> None:
        assert calling("amir").get("analytics/cycle-time").status_code == 403
