"""Funnel limits, overdispersion and case mix: against SciPy, by hand, and by how often they raise a false alarm."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats.mstats import winsorize

from analytics.statistics.case_mix import Case, tallies
from analytics.statistics.funnel import (
    ALARM,
    WARNING,
    Band,
    chance_of_as_far,
    chance_of_more,
    prediction_band,
    score,
)
from analytics.statistics.overdispersion import middle_of, overdispersion, spread_of, winsorised

sizes = st.integers(min_value=1, max_value=2_000)
shares = st.floats(min_value=0.005, max_value=0.995)
confidences = st.sampled_from([WARNING, ALARM])


class TestPredictionBand:
    def test_of_ten_fair_coins_by_hand(self) -> None:
        # Of 1,024 outcomes 1 + 10 have at most one head: 1.07 %; 56 at most two: 5.5 %. 2.5 % lies between.
        assert prediction_band(10, 0.5, WARNING) == Band(2, 8)

    @given(sizes, shares, confidences)
    def test_leaves_at_most_its_tail_on_either_side(self, of: int, share: float, confidence: float) -> None:
        band, tail = prediction_band(of, share, confidence), (1 - confidence) / 2

        assert stats.binom.cdf(band.low - 1, of, share) <= tail + 1e-9
        assert stats.binom.sf(band.high, of, share) <= tail + 1e-9

    @given(sizes, shares, confidences)
    def test_is_no_wider_than_it_must_be(self, of: int, share: float, confidence: float) -> None:
        band, tail = prediction_band(of, share, confidence), (1 - confidence) / 2

        assert stats.binom.cdf(band.low, of, share) >= tail - 1e-9
        assert stats.binom.sf(band.high - 1, of, share) >= tail - 1e-9

    @given(sizes, shares)
    def test_widens_with_confidence_and_with_spread(self, of: int, share: float) -> None:
        inner, outer, wide = (prediction_band(of, share, *more) for more in ((WARNING,), (ALARM,), (WARNING, 2.0)))

        assert outer.low <= inner.low <= inner.high <= outer.high
        assert wide.low <= inner.low
        assert wide.high >= inner.high

    def test_raises_no_more_false_alarms_than_it_says_where_the_normal_curve_does(self) -> None:
        of, share = 25, 0.06
        band = prediction_band(of, share, ALARM)
        normal = share + 3.09 * (share * (1 - share) / of) ** 0.5

        assert stats.binom.sf(band.high, of, share) <= 0.001
        assert stats.binom.sf(int(normal * of), of, share) > 0.003


class TestScore:
    @given(sizes, shares, st.floats(0, 1))
    def test_is_the_mid_p_value_of_scipy(self, of: int, share: float, part: float) -> None:
        count = round(part * of)
        upper = stats.binom.sf(count, of, share) + stats.binom.pmf(count, of, share) / 2
        lower = stats.binom.cdf(count - 1, of, share) + stats.binom.pmf(count, of, share) / 2

        if min(upper, lower) > 1e-200:
            expected = stats.norm.isf(upper) if upper < lower else stats.norm.ppf(lower)
            assert score(count, of, share) == pytest.approx(expected, abs=1e-5)

    def test_of_what_is_expected_is_nought(self) -> None:
        assert score(5, 10, 0.5) == pytest.approx(0)
        assert (score(0, 7, 0.0), score(7, 7, 1.0)) == (0, 0)

    def test_stays_finite_far_out(self) -> None:
        assert 30 < score(500, 500, 0.001) < 40


class TestChance:
    def test_of_three_heads_in_three_is_an_eighth(self) -> None:
        assert chance_of_more(3, 3, 0.5) == pytest.approx(1 / 8)
        assert chance_of_as_far(3, 3, 0.5) == pytest.approx(1 / 4)
        assert chance_of_more(0, 3, 0.5) == 1

    @given(sizes, shares, st.floats(0, 1))
    def test_agrees_with_scipy(self, of: int, share: float, part: float) -> None:
        count = round(part * of)
        expected = stats.binomtest(count, of, share, alternative="greater").pvalue

        assert chance_of_more(count, of, share) == pytest.approx(expected, rel=1e-6, abs=1e-300)

    @given(sizes, shares, st.floats(0, 1))
    def test_forgives_more_where_people_differ(self, of: int, share: float, part: float) -> None:
        count = round(part * of)

        if score(count, of, share) > 0:
            assert chance_of_more(count, of, share, 2.0) >= chance_of_more(count, of, share, 1.0001)


class TestOverdispersion:
    def test_pulls_in_one_a_side_of_ten_by_hand(self) -> None:
        assert winsorised([-9, 1, 2, 3, 4, 5, 6, 7, 8, 90]) == [1, 1, 2, 3, 4, 5, 6, 7, 8, 8]
        assert winsorised([1, 2, 3, 4]) == [1, 2, 3, 4]

    @given(st.lists(st.floats(-50, 50), min_size=10, max_size=200))
    def test_pulls_in_as_scipy_does(self, values: list[float]) -> None:
        assert winsorised(values) == pytest.approx(list(winsorize(np.array(values), limits=(0.1, 0.1))))

    def test_of_people_who_differ_by_chance_is_one(self) -> None:
        chance = Random(1)  # noqa: S311 - the same draws every time

        assert overdispersion([chance.gauss(0, 1) for _ in range(500)]) == 1
        assert overdispersion([]) == 1

    def test_of_people_who_differ_thrice_as_much_is_about_nine(self) -> None:
        chance = Random(1)  # noqa: S311 - the same draws every time
        scores = [chance.gauss(0, 3) for _ in range(2_000)]

        # The pulled-in tenths cost a normal sample about a fifth of its mean square.
        assert 5.5 < overdispersion(scores) < 9
        assert spread_of(scores) == pytest.approx(overdispersion(scores) ** 0.5)

    def test_leaves_the_middle_alone_until_most_are_off(self) -> None:
        assert middle_of([0.3, -0.6, 0.9, -0.2, 0.4]) == 0
        assert middle_of([-4.0, -4.2]) == 0
        # One approver took the average along: everybody else is as far below it.
        assert middle_of([-4.0, -3.9, -4.2, -4.1, 15.0]) == -4

    def test_is_not_made_by_one_outlier(self) -> None:
        assert overdispersion([0.1, -0.4, 0.6, -1.1, 0.9, 25.0]) == 1


class TestCaseMix:
    def test_expects_of_her_who_gets_all_exceptions_what_exceptions_get(self) -> None:
        easy = [Case("ann", "small", is_hit=place < 90) for place in range(100)]
        hard = [Case("eve", "large", is_hit=place < 20) for place in range(100)]

        found = [(tally.who, tally.count, tally.of) for tally in tallies([*easy, *hard])]
        assert found == [("ann", 90, 100), ("eve", 20, 100)]
        assert [tally.expected for tally in tallies([*easy, *hard])] == pytest.approx([90, 20])

    def test_by_hand(self) -> None:
        cases = [
            Case("ann", "a", is_hit=True),
            Case("ann", "b", is_hit=False),
            Case("eve", "a", is_hit=False),
            Case("eve", "b", is_hit=True),
            Case("eve", "b", is_hit=True),
        ]
        ann, eve = tallies(cases)

        assert (ann.expected, eve.expected) == pytest.approx((1 / 2 + 2 / 3, 1 / 2 + 4 / 3))
        assert (ann.share, ann.expected_share) == pytest.approx((0.5, 7 / 12))

    @given(st.lists(st.builds(Case, st.integers(0, 5), st.integers(0, 5), is_hit=st.booleans()), max_size=200))
    def test_expected_counts_add_up_to_the_hits(self, cases: list[Case]) -> None:
        found = tallies(cases)

        assert sum(tally.expected for tally in found) == pytest.approx(sum(case.is_hit for case in cases))
        assert sum(tally.of for tally in found) == len(cases)
