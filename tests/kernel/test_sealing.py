"""What is sealed is opened whole, by its own keys, for its own purpose, or not at all."""

from __future__ import annotations

import base64

import pytest
from cryptography.fernet import InvalidToken

from config.kernel.sealing import box

OURS = box(["plum harbour lantern"], purpose="accounts of payees")
BLOCK = b"DE89370400440532"
"""As long as a block of AES."""


class TestABox:
    def test_opens_what_it_sealed(self) -> None:
        assert OURS.decrypt(OURS.encrypt(BLOCK)) == BLOCK

    def test_shows_neither_what_is_in_it_nor_that_it_repeats(self) -> None:
        one, other = (base64.urlsafe_b64decode(OURS.encrypt(BLOCK * 4)) for _ in range(2))
        # Version, time and a random start come before, the proof after what is sealed.
        blocks = [one[at : at + 16] for at in range(25, len(one) - 32, 16)]

        assert BLOCK not in one
        assert len(set(blocks)) == len(blocks) >= 4
        assert one[9:25] != other[9:25]
        assert one[25:] != other[25:]

    def test_opens_nothing_of_which_one_bit_was_changed(self) -> None:
        sealed = base64.urlsafe_b64decode(OURS.encrypt(BLOCK))
        for at in range(len(sealed)):
            changed = bytearray(sealed)
            changed[at] ^= 1
            with pytest.raises(InvalidToken):
                OURS.decrypt(base64.urlsafe_b64encode(bytes(changed)))

    @pytest.mark.parametrize(
        ("words", "purpose"),
        [(["plum harbour lantern"], "webhooks"), (["plum harbour lanterns"], "accounts of payees")],
    )
    def test_opens_nothing_of_another_key_or_purpose(self, words: list[str], purpose: str) -> None:
        with pytest.raises(InvalidToken):
            box(words, purpose=purpose).decrypt(OURS.encrypt(BLOCK))
