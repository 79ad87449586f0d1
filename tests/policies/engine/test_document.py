"""A document is read strictly, and a malformed one is refused with the field named."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from policies.engine import words
from policies.engine.document import MalformedDocument, document_json, parse_document
from tests.policies.engine.builders import document, raw_document

BANDS = {"auto_up_to_minor": 100, "approve_up_to_minor": 200}
STEPS = [{"role": "approver", "sla_hours": 4}]


def approval(*limits: int) -> dict[str, Any]:
    """Write an approval chapter whose GBP tiers reach to these limits."""
    return {"tiers": {"GBP": [{"up_to_minor": limit, "steps": STEPS} for limit in limits]}, "otherwise": STEPS}


class TestParseDocument:
    """Reading a document from outside."""

    @pytest.mark.parametrize(
        ("changes", "path", "sentence"),
        [
            (
                {"thresholds": {"refund": {"GBP": BANDS | {"approve_up_to_minor": 99}}}},
                "thresholds.refund.GBP.approve_up_to_minor",
                "Must not be below auto_up_to_minor: the bands would overlap.",
            ),
            (
                {"thresholds": {"refund": {"GBP": BANDS | {"auto_up_to_minor": -1}}}},
                "thresholds.refund.GBP.auto_up_to_minor",
                "Must be 0 or more.",
            ),
            (
                {"thresholds": {"refund": {"GBP": BANDS | {"auto_up_to_minor": 1.5}}}},
                "thresholds.refund.GBP.auto_up_to_minor",
                "Must be a whole number.",
            ),
            (
                {"thresholds": {"refund": {"GBP": BANDS | {"auto_up_to_minor": "100"}}}},
                "thresholds.refund.GBP.auto_up_to_minor",
                "Must be a whole number.",
            ),
            ({"thresholds": {"default": {"ZZZ": BANDS}}}, "thresholds.default.ZZZ", "ZZZ is not an ISO 4217 currency."),
            ({"thresholds": {}}, "thresholds", "Name the bands of at least one currency."),
            ({"open_dispute": "allow"}, "open_dispute", "'allow' is not 'exception' or 'block'."),
            ({"schema_version": 3}, "schema_version", "3 is not 1 or 2."),
            ({"surprise": True}, "surprise", "Is not a field of a policy."),
            ({"approval": {}}, "approval.otherwise", "Is required."),
            (
                {"approval": approval(500, 500)},
                "approval.tiers.GBP",
                "Each tier must reach further than the one before it.",
            ),
            ({"return_windows": {"default_days": -1}}, "return_windows.default_days", "Must be 0 or more."),
            (
                {"conditions": {"restocking_basis_points": {"opened": 10_001}}},
                "conditions.restocking_basis_points.opened",
                "Must be 10000 or less.",
            ),
        ],
    )
    def test_names_the_faulty_field(self, changes: dict[str, Any], path: str, sentence: str) -> None:
        with pytest.raises(MalformedDocument) as refusal:
            parse_document(raw_document(**changes))
        assert refusal.value.errors == [(path, sentence)]

    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"thresholds": {"gift": {"GBP": BANDS}}}, "thresholds.gift"),
            ({"reasons_blocked": ["boredom"]}, "reasons_blocked.0"),
            ({"reasons_always_escalated": ["damaged", "boredom"]}, "reasons_always_escalated.1"),
            ({"evidence": {"boredom": {"kinds": ["photo"], "above_minor": {"GBP": 1}}}}, "evidence.boredom"),
            ({"evidence": {"damaged": {"kinds": ["selfie"], "above_minor": {"GBP": 1}}}}, "evidence.damaged.kinds.0"),
            ({"conditions": {"accepted": ["shiny"]}}, "conditions.accepted.0"),
            ({"exception_codes": {"thresholds": ["OTHER"]}}, "exception_codes.thresholds"),
        ],
    )
    def test_refuses_a_word_outside_the_closed_lists(self, changes: dict[str, Any], path: str) -> None:
        with pytest.raises(MalformedDocument) as refusal:
            parse_document(raw_document(**changes))
        [(named, sentence)] = refusal.value.errors
        assert named == path
        assert "is not one of" in sentence

    def test_names_every_fault_at_once(self) -> None:
        raw = raw_document(open_dispute="allow", reasons_blocked=["boredom"])
        with pytest.raises(MalformedDocument) as refusal:
            parse_document(raw)
        assert {path for path, _ in refusal.value.errors} == {"open_dispute", "reasons_blocked.0"}

    @pytest.mark.parametrize("raw", [{"thresholds": object()}, {"thresholds": float("nan")}])
    def test_refuses_what_is_not_json(self, raw: dict[str, Any]) -> None:
        with pytest.raises(MalformedDocument) as refusal:
            parse_document(raw)
        assert refusal.value.errors[0][0] == "document"


class TestPolicyDocument:
    """A document once read."""

    def test_survives_storage(self) -> None:
        assert parse_document(document_json(document())) == document()

    def test_cannot_be_changed(self) -> None:
        with pytest.raises(ValidationError):
            document().open_dispute = "exception"

    def test_falls_back_to_the_default_bands_for_each_currency(self) -> None:
        policy = document()
        own = policy.threshold_for(words.Category.GOODWILL_CREDIT, "GBP")
        borrowed = policy.threshold_for(words.Category.GOODWILL_CREDIT, "JPY")
        assert own is not None
        assert borrowed is not None
        assert (own.auto_up_to_minor, borrowed.auto_up_to_minor) == (1_000, 5_000)
        assert policy.threshold_for(words.Category.GOODWILL_CREDIT, "CHF") is None
