"""The sandbox's objects have the keys that Stripe's have."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import stripe

from refunds.gateways.sandbox.movements import movements
from refunds.gateways.sandbox.outgoing_shapes import outgoing_shape
from refunds.gateways.sandbox.records import FraudWarning, Outgoing
from refunds.gateways.sandbox.shapes import (
    charge_shape,
    dispute_shape,
    event_shape,
    intent_shape,
    is_actionable,
    movement_shape,
    refund_shape,
    source_shape,
    warning_shape,
)
from tests.refunds.gateways.sandbox.world import NOW, small_world
from tests.refunds.gateways.stage import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from refunds.gateways.sandbox.books import Books

FIXTURES = PROJECT.parent / "shared/data/stripe/fixtures3-2026-08-21.json.gz"

ONLY_SOMETIMES = {
    "refund": {"failure_reason", "failure_balance_transaction", "pending_reason"},
    "charge": {"level3", "refunds", "transfer"},
    "payment_intent": {
        "allowed_payment_method_types",
        "hooks",
        "payment_details",
        "payment_record",
        "presentment_details",
    },
    "dispute": {"intended_submission_method", "network_reason_code"},
    "radar.early_fraud_warning": set[str](),
    "payout": set[str](),
    "transfer": set[str](),
    "transfer_reversal": set[str](),
    "application_fee": set[str](),
    "fee_refund": set[str](),
    "customer_balance_transaction": set[str](),
    "event": {"account", "context"},
    "balance_transaction": set[str](),
}
"""Keys that Stripe sends only in some states or when expanded."""

TYPES: dict[str, type[stripe.StripeObject]] = {
    "refund": stripe.Refund,
    "charge": stripe.Charge,
    "payment_intent": stripe.PaymentIntent,
    "dispute": stripe.Dispute,
    "radar.early_fraud_warning": stripe.radar.EarlyFraudWarning,
    "payout": stripe.Payout,
    "transfer": stripe.Transfer,
    "transfer_reversal": stripe.TransferReversal,
    "application_fee": stripe.ApplicationFee,
    "fee_refund": stripe.ApplicationFeeRefund,
    "customer_balance_transaction": stripe.CustomerBalanceTransaction,
    "event": stripe.Event,
    "balance_transaction": stripe.BalanceTransaction,
}


def _outgoings(books: Books) -> list[dict[str, Any]]:
    """Move money once in every way besides refunds."""
    rows = [
        Outgoing("po_1", "payout", 100, "gbp", NOW, status="paid"),
        Outgoing("tr_1", "transfer", 100, "gbp", NOW, destination="acct_1"),
        Outgoing("trr_1", "reversal", 40, "gbp", NOW, about="tr_1"),
        Outgoing("fee_1", "fee", 100, "gbp", NOW, destination="acct_1"),
        Outgoing("fr_1", "fee_refund", 40, "gbp", NOW, about="fee_1"),
        Outgoing("cbtxn_1", "credit", -40, "gbp", NOW, about="cus_1"),
    ]
    books.write(*rows)
    return [outgoing_shape(row, books) for row in rows]


@pytest.fixture
def shapes(tmp_path: Path) -> dict[str, dict[str, Any]]:
    """One object of each kind out of small books."""
    books = small_world(tmp_path)
    [payment] = books.payments.values()
    [refund] = books.refunds.values()
    [dispute] = books.disputes.values()
    return {
        "refund": refund_shape(refund, payment),
        "charge": charge_shape(payment, books.refunded(payment), dispute),
        "payment_intent": intent_shape(payment),
        "dispute": dispute_shape(dispute, payment),
        "radar.early_fraud_warning": warning_shape(
            FraudWarning("issfr_1", payment.id, NOW), payment, is_actionable=is_actionable(payment, books)
        ),
        **{shape["object"]: shape for shape in _outgoings(books)},
        "event": event_shape(next(iter(books.events.values())), books),
        "balance_transaction": movement_shape(movements(books)[0]),
    }


class TestShapes:
    """One object of each kind, held against the SDK and Stripe's fixtures."""

    @pytest.mark.parametrize("kind", TYPES)
    def test_have_every_key_of_the_sdks_type(self, shapes: dict[str, dict[str, Any]], kind: str) -> None:
        known = {name for name in TYPES[kind].__annotations__ if name.islower() and not name.startswith("_")}

        assert known - ONLY_SOMETIMES[kind] <= shapes[kind].keys()

    @pytest.mark.parametrize("kind", TYPES)
    def test_have_every_key_of_stripes_fixture(self, shapes: dict[str, dict[str, Any]], kind: str) -> None:
        if not FIXTURES.exists():
            pytest.skip("Stripe's fixtures in ../shared/data are absent")

        fixture = json.loads(gzip.decompress(FIXTURES.read_bytes()))["resources"][kind]

        assert fixture.keys() - ONLY_SOMETIMES[kind] <= shapes[kind].keys()

    @pytest.mark.parametrize("kind", TYPES)
    def test_have_no_key_that_stripe_does_not_know(self, shapes: dict[str, dict[str, Any]], kind: str) -> None:
        also_known = {"deleted", "source"}

        assert shapes[kind].keys() <= TYPES[kind].__annotations__.keys() | also_known

    def test_say_of_an_automatic_payout_that_it_is_reconciled(self, tmp_path: Path) -> None:
        books = small_world(tmp_path)
        payout = Outgoing("po_2", "payout", 100, "gbp", NOW, status="paid", is_automatic=True, until=NOW + 9)

        before = outgoing_shape(payout, books)
        after = outgoing_shape(replace(payout, is_reconciled=True), books)

        assert before["automatic"] is True
        assert (before["reconciliation_status"], after["reconciliation_status"]) == ("in_progress", "completed")

    def test_expand_what_moved_the_balance(self, tmp_path: Path) -> None:
        books = small_world(tmp_path)
        books.write(Outgoing("po_2", "payout", 100, "gbp", NOW, status="failed", is_automatic=True, until=NOW + 9))

        kinds = {one.category: source_shape(one, books)["object"] for one in movements(books)}

        assert kinds == {
            "charge": "charge",
            "refund": "refund",
            "dispute": "dispute",
            "payout": "payout",
            "payout_reversal": "payout",
        }

    def test_hold_no_float(self, shapes: dict[str, dict[str, Any]]) -> None:
        def refuse(text: str) -> None:
            pytest.fail(f"{text} is a float")

        json.loads(json.dumps(shapes), parse_float=refuse)
