"""Stripe units are exact both ways, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moneyed import CURRENCIES

from config.kernel.money import minor_digits
from refunds.gateways.units import UnsupportedAmount, from_stripe_units, stripe_digits, to_stripe_units


class TestToStripeUnits:
    """What we send."""

    @pytest.mark.parametrize(
        ("amount_minor", "currency", "said"),
        [
            (1999, "GBP", 1999),
            (500, "JPY", 500),
            (5, "ISK", 500),
            (5, "UGX", 500),
            (5120, "KWD", 5120),
            (500, "MGA", 5),
            (17500, "HUF", 17500),
            (80000, "TWD", 80000),
            (7, "KRW", 7),
        ],
    )
    def test_says_an_amount_as_stripe_counts_it(self, amount_minor: int, currency: str, said: int) -> None:
        assert to_stripe_units(amount_minor, currency) == said
        assert from_stripe_units(said, currency) == amount_minor

    @pytest.mark.parametrize(
        ("amount_minor", "currency"),
        [(5124, "KWD"), (501, "MGA"), (1, "IQD"), (1, "LYD"), (10_000, "CLF"), (1, "UYI"), (1, "XXX"), (1, "QQQ")],
    )
    def test_refuses_what_it_cannot_say_exactly(self, amount_minor: int, currency: str) -> None:
        with pytest.raises(UnsupportedAmount):
            to_stripe_units(amount_minor, currency)


class TestFromStripeUnits:
    """What we read."""

    @pytest.mark.parametrize(("amount", "currency"), [(550, "ISK"), (5, "UGX"), (5124, "KWD")])
    def test_refuses_digits_that_stripe_never_sends(self, amount: int, currency: str) -> None:
        with pytest.raises(UnsupportedAmount):
            from_stripe_units(amount, currency)


class TestRoundTrip:
    """There and back."""

    @given(amount=st.integers(-(10**12), 10**12), currency=st.sampled_from(sorted(CURRENCIES)))
    def test_is_exact_or_refused_for_every_currency(self, amount: int, currency: str) -> None:
        try:
            said = to_stripe_units(amount, currency)
        except UnsupportedAmount:
            return
        assert isinstance(said, int)
        assert from_stripe_units(said, currency) == amount
        assert said * 10 ** (4 - stripe_digits(currency)) * CURRENCIES[currency].sub_unit == amount * 10**4


class TestTable:
    """Both tables of decimals."""

    @pytest.mark.parametrize("currency", ["GBP", "JPY", "KWD", "ISK", "MGA", "UGX", "HUF"])
    def test_counts_our_side_as_the_kernel_does(self, currency: str) -> None:
        one_unit = 10 ** minor_digits(currency)

        assert to_stripe_units(one_unit, currency) == 10 ** stripe_digits(currency)
