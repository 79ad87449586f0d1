"""Chances and quantiles against SciPy, and against numbers one can check by hand."""

from __future__ import annotations

from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from analytics.statistics import distributions
from analytics.statistics.special import beta_share, gamma_share

chances = st.floats(min_value=0.001, max_value=0.999)
shares = st.floats(min_value=0.001, max_value=0.999)
sizes = st.integers(min_value=1, max_value=5_000)
shapes = st.floats(min_value=0.5, max_value=2_000)


class TestSpecial:
    @given(a=shapes, b=shapes, x=shares)
    def test_beta_agrees_with_scipy(self, a: float, b: float, x: float) -> None:
        assert beta_share(a, b, x) == pytest.approx(special.betainc(a, b, x), rel=1e-8, abs=1e-12)

    @given(a=shapes, x=st.floats(min_value=0, max_value=5_000))
    def test_gamma_agrees_with_scipy(self, a: float, x: float) -> None:
        assert gamma_share(a, x) == pytest.approx(special.gammainc(a, x), rel=1e-8, abs=1e-11)

    def test_ends_are_nothing_and_all(self) -> None:
        assert [beta_share(2, 3, x) for x in (-1, 0, 1, 2)] == [0, 0, 1, 1]
        assert gamma_share(2, 0) == 0


class TestBinomial:
    def test_of_two_coins_by_hand(self) -> None:
        assert [distributions.binomial_at_most(count, 2, 0.5) for count in (-1, 0, 1, 2)] == [
            0,
            pytest.approx(0.25),
            pytest.approx(0.75),
            1,
        ]

    @given(chance=chances, of=sizes, share=shares)
    def test_quantile_is_the_first_count_that_reaches_the_chance(self, chance: float, of: int, share: float) -> None:
        found = distributions.binomial_quantile(chance, of, share)

        assert distributions.binomial_at_most(found, of, share) >= chance
        assert found == 0 or distributions.binomial_at_most(found - 1, of, share) < chance

    @given(chance=chances, of=sizes, share=shares)
    def test_chances_agree_with_scipy(self, chance: float, of: int, share: float) -> None:
        count = int(chance * of)

        assert distributions.binomial_at_most(count, of, share) == pytest.approx(
            stats.binom.cdf(count, of, share), rel=1e-7, abs=1e-12
        )


class TestPoisson:
    def test_of_one_expected_by_hand(self) -> None:
        assert distributions.poisson_at_most(0, 1) == pytest.approx(exp(-1))
        assert distributions.poisson_at_least(2, 1) == pytest.approx(1 - 2 * exp(-1))
        assert (distributions.poisson_at_most(-1, 1), distributions.poisson_at_least(0, 1)) == (0, 1)

    @given(count=st.integers(0, 500), mean=st.floats(min_value=0.01, max_value=500))
    def test_agrees_with_scipy(self, count: int, mean: float) -> None:
        assert distributions.poisson_at_most(count, mean) == pytest.approx(
            stats.poisson.cdf(count, mean), rel=1e-7, abs=1e-11
        )


class TestQuantiles:
    @given(chance=chances, freedom=st.floats(min_value=1, max_value=500))
    def test_of_student_agree_with_scipy(self, chance: float, freedom: float) -> None:
        assert distributions.student_quantile(chance, freedom) == pytest.approx(
            stats.t.ppf(chance, freedom), rel=1e-6, abs=1e-6
        )

    @given(chance=chances, freedom=st.floats(min_value=0.5, max_value=500))
    def test_of_chi_square_agree_with_scipy(self, chance: float, freedom: float) -> None:
        assert distributions.chi_square_quantile(chance, freedom) == pytest.approx(
            stats.chi2.ppf(chance, freedom), rel=1e-6, abs=1e-9
        )

    def test_are_those_of_the_printed_tables(self) -> None:
        assert distributions.two_sided(0.95) == pytest.approx(1.959964, abs=1e-6)
        assert distributions.student_quantile(0.975, 10) == pytest.approx(2.228139, abs=1e-6)
        assert distributions.chi_square_quantile(0.95, 1) == pytest.approx(3.841459, abs=1e-6)
        assert distributions.chi_square_beyond(3.841459, 1) == pytest.approx(0.05, abs=1e-6)
