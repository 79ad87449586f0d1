"""Robust scores by hand, against SciPy, and by what one huge value can do to them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analytics.statistics.outlying import robust_scores

values = st.lists(st.integers(-10_000, 10_000), min_size=3, max_size=100)


class TestRobustScores:
    def test_by_hand(self) -> None:
        # Median 3, deviations 2 1 0 1 97, their median 1.
        assert robust_scores([1, 2, 3, 4, 100])[-1] == pytest.approx(97 / 1.4826)

    @given(values)
    def test_agree_with_scipy(self, drawn: list[int]) -> None:
        mad = stats.median_abs_deviation(drawn, scale=1 / 1.4826)

        if mad:
            expected = [(value - float(stats.scoreatpercentile(drawn, 50))) / mad for value in drawn]
            assert robust_scores(drawn) == pytest.approx(expected)

    def test_fall_back_to_the_mean_deviation_when_half_are_equal(self) -> None:
        assert robust_scores([5, 5, 5, 9])[-1] == pytest.approx(4 / 1.2533)

    def test_are_nought_where_all_are_equal(self) -> None:
        assert robust_scores([7, 7, 7]) == [0, 0, 0]
        assert robust_scores([]) == []

    @given(values)
    def test_do_not_care_for_the_unit(self, drawn: list[int]) -> None:
        assert robust_scores([3 * value + 11 for value in drawn]) == pytest.approx(robust_scores(drawn), abs=1e-9)
