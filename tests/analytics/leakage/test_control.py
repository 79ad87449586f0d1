"""Classes of time and amounts, by cases that can be worked out by hand."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.leakage.control import Amount, highest_unchanged
from analytics.leakage.steps import at_share, spelled


class TestTheHighestAmountNobodyChanged:
    def test_is_the_last_up_to_which_nearly_all_were_left_as_they_were(self) -> None:
        """60 cases up to 80.00 with one change are 98.3 %; with the 10 up to 90.00, of which 5 changed, 91 %."""
        amounts = [Amount(60_00, 40, 40, 3600), Amount(80_00, 20, 19, 7200), Amount(90_00, 10, 5, 0)]

        assert highest_unchanged(amounts) == Amount(80_00, 60, 59, 10_800)

    def test_is_none_of_too_few(self) -> None:
        assert highest_unchanged([Amount(60_00, 29, 29, 0)]) is None

    def test_is_none_where_people_change_things(self) -> None:
        assert highest_unchanged([Amount(60_00, 100, 97, 0)]) is None


class TestAtShare:
    @given(st.lists(st.integers(0, 50), min_size=1, max_size=40))
    def test_is_the_low_median(self, values: list[int]) -> None:
        classes = {value: values.count(value) for value in values}

        assert at_share(classes, 1, 2) == statistics.median_low(values)

    def test_of_nine_in_ten(self) -> None:
        assert at_share(dict.fromkeys(range(1, 11), 1), 9, 10) == 9


class TestSaid:
    @pytest.mark.parametrize(
        ("seconds", "words"), [(0, "0 s"), (59, "59 s"), (3600, "1 h"), (90_061, "1 d 1 h"), (150, "2 min 30 s")]
    )
    def test_names_the_two_largest_units(self, seconds: int, words: str) -> None:
        assert spelled(seconds) == words
