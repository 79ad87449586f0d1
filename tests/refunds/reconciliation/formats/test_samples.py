"""The sample files say what was expected of them, and no digit of an amount can change unnoticed."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from refunds.reconciliation.formats.registry import BUILT_IN
from refunds.reconciliation.formats.stripe_api import PayoutByApi
from refunds.reconciliation.formats.stripe_csv import BalanceChange
from refunds.reconciliation.readers import choose
from refunds.reconciliation.report import BrokenReport
from refunds.vocabulary import ACCOUNTS
from tests.refunds.reconciliation.files import FORMATS, RUNNING, WHOLE
from tests.refunds.reconciliation.reports import sample

if TYPE_CHECKING:
    from collections.abc import Iterator

AMOUNT = re.compile(r"(?<![A-Za-z0-9_.:-])-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)[.][0-9]{2}(?![0-9:.])")
"""As files with a point print amounts."""

MT940, BAI2 = re.compile(r"[0-9]+,[0-9]{2}"), re.compile(r"(?<=,)[0-9]{4,}(?=,[Z,\n5/])")
PRINTED = {"bank_mt940.sta": MT940, "mt940": MT940, "bank_bai2.txt": BAI2, "bai2": BAI2}

UNBOUND = ",525.15,eur,"
"""What a customer paid in another currency: Stripe's report gives no rate, so nothing in the file depends on it."""

LOOSE = {"adyen": ",USD,", "paypal": ",Pending,"}
"""Lines that nothing binds: a payment in another currency is only warned of, and what is pending moved nothing."""

BOUND = [name for name in FORMATS if not name.endswith(".ofx")]
"""OFX tells only the balance at the end; test_continuity changes its digits beside the statement before it."""

ELSEWHERE = {BalanceChange.name, PayoutByApi.name}
"""Read by `test_stripe_csv`, and by `test_fetching` from the API."""


@pytest.fixture(scope="module")
def expected() -> dict[str, str]:
    """Read what the samples should say."""
    answers: dict[str, str] = json.loads(sample("expected.json"))
    return answers


def minor(amount: str) -> int:
    return int(Decimal(amount) * 100)


def bent_in_one_digit(text: str, amounts: re.Pattern[str]) -> Iterator[str]:
    """Change each digit of each amount by itself."""
    for found in amounts.finditer(text):
        if text[found.start() - 1 : found.end() + 5] == UNBOUND:
            continue
        for place in range(found.start(), found.end()):
            if text[place].isdecimal():
                yield text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]


class TestEveryFormat:
    def test_has_a_file_whose_digits_are_changed(self) -> None:
        with_a_file = {reader.name for reader in FORMATS.values()} | {reader.name for reader, _ in WHOLE.values()}

        assert {one.name for one in BUILT_IN} - ELSEWHERE == with_a_file

    def test_is_of_an_account_that_people_can_choose(self) -> None:
        assert {one.account for one in BUILT_IN} <= set(dict(ACCOUNTS))


