"""False-discovery control against statsmodels, by hand, and by how often it cries wolf."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from analytics.statistics.discovery import adjusted, discoveries

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=80)


class TestAdjusted:
    def test_is_the_published_example(self) -> None:
        # Benjamini and Hochberg 1995, section 3.2: of fifteen tests four are reported at 0.05.
        published = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262]
        published += [0.5719, 0.6528, 0.7590, 1.0]

        assert discoveries(published) == [True] * 4 + [False] * 11

    @given(p_values)
    def test_agrees_with_statsmodels(self, values: list[float]) -> None:
        reported, expected, *_ = multipletests(values, alpha=0.05, method="fdr_bh")

        assert adjusted(values) == pytest.approx(list(expected))
        assert discoveries(values) == list(reported)

    @given(p_values)
    def test_never_lies_below_the_p_value_and_keeps_the_order(self, values: list[float]) -> None:
        found = adjusted(values)

        assert all(
            after >= before or after == pytest.approx(before) for before, after in zip(values, found, strict=True)
        )
        order = sorted(range(len(values)), key=values.__getitem__)
        assert [found[place] for place in order] == sorted(found)

    def test_of_nothing_is_nothing(self) -> None:
        assert adjusted([]) == []

    def test_reports_anything_in_at_most_one_quiet_look_of_twenty(self) -> None:
        chance, times = Random(2), 600  # noqa: S311 - the same draws every time
        alarms = sum(any(discoveries([chance.random() for _ in range(50)])) for _ in range(times))

        assert stats.binom.cdf(alarms - 1, times, 0.05) < 0.999
