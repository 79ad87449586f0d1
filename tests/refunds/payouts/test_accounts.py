"""An account is checked when it is entered, and opens with the key that sealed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.kernel.refusals import Refused
from refunds.payouts.accounts import UnreadableAccount, checked_holder, checked_iban, masked, open_sealed, seal

from .stage import IBAN

if TYPE_CHECKING:
    from pytest_django import Settings


class TestAnIban:
    @pytest.mark.parametrize(
        "good",
        [
            "DE89 3704 0044 0532 0130 00",
            "gb29nwbk60161331926819",
            "NO93-8601-1117-947",
            "BR1800360305000010009795493C1",
        ],
    )
    def test_is_read_in_any_spacing(self, good: str) -> None:
        assert checked_iban(good).isalnum()

    @pytest.mark.parametrize(
        "bad",
        [
            "",
            "DE89 3704 0044 0532 0130 01",
            "DE98 3704 0044 0532 0130 00",
            "DE89 3704 0044 0532 0130 0",
            "GB29 NWBK 6016 1331 9268 1",
            "4242 4242 4242 4242",
            "DE89 3704 0044 0532 0130 00; DROP",
            "\uff24\uff25893704 0044 0532 0130 00",
        ],
    )
    def test_with_a_wrong_form_length_or_checksum_is_refused(self, bad: str) -> None:
        with pytest.raises(Refused) as no:
            checked_iban(bad)

        assert no.value.code == "invalid_iban"

    def test_with_one_digit_changed_is_always_refused(self) -> None:
        right = IBAN.replace(" ", "")
        for place in range(2, len(right)):
            for digit in set("0123456789") - {right[place]}:
                with pytest.raises(Refused):
                    checked_iban(right[:place] + digit + right[place + 1 :])


class TestAHolder:
    @pytest.mark.parametrize("bad", ["", "A", "A" * 71, "Ada <b>", "Ada; DROP", "Ada\u202eLovelace"])
    def test_is_a_name_that_banks_can_carry(self, bad: str) -> None:
        assert checked_holder("  J\u00f6rg   O'Neill-M\u00fcller ") == "J\u00f6rg O'Neill-M\u00fcller"
        with pytest.raises(Refused):
            checked_holder(bad)


class TestASealedAccount:
    def test_opens_with_any_key_in_force_and_with_no_other(self, settings: Settings) -> None:
        settings.PAYEE_KEYS = ["first"]
        kept = seal("DE89370400440532013000")
        assert "DE89" not in kept
        settings.PAYEE_KEYS = ["second", "first"]
        assert open_sealed(kept) == "DE89370400440532013000"
        settings.PAYEE_KEYS = ["second"]
        with pytest.raises(UnreadableAccount):
            open_sealed(kept)

    def test_is_shown_by_its_last_characters(self) -> None:
        assert (masked("DE89370400440532013000"), masked("")) == ("DE\u2022\u2022 \u2022\u2022\u2022\u2022 3000", "")
