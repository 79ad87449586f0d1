"""Charts drawn on the server."""

from __future__ import annotations

from datetime import date
from xml.etree import ElementTree as ET  # what is parsed here was drawn by us

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from analytics.charts.bars import Bar, Chart, Part, draw
from analytics.charts.scale import nice_step, ticks
from analytics.pictures import months_chart
from analytics.selectors import MonthCell
from analytics.slices import Slice, months_of
from config.kernel.money import Money

YEAR = Slice(from_on=date(2025, 12, 1), to_on=date(2026, 11, 20))


def cell(month: date, minor: int, outcome: str = "allow", currency: str = "GBP") -> MonthCell:
    return MonthCell(month=month, outcome=outcome, count=3, reconciled_count=1, money=Money(minor, currency))


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(f"<figure>{svg}</figure>")  # noqa: S314 - see above


class TestDraw:
    """The drawing is a document, not a picture."""

    def test_is_well_formed_in_both_forms(self) -> None:
        figure = parsed(months_chart([cell(date(2026, 3, 1), 12_345)], YEAR, "GBP"))

        assert [svg.get("class") for svg in figure] == ["chart wide", "chart narrow"]

    def test_makes_every_month_a_link_to_its_rows(self) -> None:
        wide, narrow = parsed(months_chart([cell(date(2026, 3, 1), 12_345)], YEAR, "GBP"))

        for svg in (wide, narrow):
            links = [link.get("href") or "" for link in svg.iter("a")]
            assert len(links) == 12
            assert "/requests/?currency=GBP&refunded_from=2026-03-01&refunded_to=2026-03-31" in links

    @pytest.mark.parametrize("language", ["en-gb", "de", "fr", "qps"])
    def test_says_amounts_in_every_language_pages_speak(self, language: str) -> None:
        with translation.override(language):
            wide, narrow = parsed(months_chart([cell(date(2026, 3, 1), 12_345)], YEAR, "GBP"))

        for svg in (wide, narrow):
            assert any("£" in (text.text or "") for text in svg.iter("text"))

    @pytest.mark.parametrize(
        ("language", "label"), [("en-gb", "£20K"), ("de", "20.000\xa0£"), ("fr", "20\xa0k\xa0£GB")]
    )
    def test_leaves_room_for_the_words_of_the_axis(self, language: str, label: str) -> None:
        with translation.override(language):
            wide, _ = parsed(months_chart([cell(date(2026, 3, 1), 2_000_000)], YEAR, "GBP"))

        ends = {
            text.text or "": int(text.get("x") or 0) for text in wide.iter("text") if text.get("text-anchor") == "end"
        }
        assert label in ends
        assert all(end >= 6 * len(words) for words, end in ends.items())

    def test_keeps_the_last_month_within_the_slice(self) -> None:
        wide, _ = parsed(months_chart([], YEAR, "GBP"))

        assert (list(wide.iter("a"))[-1].get("href") or "").endswith("refunded_from=2026-11-01&refunded_to=2026-11-20")

    def test_titles_every_mark_and_describes_the_whole(self) -> None:
        cells = [cell(date(2026, 3, 1), 12_345), cell(date(2026, 3, 1), 5_000, "exception")]
        wide, _ = parsed(months_chart(cells, YEAR, "GBP"))

        assert all(link.find("title") is not None for link in wide.iter("a"))
        assert "Mar 2026: £173.45, 6 requests" in (wide.findtext("desc") or "")
        assert [title.text for title in wide.iter("title") if ": £" in (title.text or "")].count(
            "Automatic: £123.45"
        ) == 1

    def test_says_nothing_in_styles_or_scripts(self) -> None:
        svg = months_chart([cell(date(2026, 3, 1), 12_345)], YEAR, "GBP")

        assert "style=" not in svg
        assert "<script" not in svg
        assert "fill=" not in svg

    def test_escapes_what_it_is_told(self) -> None:
        bar = Bar("<b>", (Part('"<x>', Money(5, "GBP"), "vital"),), "</title><script>", "/?a=1&b=2")

        wide, _ = parsed(draw(Chart("n<", "d<", (("vital", "<w>"),), "GBP", (bar,))))

        assert next(wide.iter("a")).get("href") == "/?a=1&b=2"
        assert next(wide.iter("a")).findtext("title") == "</title><script>"

    def test_keeps_other_currencies_out(self) -> None:
        cells = [cell(date(2026, 3, 1), 100), cell(date(2026, 3, 1), 9_900, currency="EUR")]

        wide, _ = parsed(months_chart(cells, YEAR, "GBP"))

        assert "£1.00 in 12 months" in (wide.findtext("desc") or "")

    @given(st.lists(st.integers(0, 10**12), min_size=1, max_size=4))
    def test_stacks_pieces_without_a_gap_and_inside_the_frame(self, amounts: list[int]) -> None:
        parts = tuple(Part(f"p{n}", Money(minor, "GBP"), "vital") for n, minor in enumerate(amounts))
        wide, _ = parsed(draw(Chart("n", "d", (), "GBP", (Bar("Nov", parts, "s", "/"),))))

        boxes = [(int(r.get("y", 0)), int(r.get("height", 0))) for r in wide.iter("rect") if r.get("class") == "vital"]

        assert all(y >= 24 and height > 0 for y, height in boxes)
        for (upper, _), (y, height) in zip(boxes[1:], boxes, strict=False):
            assert upper <= y <= y + height


class TestScale:
    """Axes in whole numbers."""

    @pytest.mark.parametrize(("largest", "step"), [(1, 1), (4, 1), (5, 2), (1_000, 500), (173_45, 5_000), (0, 1)])
    def test_takes_round_steps(self, largest: int, step: int) -> None:
        assert nice_step(largest) == step

    @given(st.integers(0, 10**14))
    def test_reaches_the_largest_with_few_marks(self, largest: int) -> None:
        marks = ticks(largest)

        assert marks[0] == 0
        assert marks[-1] >= largest
        assert 2 <= len(marks) <= 6


class TestMonthsOf:
    """The months that a slice touches."""

    def test_lists_every_month_once(self) -> None:
        months = months_of(YEAR)

        assert (months[0], months[-1], len(months)) == (date(2025, 12, 1), date(2026, 11, 1), 12)

    def test_stops_after_ten_years(self) -> None:
        assert len(months_of(Slice(from_on=date(1, 1, 1), to_on=date(9999, 12, 31)))) == 120
