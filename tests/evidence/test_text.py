"""Card numbers in a text: found however they are spaced; everything else passes."""

from __future__ import annotations

import time

import pytest

from config.kernel.refusals import Refused
from evidence.text import holds_card_number, refuse_card_number

CARDS = {
    "Visa": "4111111111111111",
    "Visa of 13 digits": "4222222222222",
    "Visa of 19 digits": "4000000000000000006",
    "Mastercard": "5555555555554444",
    "Mastercard, second range": "2223003122003222",
    "American Express": "378282246310005",
    "Diners Club": "30569309025904",
    "Diners Club, 36": "36227206271667",
    "Discover": "6011111111111117",
    "JCB": "3566002020360505",
    "UnionPay": "6200000000000005",
    "Maestro": "6759649826438453",
    "spaced": "4111 1111 1111 1111",
    "spaced as American Express prints it": "3782 822463 10005",
    "dashed": "4111-1111-1111-1111",
    "dotted": "4111.1111.1111.1111",
    "digit by digit": "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    "with a dash between spaces": "4111 -1111 -1111 -1111",
    "over two lines": "4111 1111\n1111 1111",
    "in a sentence": "Customer says his card 4111111111111111 was charged twice.",
    "glued to letters": "card:4111111111111111x",
    "before an expiry date": "4111 1111 1111 1111 12/27 123",
    "after a telephone number": "call 0207 946 0958 4111 1111 1111 1111",
    "after an order number": "536365 4111111111111111",
    "in full-width digits": "\uff14" + "\uff11" * 15,
    "in Arabic digits": "\u0664" + "\u0661" * 15,
    "with hard spaces": "4111\u00a01111\u00a01111\u00a01111",
    "with long dashes": "4111\u20131111\u20141111\u20111111",
    "with invisible gaps": "4111\u200b1111\u200b1111\u200b1111",
}

NO_CARDS = {
    "nothing": "",
    "words": "The box was dented and the lamp broken.",
    "last four digits": "card ending 1111",
    "masked": "4111 11** **** 1111",
    "one digit off": "4111111111111112",
    "two digits swapped": "4111111111111111"[:-2] + "21",
    "12 digits": "411111111111",
    "inside a longer number": "94111111111111111" + "00000",
    "order number": "536365",
    "stock codes": "85123A 71053 84406B 84029G 84029E 22752 21730",
    "telephone": "+44 20 7946 0958",
    "telephone with country code": "0049 30 901820 4711",
    "IBAN": "GB29 NWBK 6016 1331 9268 19",
    "IBAN of digits": "DE89370400440532013000",
    "EAN passes Luhn by chance but no issuer has it": "9780201379624",
    "Luhn-valid tracking number no issuer has": "1234567812345670",
    "timestamps": "2026-03-02 12:00:00 2026-03-02 12:30:00",
    "amounts": "12.50 100.00 77,183.60 4.25",
    "UUID": "01a1fb8d-9b4a-74ef-b7b1-07dcc9f8cbce",
}


class TestRefuseCardNumber:
    """What `refuse_card_number` refuses."""

    @pytest.mark.parametrize("text", CARDS.values(), ids=CARDS.keys())
    def test_refuses_a_card_number(self, text: str) -> None:
        with pytest.raises(Refused) as refused:
            refuse_card_number(text, field="question")

        assert (refused.value.code, refused.value.reasons[0].field) == ("card_number_in_text", "question")
        assert not any(digit in refused.value.detail for digit in "0123456789")

    @pytest.mark.parametrize("text", NO_CARDS.values(), ids=NO_CARDS.keys())
    def test_lets_everything_else_pass(self, text: str) -> None:
        refuse_card_number(text)

    def test_rarely_takes_a_running_number_for_a_card(self) -> None:
        numbers = [f"20260302{number:08d}" for number in range(10_000)]

        assert not any(holds_card_number(number) for number in numbers)

    def test_answers_soon_however_long_the_text(self) -> None:
        began = time.perf_counter()

        assert not holds_card_number("1 " * 50_000)
        assert not holds_card_number("7" * 100_000)

        assert time.perf_counter() - began < 5
