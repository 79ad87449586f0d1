"""The heat map: which week is whose, how dark it is, and what it leads to."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from analytics.leakage.asking import Ask
from analytics.leakage.heat import WEEKS_SHOWN, heat_maps, level_of, weeks_of
from analytics.models import SUMMED, OutflowCell
from analytics.rollups.following import catch_up
from refunds.models import Payment
from tests.analytics.rollups.shop import Shop
from tests.refunds.books import team_called

from .test_pages import parted, text_of

if TYPE_CHECKING:
    from django.test import Client

    from config.kernel.people import Team, User
    from tests.harness.world import World

pytestmark = pytest.mark.django_db

ASK = Ask(from_on=date(2026, 10, 1), to_on=date(2026, 10, 31))


def cell(team: Team, on: date, **told: Any) -> None:
    """Write one sum of refunds."""
    words = {"basis": "refund", "dimension": "total", "value": "", "currency": "GBP"}
    OutflowCell.objects.create(**{**dict.fromkeys(SUMMED, 0), **words, "team": team, "on": on, **told})


class TestTheWeeks:
    def test_begin_on_mondays_and_cover_the_days(self) -> None:
        """The 1st of October 2026 is a Thursday, the 31st a Saturday."""
        assert weeks_of(ASK) == [date(2026, 9, 28) + timedelta(days=7 * place) for place in range(5)]

    def test_are_the_last_of_a_long_time(self) -> None:
        weeks = weeks_of(Ask(from_on=date(2025, 1, 1), to_on=date(2026, 10, 31)))

        assert (len(weeks), weeks[-1]) == (WEEKS_SHOWN, date(2026, 10, 26))

    @pytest.mark.parametrize("days", [(date(1, 1, 1), date(1, 2, 1)), (date(9999, 12, 1), date(9999, 12, 31))])
    def test_end_where_dates_do(self, north: Team, sam: User, days: tuple[date, date]) -> None:
        cell(north, days[1], count=5, refunded_minor=100)

        [heat] = heat_maps(sam, Ask(from_on=days[0], to_on=days[1]))

        assert heat.rows[0].cells[-1] is not None


class TestACell:
    def test_is_what_leaked_of_what_was_refunded(self, north: Team, sam: User) -> None:
        cell(north, date(2026, 10, 5), count=4, refunded_minor=60_00, override_minor=1_00)
        cell(north, date(2026, 10, 11), count=4, refunded_minor=40_00, fees_minor=50)
        cell(north, date(2026, 10, 12), count=9, refunded_minor=10_00)
        cell(team_called("south"), date(2026, 10, 5), count=9, refunded_minor=10_00, fees_minor=10_00)

        [heat] = heat_maps(sam, ASK)

        [row] = heat.rows
        found = [None if one is None else (one.share, one.level, one.count) for one in row.cells]
        assert found == [None, ("1.5 %", "h3", 8), ("0.0 %", "h0", 9), None, None]

    @pytest.mark.parametrize(
        ("leaked", "refunded", "count", "level"),
        [
            (0, 100_00, 5, "h0"),
            (1, 1_000_00, 5, "h1"),
            (49, 100_00, 5, "h1"),
            (50, 100_00, 5, "h2"),
            (1_00, 100_00, 5, "h3"),
            (2_00, 100_00, 5, "h4"),
            (5_00, 100_00, 5, "h5"),
            (10_00, 100_00, 5, "h6"),
            (10_00, 0, 5, "h6"),
            (0, 0, 5, "h0"),
            (90_00, 100_00, 4, "few"),
        ],
    )
    def test_is_as_dark_as_its_share_and_has_no_shade_of_too_few(
        self, leaked: int, refunded: int, count: int, level: str
    ) -> None:
        assert level_of(leaked, refunded, count) == level


@pytest.mark.usefixtures("clock_of_the_story")
class TestThePage:
    def test_tells_the_share_in_words_and_leads_to_rows_that_add_up_to_it(self, client: Client, world: World) -> None:
        shop = Shop(world)
        for pounds in (20, 30, 40, 45):
            shop.refunded(pounds)
        shop.elsewhere(Payment.objects.get(order=shop.sold(265)), 265_00)
        catch_up(at=shop.at)

        text = text_of(client, "/insight/leakage/?from=2026-11-01&to=2026-11-30")

        [(level, address, said, share)] = re.findall(
            r'<td class="num (\w+)"><a href="([^"]+)" title="([^"]+)">([^<]+)</a>', text
        )
        assert (level, said, share) == ("h6", "£265.00 leaked of £400.00 refunded, 5 refunds", "66.3 %")
        _, foot = parted(text_of(client, address.replace("/rows/", "/rows.csv")))
        assert Decimal(foot["Sum"][1]) == 265
        rows, foot = parted(text_of(client, "/insight/leakage/by/week.csv?from=2026-11-01&to=2026-11-30"))
        assert rows == [["uk-retail", "GBP", "2026-11-16", "5", "400.00", "265.00", "66.3 %"]]
        assert foot["Sum"] == ["GBP", "265.00"]
