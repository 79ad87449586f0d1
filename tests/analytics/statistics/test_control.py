"""Control charts by hand and against SciPy; run rules by the runs of the Western Electric handbook."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from analytics.statistics.control import Point, broken_rules, chance_of_run, longest_run, p_chart, xmr_chart


def points(*scores: float) -> list[Point]:
    return [Point(score, 0.0, 1.0, -3.0, 3.0) for score in scores]


class TestPChart:
    def test_of_two_weeks_by_hand(self) -> None:
        first, second = p_chart([10, 30], [100, 100])

        assert (first.value, first.centre) == (0.1, 0.2)
        assert first.sigma == pytest.approx(0.04)
        assert (second.low, second.high) == pytest.approx((0.08, 0.32))

    @given(st.lists(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1))
    def test_limits_are_those_of_the_normal_curve(self, weeks: list[tuple[int, int]]) -> None:
        counts, sizes = (list(side) for side in zip(*weeks, strict=True))
        whole = sum(counts) / sum(sizes)

        for point, size in zip(p_chart(counts, sizes), sizes, strict=True):
            low, high = proportion_confint(whole * size, size, alpha=0.0026997960632601866, method="normal")
            assert (point.low, point.high) == pytest.approx((max(low, 0), min(high, 1)), abs=1e-9)

    def test_takes_an_empty_week_for_its_middle(self) -> None:
        empty = p_chart([5, 0], [10, 0])[1]

        assert (empty.value, empty.score) == (0.5, 0)
        assert p_chart([0], [0])[0].centre == 0


class TestXmrChart:
    def test_of_four_weeks_by_hand(self) -> None:
        # Moving ranges 2, 4, 2: mean 8/3; 3 / 1.128 times that is 7.0922 about the mean of 11.5.
        found = xmr_chart([10, 12, 8, 16])[0]

        assert found.centre == 11.5
        assert found.high - found.centre == pytest.approx(3 * (2 + 4 + 8) / 3 / 1.128)

    def test_finds_the_spread_of_a_normal_process(self) -> None:
        chance = Random(5)  # noqa: S311 - the same draws every time
        found = xmr_chart([chance.gauss(100, 7) for _ in range(4_000)])

        assert found[0].sigma == pytest.approx(7, rel=0.03)

    def test_of_nothing_or_one_week_has_no_limits(self) -> None:
        assert xmr_chart([]) == []
        assert xmr_chart([4.0])[0].score == 0


class TestBrokenRules:
    @pytest.mark.parametrize(
        ("rule", "scores"),
        [
            (1, [0.1, 3.1]),
            (2, [2.1, -0.1, 2.2]),
            (3, [-1.1, -1.2, 0.2, -1.3, -1.4]),
            (4, [0.1, 0.2, 0.1, 0.3, 0.4, 0.1, 0.2, 0.3]),
        ],
    )
    def test_finds_each_and_only_that(self, rule: int, scores: list[float]) -> None:
        assert broken_rules(points(*scores)) == {rule: [len(scores) - 1]}

    @pytest.mark.parametrize("scores", [[2.9], [2.1, 0, -2.1], [1.1, 1.1, -1.1, 1.1, 0.9], [0.1] * 7])
    def test_lets_almost_pass(self, scores: list[float]) -> None:
        assert broken_rules(points(*scores)) == {}

    @given(st.lists(st.floats(-4, 4), max_size=40))
    def test_is_the_same_upside_down(self, scores: list[float]) -> None:
        assert broken_rules(points(*scores)) == broken_rules(points(*(-score for score in scores)))


class TestLongestRun:
    def test_is_found_with_its_beginning(self) -> None:
        assert longest_run(points(1, -1, -2, -1, 1, 2)) == (1, 3)
        assert longest_run(points(0, 0)) == (0, 0)

    @pytest.mark.parametrize(("length", "weeks"), [(2, 5), (4, 8), (6, 12), (10, 12)])
    def test_chance_bounds_a_full_count_of_all_throws(self, length: int, weeks: int) -> None:
        throws = list(product((1.0, -1.0), repeat=weeks))
        exact = sum(longest_run(points(*throw))[1] >= length for throw in throws) / len(throws)

        assert exact <= chance_of_run(length, weeks) <= 2 * exact
