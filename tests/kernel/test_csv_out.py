"""Cells that a spreadsheet shows instead of running."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kernel.csv_out import csv_lines, looks_like_formula, safe_cell


class TestSafeCell:
    """One cell."""

    @pytest.mark.parametrize(
        "text",
        [
            "=1+1",
            "+1",
            "-1+cmd",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\0=1",
            "  =1",
            "\uff1d1",
            "\uff0b1",
            "\uff0d1",
            "\uff201",
        ],
    )
    def test_is_never_a_formula(self, text: str) -> None:
        assert looks_like_formula(text)
        assert safe_cell(text).startswith("'")

    @pytest.mark.parametrize(("value", "printed"), [(-5, "-5"), (Decimal("-12.30"), "-12.30"), (0, "0"), (None, "")])
    def test_keeps_numbers_as_numbers(self, value: int | Decimal | None, printed: str) -> None:
        assert safe_cell(value) == printed

    @pytest.mark.parametrize("text", ["Late delivery", "RR-7F3K", "a=b", "1.5", ""])
    def test_leaves_plain_text_alone(self, text: str) -> None:
        assert safe_cell(text) == text

    @given(st.text())
    def test_starts_harmlessly_whatever_it_holds(self, text: str) -> None:
        cell = safe_cell(text)

        assert "\0" not in cell
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20"))


class TestCsvLines:
    """A whole file."""

    def test_can_be_read_back(self) -> None:
        rows = [('Zoë, "quoted"\nnext', -5, Decimal("1.50")), ("=1", 0, None)]

        text = "".join(csv_lines(["Name", "Count", "Amount"], rows))

        assert text.startswith("\ufeff")
        assert list(csv.reader(io.StringIO(text[1:], newline=""))) == [
            ["Name", "Count", "Amount"],
            ['Zoë, "quoted"\nnext', "-5", "1.50"],
            ["'=1", "0", ""],
        ]
