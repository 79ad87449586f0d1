"""How many to look at: published tables, SciPy, and what must always hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import samplesize_confint_proportion

from analytics.statistics.sampling import chance_to_find, size_for_share, size_to_find


class TestSizeForShare:
    def test_is_the_well_known_385_of_very_many(self) -> None:
        assert size_for_share(10**9, margin=0.05) == 385
        assert size_for_share(1_000, margin=0.05) == 278
        assert (size_for_share(0, margin=0.05), size_for_share(3, margin=0.05)) == (0, 3)

    @given(st.floats(0.01, 0.2), st.floats(0.05, 0.95))
    def test_agrees_with_statsmodels(self, margin: float, share: float) -> None:
        expected = samplesize_confint_proportion(share, margin, alpha=0.05, method="normal")

        assert size_for_share(10**12, margin=margin, share=share) == pytest.approx(expected, abs=1.01)


class TestSizeToFind:
    def test_one_fault_among_ten_needs_all_ten_to_be_sure(self) -> None:
        assert size_to_find(10, faults=1, confidence=1.0) == 10
        assert chance_to_find(5, faults=1, whole=10) == pytest.approx(0.5)

    @given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 400))
    def test_chance_is_scipys_hypergeometric(self, whole: int, faults: int, size: int) -> None:
        faults, size = min(faults, whole), min(size, whole)

        expected = 1 - stats.hypergeom.pmf(0, whole, faults, size)
        assert chance_to_find(size, faults=faults, whole=whole) == pytest.approx(expected, abs=1e-8)

    @given(st.integers(1, 5_000), st.integers(1, 200))
    def test_is_the_smallest_that_is_enough(self, whole: int, faults: int) -> None:
        size = size_to_find(whole, faults=min(faults, whole))

        assert chance_to_find(size, faults=min(faults, whole), whole=whole) >= 0.95
        assert size == 1 or chance_to_find(size - 1, faults=min(faults, whole), whole=whole) < 0.95

    def test_without_faults_to_find_is_everything(self) -> None:
        assert size_to_find(50, faults=0) == 50
        assert chance_to_find(20, faults=0, whole=50) == 0
