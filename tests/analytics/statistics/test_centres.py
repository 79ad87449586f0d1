"""Intervals of means and medians against SciPy, by hand, and by how often they are right."""

from __future__ import annotations

from math import inf, isnan
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analytics.statistics.centres import difference_of_means, difference_of_medians, mean_interval, median_interval

values = st.lists(st.integers(-10_000, 10_000), min_size=2, max_size=60).filter(lambda drawn: len(set(drawn)) > 1)


class TestMeanInterval:
    def test_of_four_numbers_by_hand(self) -> None:
        # Mean 5, standard deviation 2.58199, t(0.975, 3) = 3.18245: 5 -+ 3.18245 * 2.58199 / 2.
        found = mean_interval([2, 4, 6, 8])

        assert (found.low, found.estimate, found.high) == pytest.approx((0.8915, 5, 9.1085), abs=1e-4)

    @given(values)
    def test_agrees_with_scipy(self, drawn: list[int]) -> None:
        found = mean_interval(drawn)

        expected = stats.ttest_1samp(drawn, 0).confidence_interval(0.95)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-6, abs=1e-6)

    def test_of_one_value_has_no_bounds(self) -> None:
        assert (mean_interval([7]).low, mean_interval([7]).estimate, mean_interval([7]).high) == (-inf, 7, inf)
        assert isnan(mean_interval([]).estimate)


class TestDifferenceOfMeans:
    @given(values, values)
    def test_agrees_with_scipy(self, before: list[int], after: list[int]) -> None:
        found = difference_of_means(before, after)

        expected = stats.ttest_ind(after, before, equal_var=False).confidence_interval(0.95)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-6, abs=1e-6)

    def test_of_values_that_never_vary_is_exact(self) -> None:
        found = difference_of_means([3, 3], [5, 5, 5])

        assert (found.low, found.estimate, found.high) == (2, 2, 2)

    def test_has_no_bounds_with_one_value_on_a_side(self) -> None:
        assert (difference_of_means([3], [5, 6]).low, difference_of_means([3], [5, 6]).estimate) == (-inf, 2.5)


class TestMedianInterval:
    def test_of_ten_values_runs_from_the_second_to_the_ninth(self) -> None:
        found = median_interval([*range(1, 11)])

        assert (found.low, found.estimate, found.high) == (2, 5.5, 9)

    def test_needs_six_values(self) -> None:
        assert median_interval([1, 2, 3, 4, 5]).high == inf
        assert (median_interval([1, 2, 3, 4, 5, 6]).low, median_interval([1, 2, 3, 4, 5, 6]).high) == (1, 6)

    @given(st.lists(st.integers(-500, 500), min_size=6, max_size=80))
    def test_agrees_with_scipy(self, drawn: list[int]) -> None:
        found = median_interval(drawn)

        expected = stats.quantile_test(drawn, p=0.5).confidence_interval(0.95)
        assert (found.low, found.high) == (expected.low, expected.high)


class TestDifferenceOfMedians:
    def test_holds_the_truth_about_as_often_as_it_says(self) -> None:
        chance, times = Random(4), 400  # noqa: S311 - the same draws every time
        right = 0
        for _ in range(times):
            before = [chance.lognormvariate(3, 1) for _ in range(40)]
            after = [chance.lognormvariate(3, 1) + 5 for _ in range(60)]
            right += difference_of_medians(before, after).contains(5)

        assert 0.93 <= right / times <= 0.99

    def test_sees_a_shift_that_is_there(self) -> None:
        found = difference_of_medians([*range(100)], [value + 60 for value in range(100)])

        assert found.estimate == 60
        assert found.low > 0

    def test_has_no_bounds_without_values(self) -> None:
        assert isnan(difference_of_medians([], [1, 2]).estimate)
        assert difference_of_medians([1], [1, 2]).high == inf
