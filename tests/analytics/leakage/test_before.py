"""Changes against as many days before, in words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from analytics.leakage.asking import Ask
from analytics.leakage.before import of_amount, of_share, span_before
from analytics.rollups.following import catch_up
from tests.analytics.rollups.shop import Shop

from .test_pages import text_of

if TYPE_CHECKING:
    from django.test import Client

    from tests.harness.world import World


class TestTheSpanBefore:
    def test_is_as_long_and_ends_the_day_before(self) -> None:
        before = span_before(Ask(from_on=date(2026, 3, 1), to_on=date(2026, 3, 31), team="uk-retail"))

        assert (before.from_on, before.to_on, before.team) == (date(2026, 1, 29), date(2026, 2, 28), "uk-retail")

    def test_ends_where_dates_begin(self) -> None:
        before = span_before(Ask(from_on=date(1, 1, 1), to_on=date(1, 12, 31)))

        assert (before.from_on, before.to_on) == (date(1, 1, 1), date(1, 1, 1))


class TestTheChange:
    @pytest.mark.parametrize(
        ("now", "before", "words", "tone"),
        [
            (112_30, 100_00, "up 12.3 %", "bad"),
            (95_00, 100_00, "down 5.0 %", "ok"),
            (100_00, 100_00, "as before", ""),
            (1, 0, "nothing before", ""),
            (0, 0, "", ""),
            (0, 5, "down 100.0 %", "ok"),
        ],
    )
    def test_of_an_amount_is_a_share_of_what_it_was(self, now: int, before: int, words: str, tone: str) -> None:
        change = of_amount(now, before, is_worse_high=True)

        assert (change.words, change.tone) == (words, tone)

    def test_of_what_is_neither_good_nor_bad_has_no_tone(self) -> None:
        assert of_amount(2, 1).tone == ""

    @pytest.mark.parametrize(
        ("now", "before", "words", "tone"),
        [
            ((12, 100), (10, 100), "up 2.0 points", "ok"),
            ((1, 3), (1, 2), "down 16.7 points", "bad"),
            ((1, 3), (10, 30), "as before", ""),
            ((1, 3), (0, 0), "nothing before", ""),
            ((0, 0), (1, 3), "", ""),
        ],
    )
    def test_of_a_share_is_in_points(
        self, now: tuple[int, int], before: tuple[int, int], words: str, tone: str
    ) -> None:
        change = of_share(*now, *before, is_worse_high=False)

        assert (change.words, change.tone) == (words, tone)


@pytest.mark.django_db
@pytest.mark.usefixtures("clock_of_the_story")
class TestThePage:
    def test_says_what_the_changes_are_against(self, client: Client, world: World) -> None:
        shop = Shop(world)
        shop.refunded(20)
        catch_up(at=shop.at)

        text = text_of(client, "/insight/leakage/?from=2026-11-01&to=2026-11-30")

        assert "Changes are against as many days before: 2 Oct 2026 to 31 Oct 2026." in text
        assert "nothing before" in text
        assert "Submitted to decided, working hours" in text
