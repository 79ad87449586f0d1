"""How money and time are printed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from config.kernel.money import Money
from config.kernel.templatetags.redress import left, money, printed, remaining, since, stylesheet, urgency, when

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class TestMoney:
    """The filter that prints amounts."""

    def test_prints_units_in_the_readers_way(self) -> None:
        assert money(124050, "GBP") == "£1,240.50"
        with translation.override("de"):
            assert money(124050, "EUR") == "1.240,50\N{NO-BREAK SPACE}€"

    def test_prints_money_and_keeps_the_decimals_of_its_currency(self) -> None:
        assert money(Money(5000, "JPY")).endswith("5,000")

    @pytest.mark.parametrize("nothing", [None, ""])
    def test_prints_nothing_where_nothing_is(self, nothing: str | None) -> None:
        assert money(nothing, "GBP") == ""

    def test_prints_zero(self) -> None:
        assert money(0, "GBP") == "£0.00"


class TestWhen:
    """The filter that prints moments."""

    def test_speaks_the_readers_zone_and_says_which(self) -> None:
        with timezone.override("Asia/Tokyo"):
            printed = when(NOON)
        assert ">2 Mar 2026, 21:00</time>" in printed
        assert 'datetime="2026-03-02T12:00:00+00:00"' in printed
        assert 'title="Monday, 2 March 2026, 21:00:00 JST"' in printed

    @pytest.mark.parametrize(("year", "printed"), [(2026, ">2 Mar, 12:00<"), (2027, ">2 Mar 2026, 12:00<")])
    def test_leaves_the_year_out_only_while_it_lasts(self, year: int, printed: str) -> None:
        with time_machine.travel(datetime(year, 6, 1, tzinfo=UTC), tick=False):
            assert printed in when(NOON, "short")

    def test_prints_a_day_without_a_time(self) -> None:
        assert when(date(2026, 3, 2)) == '<time datetime="2026-03-02">2 Mar 2026</time>'

    def test_prints_nothing_for_never(self) -> None:
        assert when(None) == ""


class TestLeft:
    """The filters that count down to a promise."""

    @pytest.mark.parametrize(
        ("span", "words"),
        [
            (timedelta(minutes=38), "38 min left"),
            (timedelta(hours=1, minutes=5), "1 h 05 min left"),
            (timedelta(days=1, hours=3), "1 d 3 h left"),
            (timedelta(days=4, hours=3), "4 d left"),
            (timedelta(hours=-2), "2 h 00 min over"),
        ],
    )
    def test_says_how_long(self, span: timedelta, words: str) -> None:
        assert left(NOON + span, NOON) == words

    def test_drops_a_word_its_heading_says(self) -> None:
        assert remaining(NOON + timedelta(minutes=38), NOON) == "38 min"
        assert remaining(NOON - timedelta(minutes=38), NOON) == "38 min over"

    def test_counts_backwards_too(self) -> None:
        assert since(NOON - timedelta(hours=3, minutes=5), NOON) == "3 h 05 min"

    @pytest.mark.parametrize(("minutes", "tone"), [(-1, "bad"), (29, "bad"), (59, "warn"), (61, "ok")])
    def test_grows_louder(self, minutes: int, tone: str) -> None:
        assert urgency(NOON + timedelta(minutes=minutes), NOON) == tone

    def test_says_nothing_without_a_promise(self) -> None:
        assert left(None) == remaining(None) == since(None) == urgency(None) == ""


class TestInALanguageThatRunsFromRightToLeft:
    """A minus stays in front of its amount, and a day before its month."""

    def test_each_amount_and_moment_stands_by_itself(self) -> None:
        with translation.override("qps"):
            assert money(-900, "GBP") == "\u2068-£9.00\u2069"
            assert printed(NOON) == "\u20682 Mar 2026\u2069"
            assert "\u20682 Mar 2026, 12:00\u2069</time>" in when(NOON)

    def test_nothing_stays_nothing(self) -> None:
        with translation.override("qps"):
            assert money(None) == printed(None) == ""


class TestStylesheet:
    """The link of the error pages."""

    def test_links_what_is_there(self) -> None:
        assert stylesheet("css/app.css") == '<link rel="stylesheet" href="/static/css/app.css">'

    def test_is_silent_when_the_static_files_are_broken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(path: str) -> str:
            message = f"Missing staticfiles manifest entry for {path!r}"
            raise ValueError(message)

        monkeypatch.setattr("config.kernel.templatetags.redress.static", broken)
        assert stylesheet("css/app.css") == ""
