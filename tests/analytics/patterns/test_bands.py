"""Bands of amounts, and their words."""

from __future__ import annotations

import pytest

from analytics.patterns.bands import band_in_words, band_of


class TestBands:
    @pytest.mark.parametrize(
        ("minor", "words"),
        [(0, "nothing"), (1, "£0.01 to £0.03"), (40_95, "£10.24 to £40.95"), (40_96, "£40.96 to £163.83")],
    )
    def test_are_said_by_their_ends(self, minor: int, words: str) -> None:
        assert band_in_words(minor, "GBP") == words

    def test_end_where_the_next_begins(self) -> None:
        assert [band_of(4**band - 1) + 1 for band in range(1, 15)] == [band_of(4**band) for band in range(1, 15)]
