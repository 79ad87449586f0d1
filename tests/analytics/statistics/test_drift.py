"""The stability index by hand, against SciPy's chi-square, and by how often chance alone crosses its limit."""

from __future__ import annotations

from math import log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analytics.statistics.drift import merged, stability

counts = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=12).filter(
    lambda bins: all(sum(side) > 0 for side in zip(*bins, strict=True))
)


def drawn(chance: Random, shares: list[float], size: int) -> list[int]:
    found = chance.choices(range(len(shares)), shares, k=size)
    return [found.count(place) for place in range(len(shares))]


class TestStability:
    def test_of_two_bins_by_hand(self) -> None:
        # With half a case added: 50.5/101 against 90.5/101 and the other way round.
        p, q = 50.5 / 101, 90.5 / 101
        expected = (p - q) * log(p / q) + ((1 - p) - (1 - q)) * log((1 - p) / (1 - q))

        found = stability([50, 50], [90, 10])

        assert found.index == pytest.approx(expected)
        assert found.by_chance == pytest.approx(1 / 100 + 1 / 100)
        assert found.limit == pytest.approx(3.841459 * 0.02, rel=1e-5)

    @given(counts)
    def test_agrees_with_scipy(self, bins: list[tuple[int, int]]) -> None:
        before, after = (list(side) for side in zip(*bins, strict=True))
        found = stability(before, after)

        p = [(count + 0.5) / (sum(before) + len(bins) / 2) for count in before]
        q = [(count + 0.5) / (sum(after) + len(bins) / 2) for count in after]
        # The index is the symmetrised Kullback-Leibler divergence.
        assert found.index == pytest.approx(stats.entropy(p, q) + stats.entropy(q, p), abs=1e-9)
        size = 1 / sum(before) + 1 / sum(after)
        assert found.p_value == pytest.approx(stats.chi2.sf(found.index / size, len(bins) - 1), abs=1e-9)
        assert found.limit == pytest.approx(stats.chi2.ppf(0.95, len(bins) - 1) * size, rel=1e-6)

    @given(counts)
    def test_is_never_negative_and_turns_round(self, bins: list[tuple[int, int]]) -> None:
        before, after = (list(side) for side in zip(*bins, strict=True))

        assert stability(before, after).index >= 0
        assert stability(before, after).index == pytest.approx(stability(after, before).index)
        assert sum(stability(before, after).parts) == pytest.approx(stability(before, after).index)

    def test_of_samples_of_one_mix_crosses_its_limit_about_once_in_twenty(self) -> None:
        chance, times = Random(3), 400  # noqa: S311 - the same draws every time
        shares = [0.4, 0.3, 0.15, 0.1, 0.05]
        found = [stability(drawn(chance, shares, 600), drawn(chance, shares, 200)) for _ in range(times)]

        alarms = sum(one.index > one.limit for one in found)
        assert stats.binom.cdf(alarms - 1, times, 0.05) < 0.999
        mean = sum(one.index for one in found) / times
        assert mean == pytest.approx(found[0].by_chance, rel=0.15)

    def test_would_cry_wolf_by_the_usual_reading_in_a_small_sample(self) -> None:
        chance = Random(3)  # noqa: S311 - the same draws every time
        shares = [0.1] * 10
        found = [stability(drawn(chance, shares, 60), drawn(chance, shares, 60)) for _ in range(100)]

        assert sum(one.index > 0.25 for one in found) > 40
        assert sum(one.p_value < 0.05 for one in found) <= 12

    def test_of_nothing_says_nothing(self) -> None:
        assert stability([], []).p_value == 1
        assert stability([5, 5], [0, 0]).index == 0


class TestMerged:
    def test_puts_small_bins_together(self) -> None:
        names, before, after = merged({"a": 100, "b": 90, "c": 2}, {"a": 100, "b": 110, "d": 1}, "rest")

        assert (names, before, after) == (["a", "b", "rest"], [100, 90, 2], [100, 110, 1])

    def test_loses_nothing(self) -> None:
        _, before, after = merged({"a": 1, "b": 2}, {"a": 3}, "rest")

        assert (sum(before), sum(after)) == (3, 3)
