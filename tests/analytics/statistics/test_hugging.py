"""Hugging a limit: by hand, and by how often smooth amounts are taken for it."""

from __future__ import annotations

from random import Random

import pytest
from scipy import stats

from analytics.statistics.hugging import hug, in_band, in_neighbourhood


class TestHug:
    def test_counts_the_band_with_its_limit_and_the_neighbourhood_by_hand(self) -> None:
        assert [in_band(amount, 100_00) for amount in (89_99, 90_00, 100_00, 100_01)] == [False, True, True, False]
        assert [in_neighbourhood(amount, 100_00) for amount in (69_99, 70_00, 120_00, 120_01)] == [
            False,
            True,
            True,
            False,
        ]

    def test_of_five_in_five_is_a_fifth_to_the_fifth(self) -> None:
        found = hug([95_00] * 5, [], 100_00)

        assert (found.count, found.of, found.expected_share) == pytest.approx((5, 5, 0.2))
        assert found.p_value == pytest.approx(0.2**5)

    def test_expects_what_prices_give_everybody(self) -> None:
        everybody = [99_99] * 60 + [80_00] * 40

        assert hug([99_99] * 6 + [80_00] * 4, everybody, 100_00).p_value > 0.3
        assert hug([99_99] * 6 + [80_00] * 4, [], 100_00).p_value < 0.01

    @pytest.mark.parametrize("fall", [0.0, 0.5, 2.0, 6.0])
    def test_takes_falling_amounts_for_it_no_more_often_than_it_says(self, fall: float) -> None:
        chance, times = Random(7), 300  # noqa: S311 - the same draws every time
        alarms = 0
        for _ in range(times):
            mine, others = (self.amounts(chance, fall, size) for size in (60, 300))
            alarms += hug(mine, others, 100_00).p_value <= 0.05

        assert stats.binom.cdf(alarms - 1, times, 0.05) < 0.999

    def amounts(self, chance: Random, fall: float, size: int) -> list[int]:
        if not fall:
            return [chance.randint(1_00, 300_00) for _ in range(size)]
        return [round(300_00 * chance.random() ** (1 + fall)) for _ in range(size)]

    def test_without_amounts_says_nothing(self) -> None:
        assert hug([], [], 100_00).p_value == 1
