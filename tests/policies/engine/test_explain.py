"""An explanation names the smallest change, and the change really changes the outcome."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given

from policies.engine.evaluate import evaluate
from policies.engine.explain import nearest_automatic
from policies.engine.words import Outcome
from tests.policies.engine.builders import (
    document,
    documents,
    documents_in_pounds,
    goods,
    plain_refunds,
    refund,
    restocking_document,
)

if TYPE_CHECKING:
    from policies.engine.document import PolicyDocument
    from policies.engine.facts import RefundFacts


class TestWhyNotAutomatic:
    """The explanation in words."""

    @pytest.mark.parametrize(
        ("changes", "sentences"),
        [
            ({}, []),
            ({"amount_minor": 6_200}, ["Up to GBP 50.00 would be automatic."]),
            ({"refundable_minor": 1_000}, ["Up to GBP 10.00 would be automatic."]),
            ({"days_since_delivery": 40}, ["Returned by 3 March 2026, this would be automatic."]),
            (
                {"days_since_delivery": 40, "counted_from_on": None, "is_delivered": False},
                ["Asked for within 30 days of the order, this would be automatic."],
            ),
            (
                {"amount_minor": 6_200, "days_since_delivery": 40},
                ["Up to GBP 50.00, returned by 3 March 2026, would be automatic."],
            ),
            ({"reason": "damaged"}, ["With a photo, this would be automatic."]),
            ({"reason": "damaged", "amount_minor": 9_000}, ["Up to GBP 50.00, with a photo, would be automatic."]),
            ({"dispute_is_open": True}, ["Once the dispute is closed, this would be automatic."]),
            (
                {"lines": (goods(), goods("2", final_sale=True)), "amount_minor": 8_000},
                ["Without line 2, this would be automatic."],
            ),
            (
                {"lines": (goods(), goods("2", final_sale=True), goods("3")), "amount_minor": 12_000},
                ["Up to GBP 50.00, without line 2, would be automatic."],
            ),
            ({"lines": (goods(final_sale=True),)}, ["Line 1 was a final sale."]),
            ({"reason": "fraudulent"}, ["The reason “fraudulent” always goes to a person."]),
            ({"payment_is_found": False}, ["No payment matches this refund."]),
            ({"currency": "CHF"}, ["No threshold is set for a refund in CHF, so a person decides."]),
        ],
    )
    def test_names_the_smallest_change(self, changes: dict[str, Any], sentences: list[str]) -> None:
        assert evaluate(document(), refund(**changes)).why_not_automatic == sentences

    def test_leaves_the_restocking_share_out_of_the_amount(self) -> None:
        assert evaluate(restocking_document(), refund()).why_not_automatic == ["Up to GBP 34.00 would be automatic."]


class TestNearestAutomatic:
    """The nearest automatic facts."""

    @given(documents_in_pounds, plain_refunds)
    def test_is_automatic(self, policy: PolicyDocument, facts: RefundFacts) -> None:
        change = nearest_automatic(policy, facts, evaluate(policy, facts))
        assume(change is not None)
        assert change is not None
        assert evaluate(policy, change.facts).outcome is Outcome.ALLOW

    @given(documents_in_pounds, plain_refunds)
    def test_lowers_the_amount_no_further_than_needed(self, policy: PolicyDocument, facts: RefundFacts) -> None:
        change = nearest_automatic(policy, facts, evaluate(policy, facts))
        assume(change is not None)
        assert change is not None
        if any(clause.startswith("up to") for clause in change.clauses):
            dearer = replace(change.facts, amount_minor=change.facts.amount_minor + 1)
            assert evaluate(policy, dearer).outcome is not Outcome.ALLOW
        elif not any(clause.startswith("without") for clause in change.clauses):
            assert change.facts.amount_minor == facts.amount_minor

    @given(documents, plain_refunds)
    def test_has_nothing_to_change_when_it_is_automatic(self, policy: PolicyDocument, facts: RefundFacts) -> None:
        verdict = evaluate(policy, facts)
        change = nearest_automatic(policy, facts, verdict)
        assert (change is not None and not change.clauses) == (verdict.outcome is Outcome.ALLOW)
