"""A document is read strictly, and a malformed one is refused with the field named."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from policies.engine import words
from policies.engine.document import OF_SCHEMA_2, MalformedDocument, PolicyDocument, document_json, parse_document
from tests.policies.engine.builders import document, raw_document

NINE_TO_FIVE = {"weekdays": [1, 2], "opens": "09:00", "closes": "17:00"}
THREE_A_MONTH = {"per": "customer", "window_days": 30, "most_count": 3}
BANDS = {"auto_up_to_minor": 100, "approve_up_to_minor": 200}
STEPS = [{"role": "approver", "sla_hours": 4}]
OF_SCHEMA_1 = {
    *("schema_version", "thresholds", "return_windows", "conditions", "exclusions", "reasons_always_escalated"),
    *("reasons_blocked", "open_dispute", "evidence", "approval", "exception_codes", "risk"),
}
"""All that a document of the first schema has, for ever."""


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


CONDUCT: list[tuple[dict[str, Any], str, str]] = [
    (
        {"business_hours": {"spans": [NINE_TO_FIVE, NINE_TO_FIVE | {"weekdays": [2], "opens": "16:59"}]}},
        "business_hours.spans",
        "09:00 to 17:00 and 16:59 to 17:00 overlap.",
    ),
    (
        {"business_hours": {"spans": [NINE_TO_FIVE | {"closes": "09:00"}]}},
        "business_hours.spans.0.closes",
        "Must be later than opens; hours past midnight are a span of the next day.",
    ),
    ({"business_hours": {"spans": []}}, "business_hours.spans", "Needs at least 1."),
    (
        {"business_hours": {"spans": [NINE_TO_FIVE | {"weekdays": [8]}]}},
        "business_hours.spans.0.weekdays.0",
        "Must be 7 or less.",
    ),
    (
        {"business_hours": {"spans": [NINE_TO_FIVE], "closed_on": ["2026-02-30"]}},
        "business_hours.closed_on",
        "'2026-02-30' is not a day such as 2026-12-25.",
    ),
    (
        {"business_hours": {"spans": [NINE_TO_FIVE], "closed_on": ["20261225"]}},
        "business_hours.closed_on",
        "'20261225' is not a day such as 2026-12-25.",
    ),
    (
        {"velocity": [THREE_A_MONTH, THREE_A_MONTH | {"most_count": 4}]},
        "velocity",
        "Two limits per customer over 30 days with the outcome require_approval overlap; make them one.",
    ),
    (
        {"velocity": [{"per": "customer", "window_days": 30, "outcome": "block"}]},
        "velocity.0.outcome",
        "Limit a count, an amount or a share.",
    ),
    (
        {"velocity": [{"per": "agent", "window_days": 30, "most_share_basis_points": 10}]},
        "velocity.0.most_share_basis_points",
        "An agent buys nothing, so there is no share; limit her count or her money.",
    ),
    ({"velocity": [THREE_A_MONTH | {"window_days": 31}]}, "velocity.0.window_days", "31 is not 1, 7, 30, 90 or 365."),
    ({"velocity": [THREE_A_MONTH | {"most_minor": {"GBP": -1}}]}, "velocity.0.most_minor.GBP", "Must be 0 or more."),
    ({"velocity": [THREE_A_MONTH | {"outcome": "allow"}]}, "velocity.0.outcome", "'allow' is not"),
    ({"velocity": [THREE_A_MONTH] * 13}, "velocity", "Takes 12 at most."),
    ({"tenure": {"minimum_days": 0}}, "tenure.minimum_days", "Must be 1 or more."),
    ({"tenure": {"minimum_days": 9, "auto_up_to_minor": {"GBP": -1}}}, "tenure.auto_up_to_minor.GBP", "Must be 0"),
    ({"dispute_deadline_hours": 0}, "dispute_deadline_hours", "Must be 1 or more."),
    ({"sums": {"same_charge": True, "customer_days": 8}}, "sums.customer_days", "8 is not 1, 7, 30, 90 or 365."),
    (
        {
            "return_windows": {
                "days_by_legal_basis": {"warranty": {"default_days": 730}},
                "legal_basis_by_reason": {"damaged": "warranty"},
                "days_by_reason": {"damaged": 30},
            }
        },
        "return_windows.days_by_reason",
        "damaged: the window of its legal basis would overlap with one of its own; name one.",
    ),
    (
        {"approval": {"otherwise": [STEPS[0] | {"escalates_to": "The Boss"}]}},
        "approval.otherwise.0.escalates_to",
        "should match",
    ),
    ({"approval": {"otherwise": [STEPS[0] | {"quorum": 0}]}}, "approval.otherwise.0.quorum", "Must be 1 or more."),
    ({"approval": {"otherwise": []}}, "approval.otherwise", "Needs at least 1."),
    (
        {"approval": approval(500, 400)},
        "approval.tiers.GBP",
        "Each tier must reach further than the one before it.",
    ),
]


class TestConduct:
    """The chapters about who asks how often, since when and at what hour."""

    @pytest.mark.parametrize(("changes", "path", "sentence"), CONDUCT)
    def test_are_refused_with_the_field_named(self, changes: dict[str, Any], path: str, sentence: str) -> None:
        with pytest.raises(MalformedDocument) as refusal:
            parse_document(raw_document(**{"schema_version": 2} | changes))
        [(named, said)] = refusal.value.errors
        assert named == path
        assert sentence in said

    def test_are_all_that_the_first_schema_did_not_have(self) -> None:
        assert PolicyDocument.model_fields.keys() - OF_SCHEMA_1 == set(OF_SCHEMA_2)

    @pytest.mark.parametrize("chapter", OF_SCHEMA_2)
    def test_belong_to_the_second_schema(self, chapter: str) -> None:
        changes: dict[str, Any] = {
            "sums": {"same_charge": True},
            "velocity": [THREE_A_MONTH],
            "tenure": {"minimum_days": 9},
            "business_hours": {"spans": [NINE_TO_FIVE]},
            "dispute_deadline_hours": 9,
            "release_above_minor": {"GBP": 1},
        }
        with pytest.raises(MalformedDocument) as refusal:
            parse_document(raw_document(**{chapter: changes[chapter]}))
        assert refusal.value.errors == [(chapter, "Needs schema_version 2.")]

    def test_survive_storage(self) -> None:
        hours = {"spans": [NINE_TO_FIVE], "closed_on": ["2026-12-25"], "auto_up_to_minor": {"GBP": 5}}
        policy = document(schema_version=2, business_hours=hours, velocity=[THREE_A_MONTH])
        stored = document_json(policy)
        assert stored["business_hours"]["spans"][0]["weekdays"] == [1, 2]
        assert parse_document(stored) == policy


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
