"""Shares: what they are of can be worked out by hand, and every number leads to its rows."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from analytics.leakage import rates
from analytics.leakage.asking import Ask
from analytics.leakage.rates import Rates
from analytics.leakage.waiting import late_count
from analytics.models import Basis
from analytics.rollups.following import catch_up
from approvals.models import ApprovalStep
from refunds.models import Payment
from tests.analytics.rollups.shop import Shop
from tests.harness.people import settle
from tests.harness.world import NOON

from .test_pages import parted, text_of

if TYPE_CHECKING:
    from django.test import Client

    from tests.harness.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock_of_the_story")]

MONTHS = Ask(from_on=date(2026, 9, 1), to_on=date(2026, 11, 30))
QUERY = "from=2026-09-01&to=2026-11-30"


@pytest.fixture
def shop(world: World) -> Shop:
    """Sell 20, 100 and 50 in November, and 40 in October; give back 20 and 40, see 50 leave unasked, keep 100."""
    shop = Shop(world)
    shop.refunded(20)
    shop.sold(100)
    shop.paid(shop.signed(shop.excepted(shop.asked(40, days_ago=40))))
    shop.elsewhere(Payment.objects.get(order=shop.sold(50)), 50_00)
    catch_up(at=shop.at)
    return shop


class TestRates:
    def test_are_of_what_customers_paid(self, shop: Shop) -> None:
        october, november = rates.by_month(settle("sam"), MONTHS)

        assert (october.captured_minor, october.refunded_minor, october.given_back_minor) == (40_00, 0, 40_00)
        assert (november.captured_minor, november.refunded_minor, november.given_back_minor) == (170_00, 110_00, 70_00)
        assert (october.cash_rate, october.cohort_rate) == ("0.0 %", "100.0 %")
        # 110 of 170 left in November; 70 of the 170 sold in it.
        assert (november.cash_rate, november.cohort_rate) == ("64.7 %", "41.2 %")

    def test_say_how_much_nobody_had_asked_for(self, shop: Shop) -> None:
        _, november = rates.by_month(settle("sam"), MONTHS)

        assert (november.ungoverned_count, november.gone_count) == (1, 3)
        assert (november.bypass_by_count, november.bypass_by_money) == ("33.3 %", "45.5 %")

    def test_leave_out_what_came_back(self, shop: Shop) -> None:
        shop.came_back(shop.refunded(30))
        catch_up(at=shop.at)

        _, november = rates.by_month(settle("sam"), MONTHS)

        assert (november.gone_count, november.refunded_minor) == (3, 110_00)

    def test_say_how_many_signatures_came_in_time(self, shop: Shop) -> None:
        request = shop.asked(100)
        [due_at] = ApprovalStep.objects.filter(route__subject_id=request.pk).values_list("due_at", flat=True)
        assert due_at is not None
        shop.at = due_at
        shop.signed(request)
        catch_up(at=shop.at)

        [total] = rates.totals(rates.by_month(settle("sam"), MONTHS))

        assert (total.due_count, total.late_count, total.in_time) == (2, 1, "50.0 %")

    def test_by_the_sale_count_the_bypass_when_the_customer_had_paid(self, shop: Shop) -> None:
        october, november = rates.by_month(settle("sam"), MONTHS.by(Basis.SALE))

        assert (october.ungoverned_count, october.gone_count) == (0, 1)
        assert (november.ungoverned_count, november.gone_count) == (1, 2)

    def test_are_a_dash_without_anything_they_could_be_of(self) -> None:
        nothing = Rates(month=None, currency="GBP", refunded_minor=5)

        assert {nothing.cash_rate, nothing.cohort_rate, nothing.bypass_by_count, nothing.in_time} == {"-"}

    def test_are_of_the_viewers_teams_alone(self, shop: Shop) -> None:
        assert rates.by_month(settle("asha"), MONTHS) == []


class TestThePage:
    def test_says_each_rate_with_its_basis_and_formula(self, client: Client, shop: Shop) -> None:
        text = text_of(client, f"/insight/leakage/?{QUERY}")

        assert "Refund rate by month of the refund, GBP" in text
        assert "Refund rate by month of the sale, GBP" in text
        assert "52.4 %" in text
        assert "£110.00 of £210.00. Cash: what left in these days" in text
        assert "1 of 3 refunds, 45.5 % of the money (£50.00)" in text

    def test_says_that_nothing_was_captured(self, client: Client, world: World) -> None:
        shop = Shop(world)
        shop.refunded(20)
        catch_up(at=shop.at)

        text = text_of(client, "/insight/leakage/?from=2026-11-20&to=2026-11-30")

        assert "No payment of these days is known here" in text

    def test_leads_from_every_number_to_rows_that_add_up_to_it(self, client: Client, shop: Shop) -> None:
        text = text_of(client, f"/insight/leakage/?{QUERY}")
        links = re.findall(r'href="/insight/leakage/captured/(\?[^"]*)">\s*(?:<[^>]*>)*\s*£([\d.,]+)', text)
        assert len(links) == 2

        for query, said in links:
            rows, foot = parted(text_of(client, f"/insight/leakage/by/captured.csv{query.replace('&amp;', '&')}"))
            assert Decimal(foot["Sum"][1]) == Decimal(said) == sum(Decimal(row[5]) for row in rows)
            assert int(foot["Rows"][0]) == len(rows)

        bypass = "/insight/leakage/rows.csv?by=origin&value=ungoverned&kind=refunded&basis=refund&" + QUERY
        rows, foot = parted(text_of(client, bypass))
        assert (len(rows), foot["Sum"]) == (1, ["GBP", "50.00"])

    def test_hands_the_rates_out_as_a_file(self, client: Client, shop: Shop) -> None:
        rows, foot = parted(text_of(client, f"/insight/leakage/by/rates.csv?{QUERY}"))

        assert [row[0] for row in rows] == ["Oct 2026", "Nov 2026"]
        assert rows[1][2:8] == ["3", "170.00", "110.00", "64.7 %", "70.00", "41.2 %"]
        assert foot["Sum"] == ["GBP", "210.00"]
        assert "by=rates" in foot["Query"][0]


class TestCaptured:
    def test_goes_on_page_by_page(self, client: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("analytics.leakage.behind.PAGE", 3)
        client.force_login(settle("sam"))
        first = client.get(f"/insight/leakage/captured/?{QUERY}")

        second = client.get(f"/insight/leakage/captured/{first.context['next']}")

        assert [len(first.context["rows"]), len(second.context["rows"])] == [3, 1]
        assert second.context["next"] == ""

    def test_is_nothing_for_another_team(self, client: Client, shop: Shop) -> None:
        text = text_of(client, f"/insight/leakage/captured/?team=us-dtc&{QUERY}")

        assert "No payment of your teams was captured in these days" in text

    @pytest.mark.parametrize(
        "query",
        [
            "before=x&before_id=y",
            "before=2026-11-01&before_id=0",
            "from=9&currency=%00",
            "from=9999-12-02&to=9999-12-31",
            "from=0001-01-01&to=0001-01-30",
            "from=0001-01-02&to=0009-12-31",
            "from=9990-12-02&to=9999-12-31",
        ],
    )
    def test_bears_addresses_that_make_no_sense(self, client: Client, shop: Shop, query: str) -> None:
        client.force_login(settle("sam"))

        for place in ("", "captured/", "late/", "by/captured.csv", "by/week.csv", "by/late.csv", "by/rates.csv"):
            assert client.get(f"/insight/leakage/{place}?{query}").status_code in {200, 422}


class TestLateNow:
    def test_counts_open_steps_past_their_due_time(self, client: Client, shop: Shop) -> None:
        request = shop.asked(100)
        ApprovalStep.objects.filter(route__subject_id=request.pk).update(due_at=timezone.now() - timedelta(hours=2))

        text = text_of(client, "/insight/leakage/late/")

        assert "1 approval step is past its due time" in text
        assert request.reference in text
        assert late_count(settle("sam"), MONTHS, at=timezone.now()) == 1
        rows, foot = parted(text_of(client, "/insight/leakage/by/late.csv"))
        assert (rows[0][0], foot["Sum"]) == (request.reference, ["GBP", "100.00"])

    def test_leaves_out_other_teams_and_what_still_has_time(self, client: Client, shop: Shop) -> None:
        shop.asked(100)

        assert "Nothing is late" in text_of(client, "/insight/leakage/late/")
        ApprovalStep.objects.update(due_at=NOON - timedelta(days=9))
        assert late_count(settle("asha"), MONTHS, at=timezone.now()) == 0