class TestTheSamples:
    def test_of_stripe_add_up(self, expected: dict[str, str]) -> None:
        read = choose(sample("stripe_payout_reconciliation_itemized_5.csv")).format.read(
            sample("stripe_payout_reconciliation_itemized_5.csv")
        )

        assert read.net_minor == {"GBP": minor(expected["stripe_net"])}
        assert {line.payout_ref for line in read.lines} == {"po_1SampleGBP"}
        refunds = [(line.source_id, line.gross_minor) for line in read.lines if line.category.startswith("refund")]
        assert refunds == [("re_1", -19_99), ("re_2", -22_20), ("re_1", 19_99)]
        (abroad,) = [line for line in read.lines if line.customer_currency == "EUR"]
        assert (abroad.customer_minor, abroad.merchant_ref) == (525_15, "536370")

    def test_of_adyen_add_up(self, expected: dict[str, str]) -> None:
        read = FORMATS["adyen_settlement_detail_batch_118.csv"].read(sample("adyen_settlement_detail_batch_118.csv"))

        by_category = {line.category: line for line in read.lines}
        assert set(by_category) == {"charge", "refund", "dispute", "fee", "payout"}
        assert by_category["payout"].net_minor == -minor(expected["adyen_payout"])
        assert by_category["refund"].operation_ref == "op-3"
        assert {line.payout_ref for line in read.lines} == {"ShopEU/118"}

    def test_of_paypal_add_up(self, expected: dict[str, str]) -> None:
        read = FORMATS["paypal_activity.csv"].read(sample("paypal_activity.csv"))

        assert [line.category for line in read.lines] == ["charge", "refund", "charge", "payout"]
        assert read.lines[-1].net_minor == -minor(expected["paypal_withdrawal"])
        assert [line.merchant_ref for line in read.lines] == ["ORDER-9", "ORDER-9", "ORDER-10", ""]

    @pytest.mark.parametrize("name", [name for name in FORMATS if name.startswith("bank")])
    def test_of_the_bank_are_one_statement(self, name: str, expected: dict[str, str]) -> None:
        read = FORMATS[name].read(sample(name))

        assert sum(line.net_minor for line in read.lines) == minor(expected["bank_close"]) - minor(
            expected["bank_open"]
        )
        (payout,) = [line for line in read.lines if line.payout_ref]
        assert (payout.payout_ref, payout.category) == ("po_1SampleGBP", "payout")
        assert payout.net_minor == minor(expected["stripe_net"])
        assert [line.net_minor for line in read.lines if not line.payout_ref] == [-35_50, -12_00]

    @pytest.mark.parametrize("name", list(FORMATS))
    def test_are_recognised(self, name: str) -> None:
        assert choose(sample(name)).format.name == FORMATS[name].name

    @pytest.mark.parametrize("name", BOUND)
    def test_are_refused_with_any_digit_of_an_amount_changed(self, name: str) -> None:
        bent = list(bent_in_one_digit(sample(name).decode(), PRINTED.get(name, AMOUNT)))

        assert len(bent) > 20
        for wrong in bent:
            with pytest.raises(BrokenReport):
                FORMATS[name].read(wrong.encode())


class TestAWholeFile:
    @pytest.mark.parametrize("kind", list(WHOLE))
    def test_is_believed(self, kind: str) -> None:
        reader, text = WHOLE[kind]

        assert choose(text.encode()).format.name == reader.name
        assert reader.read(text.encode()).lines

    @pytest.mark.parametrize("kind", list(WHOLE))
    def test_that_is_cut_off_is_refused(self, kind: str) -> None:
        reader, text = WHOLE[kind]
        lines = text.rstrip("\n").splitlines(keepends=True)

        short = "".join(lines[:-2]) if len(lines) > 2 else text[: len(text) // 2]
        if kind in RUNNING:
            short = "".join(lines[:-2] + lines[-1:])
        with pytest.raises(BrokenReport):
            reader.read(short.encode())

    @pytest.mark.parametrize("kind", [kind for kind in WHOLE if kind != "ofx"])
    def test_is_refused_with_any_digit_of_an_amount_changed(self, kind: str) -> None:
        reader, text = WHOLE[kind]
        bent = list(bent_in_one_digit(text, PRINTED.get(kind, AMOUNT)))

        assert len(bent) > 5
        for wrong in bent:
            changed = next(line for line in wrong.splitlines() if line not in text)
            if kind in LOOSE and LOOSE[kind] in changed:
                continue
            with pytest.raises(BrokenReport):
                reader.read(wrong.encode())

    @pytest.mark.parametrize("kind", ["adyen", "paypal"])
    def test_of_windows_is_refused_clearly(self, kind: str) -> None:
        reader, text = WHOLE[kind]

        with pytest.raises(BrokenReport, match="Windows-1252"):
            reader.read(text.replace("Shop", "Müller").replace(",A,", ",Müller,").encode("cp1252"))

    @pytest.mark.parametrize("kind", ["adyen", "paypal"])
    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
    def test_is_read_with_a_byte_order_mark(self, kind: str, encoding: str) -> None:
        reader, text = WHOLE[kind]

        assert reader.read(text.encode(encoding)).lines == reader.read(text.encode()).lines
        assert choose(text.encode(encoding)).format.name == reader.name

    @pytest.mark.parametrize("kind", ["mt940", "bai2", "ofx"])
    def test_of_a_bank_may_be_windows_and_says_so(self, kind: str) -> None:
        reader, text = WHOLE[kind]

        read = reader.read(text.replace("CHARGES", "GEBÜHREN").encode("cp1252"))

        assert "Windows-1252" in read.warnings[0]
        assert "GEBÜHREN" in read.lines[-1].text
