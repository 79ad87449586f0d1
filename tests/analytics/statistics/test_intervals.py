"""Intervals of shares and rates against statsmodels, against published examples, and against what must always hold."""

from __future__ import annotations

from math import inf, isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from analytics.statistics.intervals import difference_of_shares, ratio_of_rates, wilson

drawn = st.integers(min_value=1, max_value=3_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))
confidences = st.sampled_from([0.8, 0.95, 0.998])


class TestWilson:
    def test_of_eight_in_ten_is_the_textbooks(self) -> None:
        found = wilson(8, 10)

        assert (found.low, found.estimate, found.high) == pytest.approx((0.4902, 0.8, 0.9433), abs=1e-4)

    def test_of_nothing_says_anything_is_possible(self) -> None:
        found = wilson(0, 0)

        assert (found.low, found.high) == (0, 1)
        assert isnan(found.estimate)

    @given(drawn, confidences)
    def test_agrees_with_statsmodels(self, drew: tuple[int, int], confidence: float) -> None:
        found = wilson(*drew, confidence)

        expected = proportion_confint(*drew, alpha=1 - confidence, method="wilson")
        assert (found.low, found.high) == pytest.approx(expected, abs=1e-9)

    @given(drawn)
    def test_holds_its_estimate_and_never_leaves_nought_to_one(self, drew: tuple[int, int]) -> None:
        found = wilson(*drew)

        assert 0 <= found.low <= found.estimate <= found.high <= 1
        assert found.contains(found.estimate)


class TestDifferenceOfShares:
    def test_is_newcombes_own_example(self) -> None:
        # Newcombe 1998, table II, (a): 56/70 against 48/80; method 10 gives 0.0524 to 0.3339.
        found = difference_of_shares(48, 80, 56, 70)

        assert (found.low, found.estimate, found.high) == pytest.approx((0.0524, 0.2, 0.3339), abs=1e-4)

    @given(drawn, drawn)
    def test_agrees_with_statsmodels(self, before: tuple[int, int], after: tuple[int, int]) -> None:
        found = difference_of_shares(*before, *after)

        expected = confint_proportions_2indep(*after, *before, method="newcomb", compare="diff", correction=False)
        assert (found.low, found.high) == pytest.approx(expected, abs=1e-7)

    @given(drawn, drawn)
    def test_turns_round_when_before_and_after_do(self, before: tuple[int, int], after: tuple[int, int]) -> None:
        there, back = difference_of_shares(*before, *after), difference_of_shares(*after, *before)

        assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-12)

    def test_says_nothing_when_one_side_is_empty(self) -> None:
        assert (difference_of_shares(0, 0, 3, 5).low, difference_of_shares(3, 5, 0, 0).high) == (-1, 1)


class TestRatioOfRates:
    def test_of_as_many_in_half_the_time_is_two(self) -> None:
        found = ratio_of_rates(10, 60, 10, 30)

        assert found.estimate == pytest.approx(2)
        assert found.low < 2 < found.high

    @given(st.integers(0, 400), st.integers(0, 400))
    def test_has_the_bounds_of_clopper_and_pearson(self, before: int, after: int) -> None:
        found = ratio_of_rates(before, 4.0, after, 2.0)

        if before + after:
            exact = stats.binomtest(after, before + after).proportion_ci(0.95, method="exact")
            expected = [share / (1 - share) * 2 if share < 1 else inf for share in (exact.low, exact.high)]
            assert (found.low, found.high) == pytest.approx(tuple(expected), rel=1e-6)
        else:
            assert (found.low, found.high) == (0, inf)

    def test_without_any_event_says_nothing(self) -> None:
        assert isnan(ratio_of_rates(0, 1, 0, 1).estimate)
        assert ratio_of_rates(0, 1, 3, 1).estimate == inf
