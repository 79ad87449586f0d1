"""What people type: a card number in it is refused before it is stored anywhere."""

from __future__ import annotations

import re
import unicodedata

from config.kernel.refusals import Refused
from config.kernel.wording import said

SHORTEST = 13
LONGEST = 19

_RUN = re.compile(r"\d(?:[\s.\-]{0,2}\d)+")
_GROUP = re.compile(r"\d+")
_DASHES_AND_SPACES = {"Pd": "-", "Zs": " ", "Cf": ""}

_ISSUED = re.compile(
    r"""
      4(?:\d{12}|\d{15}|\d{18})                                                             # Visa
    | (?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}                    # Mastercard
    | 3[47]\d{13}                                                                           # American Express
    | (?:30[0-5]\d|3095|3[689]\d{2})\d{10,15}                                               # Diners Club
    | (?:6011|64[4-9]\d|65\d{2})\d{12,15}                                                   # Discover
    | 35(?:2[89]|[3-8]\d)\d{12,15}                                                          # JCB
    | 62\d{14,17}                                                                           # UnionPay
    | (?:5018|5020|5038|5893|6304|6759|676[1-3])\d{9,15}                                    # Maestro
    | 220[0-4]\d{12,15}                                                                     # Mir
    """,
    re.VERBOSE,
)
"""Issuer ranges with their lengths: an order or tracking number that passes Luhn by chance starts otherwise."""


def refuse_card_number(text: str, *, field: str = "note") -> None:
    """Refuse a text with a payment card number in it, however its digits are spaced.

    PCI DSS 3.5.1: what must be unreadable where it is stored is best never stored.

    :raises Refused: `card_number_in_text` on `field`
    """
    if holds_card_number(text):
        raise Refused(
            "card_number_in_text",
            said("This text holds a card number. Take it out; the last four digits are enough."),
            field=field,
        )


def holds_card_number(text: str) -> bool:
    """Tell whether some run of digits, taken at its gaps, is a number a card could have."""
    return any(_is_issued(candidate) for run in _RUN.finditer(_plain(text)) for candidate in _candidates(run.group()))


def _plain(text: str) -> str:
    """Bring foreign digits, odd spaces and odd dashes to their plain form; drop what is invisible."""
    return "".join(_plain_letter(letter) for letter in unicodedata.normalize("NFKC", text))


def _plain_letter(letter: str) -> str:
    category = unicodedata.category(letter)
    return str(unicodedata.digit(letter)) if category == "Nd" else _DASHES_AND_SPACES.get(category, letter)


def _candidates(run: str) -> list[str]:
    """Join neighbouring groups of digits into every number of a card's length.

    A run may begin with a telephone number or end with an expiry date, so each gap may be a card's edge.
    """
    groups = _GROUP.findall(run)
    edges = [0]
    for group in groups:
        edges.append(edges[-1] + len(group))
    digits = "".join(groups)
    return [
        digits[start:end]
        for place, start in enumerate(edges)
        for end in edges[place + 1 : place + 1 + LONGEST]
        if SHORTEST <= end - start <= LONGEST
    ]


def _is_issued(digits: str) -> bool:
    return _ISSUED.fullmatch(digits) is not None and _passes_luhn(digits)


def _passes_luhn(digits: str) -> bool:
    total = sum(int(digit) for digit in digits[-1::-2])
    total += sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return total % 10 == 0
