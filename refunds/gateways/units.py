"""Stripe's idea of the smallest unit, which is not always ISO's.

We count ISO 4217 minor units; Stripe counts its own. Source: docs.stripe.com/currencies. Both ways are exact integer
arithmetic: what cannot be said exactly is refused, never rounded.
"""

from __future__ import annotations

from moneyed import CURRENCIES

ZERO_DECIMAL = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"],
)
"""Sent in whole units. MGA has two decimals in ISO; UGX is on Stripe's list too, but the rule below beats it."""

WHOLE_UNITS_IN_HUNDREDTHS = frozenset({"ISK", "UGX"})
"""No decimals in ISO, two at Stripe, and these must be 00: 5 ISK is 500."""

THOUSANDTHS_IN_TENS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
"""Three decimals of which the last must be 0: 5.124 KWD is 5120 or 5130, never 5124."""

_TWO_DIGITS = 2
_THREE_DIGITS = 3


class UnsupportedAmount(ValueError):
    """An amount or a currency that cannot be said to Stripe exactly."""


def stripe_digits(currency: str) -> int:
    """Count the decimals that Stripe gives a currency.

    :raises UnsupportedAmount: for a currency that Stripe does not offer
    """
    if currency in ZERO_DECIMAL:
        return 0
    if currency in WHOLE_UNITS_IN_HUNDREDTHS:
        return _TWO_DIGITS
    if currency in THOUSANDTHS_IN_TENS:
        return _THREE_DIGITS
    if _iso_digits(currency) != _TWO_DIGITS:
        message = f"Stripe does not offer {currency}."
        raise UnsupportedAmount(message)
    return _TWO_DIGITS


def to_stripe_units(amount_minor: int, currency: str) -> int:
    """Say an amount of ISO minor units in Stripe's units.

    :raises UnsupportedAmount: when that is not exactly possible
    """
    amount = _rescaled(amount_minor, _iso_digits(currency), stripe_digits(currency), currency)
    _refuse_forbidden_digits(amount, currency)
    return amount


def from_stripe_units(amount: int, currency: str) -> int:
    """Read an amount of Stripe's units as ISO minor units.

    :raises UnsupportedAmount: when that is not exactly possible
    """
    _refuse_forbidden_digits(amount, currency)
    return _rescaled(amount, stripe_digits(currency), _iso_digits(currency), currency)


def _iso_digits(currency: str) -> int:
    # Not the kernel's `minor_digits`, which is the same table: the sandbox must not load `config` and with it Celery.
    known = CURRENCIES.get(currency)
    if known is None:
        message = f"{currency!r} is not an ISO 4217 currency."
        raise UnsupportedAmount(message)
    return len(str(known.sub_unit)) - 1


def _rescaled(amount: int, from_digits: int, to_digits: int, currency: str) -> int:
    scale: int = 10 ** abs(to_digits - from_digits)
    if to_digits >= from_digits:
        return amount * scale
    whole, rest = divmod(amount, scale)
    if rest:
        message = f"{amount} of {currency} has more decimals than the other side knows."
        raise UnsupportedAmount(message)
    return whole


def _refuse_forbidden_digits(amount: int, currency: str) -> None:
    if currency in THOUSANDTHS_IN_TENS and amount % 10:
        message = f"The last of the three decimals of {currency} must be 0."
        raise UnsupportedAmount(message)
    if currency in WHOLE_UNITS_IN_HUNDREDTHS and amount % 100:
        message = f"The two decimals of {currency} must be 00."
        raise UnsupportedAmount(message)
