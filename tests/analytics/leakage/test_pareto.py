"""The Pareto chart."""

from __future__ import annotations

from xml.etree import ElementTree as ET  # what is parsed here was drawn by us

from analytics.charts.pareto import ParetoBar, draw_pareto


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(f"<figure>{svg}</figure>")  # noqa: S314 - see above


BARS = [ParetoBar("a", 10, "10", "/a"), ParetoBar("b", 70, "70", "/b"), ParetoBar("c", 20, "20", "/c")]


class TestDrawPareto:
    def test_begins_with_the_longest_and_says_the_running_share(self) -> None:
        for svg in parsed(draw_pareto(BARS, name="n")):
            assert [mark.get("href") for mark in svg.iter("a")] == ["/b", "/c", "/a"]
            assert [mark.findtext("title") for mark in svg.iter("a")] == [
                "b: 70, running share 70 %",
                "c: 20, running share 90 %",
                "a: 10, running share 100 %",
            ]

    def test_darkens_what_makes_up_the_first_eighty_percent(self) -> None:
        wide, _ = parsed(draw_pareto(BARS, name="n"))

        assert [rect.get("class") for rect in wide.iter("rect") if rect.get("class") != "hit"] == [
            "vital",
            "vital",
            "rest",
        ]

    def test_leaves_out_what_weighs_nothing_and_escapes_the_rest(self) -> None:
        wide, _ = parsed(draw_pareto([ParetoBar("<b>", 1, "<1>", "/?a=1&b=2"), ParetoBar("z", 0, "0", "/z")], name="<"))

        [mark] = wide.iter("a")
        assert mark.get("href") == "/?a=1&b=2"
        assert "style=" not in draw_pareto(BARS, name="n")

    def test_draws_neither_a_bar_nor_the_line_through_the_amounts(self) -> None:
        bars = [ParetoBar("a", 90, "US$1,792.00", "/a"), ParetoBar("b", 10, "US$199.11", "/b")]
        for svg in parsed(draw_pareto(bars, name="n")):
            width = int(svg.get("viewBox", "").split()[2])
            line = next(svg.iter("polyline")).get("points", "").split()
            reached = [int(point.partition(",")[0]) for point in line]
            reached += [int(rect.get("width", "")) for rect in svg.iter("rect") if rect.get("class") != "hit"]

            assert max(reached) <= width - 7 * len("US$1,792.00")
