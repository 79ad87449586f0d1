"""What leaves the house of a text, and what does not."""

from __future__ import annotations

import pytest

from refunds.models import Customer
from refunds.proposing.redacting import redacted

ADA = Customer(name="Ada Lovelace", email="ada.lovelace+shop@example.com", external_id="C-1815")


class TestAText:
    @pytest.mark.parametrize(
        ("text", "left"),
        [
            ("Ada here, miss LOVELACE", "[name] here, [name]"),
            ("write to someone.else@mail.example.org please", "write to [e-mail] please"),
            ("call +44 (0)20 7946-0958 now", "call [number] now"),
            ("card 4111-1111-1111-1111 exp", "card [number] exp"),
            ("card ４１１１ １１１１ １１１１ １１１１", "card [number]"),  # noqa: RUF001 - full-width digits are meant
            ("DE89 3704 0044 0532 0130 00 please", "[account] please"),
            ("I live at 12b Old Mill Lane, SW1A 1AA", "I live at [address], [postcode]"),
            ("Ich wohne Hauptstraße 12a", "Ich wohne [address]"),
            ("see https://example.com/me?x=1", "see [link]"),
            ("my name is Grace Hopper and", "[name] and"),
            ("Dear Mrs Byron", "[name]"),
            ("my number is C-1815", "my number is [name]"),
        ],
    )
    def test_loses_who_somebody_is(self, text: str, left: str) -> None:
        assert redacted(text, ADA) == left

    def test_keeps_what_the_case_is_about(self) -> None:
        text = "The lamp came broken on 3 May, 2 of 4 pieces, and I want my money back."
        assert redacted(text, ADA) == text

    def test_is_treated_without_a_customer_too(self) -> None:
        assert redacted("a@b.example", None) == "[e-mail]"

    def test_of_any_length_takes_no_time_to_speak_of(self) -> None:
        assert redacted("1 a " * 20_000, None)
