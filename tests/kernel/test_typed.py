"""Amounts as people type them, in each language."""

from __future__ import annotations

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from config.kernel.money import LARGEST_MINOR, Money
from config.kernel.templatetags.redress import money
from config.kernel.typed import plain_number, read_amount, typed_amount
from config.kernel.wording import told, why_no_amount

LANGUAGES = ("en-gb", "de", "fr", "qps")
CURRENCIES = ("GBP", "EUR", "USD", "JPY", "KWD")
MINOR = st.integers(min_value=-LARGEST_MINOR + 1, max_value=LARGEST_MINOR - 1)


def refusal(text: str, currency: str) -> str:
    """Say what a reader hears of an amount that cannot be read."""
    with pytest.raises(ValueError, match=r"amount|decimals") as refused:
        read_amount(text, currency)
    return told(why_no_amount(refused.value))


class TestWhatAPageShows:
    @given(minor=MINOR, currency=st.sampled_from(CURRENCIES), language=st.sampled_from(LANGUAGES))
    def test_is_read_as_the_same_amount_in_the_same_language(self, minor: int, currency: str, language: str) -> None:
        amount = Money(minor, currency)

        with translation.override(language):
            assert read_amount(money(amount), currency) == minor

    @given(minor=MINOR, currency=st.sampled_from(CURRENCIES), language=st.sampled_from(LANGUAGES))
    def test_is_read_as_the_same_amount_where_a_field_was_filled(
        self, minor: int, currency: str, language: str
    ) -> None:
        with translation.override(language):
            assert read_amount(typed_amount(Money(minor, currency)), currency) == minor

    @given(minor=MINOR, currency=st.sampled_from(("GBP", "EUR", "JPY")), language=st.sampled_from(LANGUAGES))
    def test_is_read_plainly_in_every_language(self, minor: int, currency: str, language: str) -> None:
        with translation.override(language):
            assert read_amount(f"{Money(minor, currency).major:f}", currency) == minor


class TestReadAmount:
    @pytest.mark.parametrize(
        ("language", "typed", "minor"),
        [
            ("en-gb", "1,234.56", 1_234_56),
            ("en-gb", "£1,234.56", 1_234_56),
            ("en-gb", "1 234.56", 1_234_56),
            ("de", "1.234,56", 1_234_56),
            ("de", "1234,5", 1_234_50),
            ("de", "1.234", 1_234_00),
            ("de", "12.50", 12_50),
            ("de", "1.234,56 £", 1_234_56),
            ("fr", "1 234,56", 1_234_56),
            ("fr", "1\u202f234,56", 1_234_56),
            ("fr", "-9,00 GBP", -9_00),
            ("fr", "\N{MINUS SIGN}9,00", -9_00),
        ],
    )
    def test_takes_the_marks_of_the_language(self, language: str, typed: str, minor: int) -> None:
        with translation.override(language):
            assert read_amount(typed, "GBP") == minor

    @pytest.mark.parametrize(
        ("language", "typed", "sentence"),
        [
            ("en-gb", "12,50", "Enter an amount such as 12.50."),
            ("en-gb", "1.234,56", "Enter an amount such as 12.50."),
            ("de", "1,234.56", "Geben Sie einen Betrag wie 12,50 ein."),
            ("de", "12 50", "Geben Sie einen Betrag wie 12,50 ein."),
            ("de", "1,234", "GBP hat 2 Nachkommastellen."),
            ("fr", "1.234,56", "Saisissez un montant comme 12,50."),
            ("fr", "1.234", "GBP a 2 décimales."),
        ],
    )
    def test_refuses_the_marks_of_another(self, language: str, typed: str, sentence: str) -> None:
        with translation.override(language):
            assert refusal(typed, "GBP") == sentence

    def test_refuses_what_could_be_two_amounts(self) -> None:
        with translation.override("de"):
            sentence = refusal("1.234", "KWD")

            assert sentence.startswith("„1.234“ könnte 1.234,000\N{NO-BREAK SPACE}KWD oder 1,234\N{NO-BREAK SPACE}KWD")
            assert (read_amount("1.234,000", "KWD"), read_amount("1,234", "KWD")) == (1_234_000, 1_234)


class TestAPlainNumber:
    @pytest.mark.parametrize(
        ("language", "typed", "plain"),
        [("en-gb", "12.5", "12.5"), ("de", "12,5", "12.5"), ("fr", "12,5", "12.5"), ("de", "12.5", "12.5")],
    )
    def test_has_a_point(self, language: str, typed: str, plain: str) -> None:
        with translation.override(language):
            assert plain_number(typed) == plain
