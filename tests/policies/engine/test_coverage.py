"""A proof names what a document leaves open, and what it says in vain."""

from __future__ import annotations

import json
from functools import reduce
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.engine.conduct import WINDOWS_DAYS
from policies.engine.coverage import prove
from policies.engine.document import PolicyDocument, document_json, parse_document
from policies.engine.facts import Recent
from policies.engine.gaps import CHANGES_NOTHING, Gap, Kind, Severity
from policies.engine.judgement import judge
from policies.engine.words import Condition, Per, Reason
from policies.templates import TypedTemplate, typed_templates
from tests.policies.engine.builders import CURRENCIES, raw_document
from tests.policies.strategies import documents, facts

if TYPE_CHECKING:
    from policies.engine.facts import RefundFacts

BANDS = {"auto_up_to_minor": 5_000, "approve_up_to_minor": 500_000}
STEP = {"role": "approver", "sla_hours": 4}
OTHERWISE = [{"role": "approver", "sla_hours": 24}]
LIMIT = {"per": "customer", "window_days": 7, "most_count": 5, "most_minor": {"GBP": 900}}
EVERY_DAY = [{"weekdays": [1, 2], "opens": "09:00", "closes": "17:00"}]
WINDOWS = raw_document()["return_windows"]
CONDITIONS = raw_document()["conditions"]


def bands(auto_minor: int = 5_000, most_minor: int = 500_000) -> dict[str, int]:
    return {"auto_up_to_minor": auto_minor, "approve_up_to_minor": most_minor}


def ladder(*limits: int) -> dict[str, Any]:
    tiers = [{"up_to_minor": limit, "steps": [STEP | {"quorum": place}]} for place, limit in enumerate(limits, 1)]
    return {"tiers": {"GBP": tiers}, "otherwise": OTHERWISE}


def besides(**when: Any) -> dict[str, Any]:
    return {"approval": {"tiers": {}, "otherwise": OTHERWISE, "also": [STEP | {"when": when}]}}


EXAMPLES: list[tuple[Kind, str, dict[str, Any]]] = [
    (Kind.EVERYTHING_IS_BLOCKED, "thresholds", {"thresholds": {"default": {"GBP": bands(0, 0)}}}),
    (Kind.EVERYTHING_IS_BLOCKED, "reasons_blocked", {"reasons_blocked": [*Reason]}),
    (Kind.NOTHING_IS_AUTOMATIC, "reasons_always_escalated", {"reasons_always_escalated": [*Reason]}),
    (Kind.CURRENCY_WITHOUT_BANDS, "thresholds", {"risk": {"large_above_minor": {"CHF": 1}}}),
    (Kind.CATEGORY_WITHOUT_BANDS, "thresholds.default", {"thresholds": {"refund": {"GBP": bands()}}}),
    (Kind.CATEGORY_BY_DEFAULT, "thresholds.default.GBP", {}),
    (
        Kind.CATEGORY_CLOSED,
        "thresholds.payout.GBP",
        {"thresholds": {"default": {"GBP": bands()}, "payout": {"GBP": bands(0, 0)}}},
    ),
    (Kind.NOTHING_TO_APPROVE, "thresholds.default.GBP", {"thresholds": {"default": {"GBP": bands(500, 500)}}}),
    (Kind.TIERS_END_EARLY, "approval.tiers.GBP", {}),
    (Kind.CURRENCY_WITHOUT_TIERS, "approval.tiers.JPY", {}),
    (
        Kind.EVIDENCE_IN_SOME_CURRENCIES,
        "evidence.damaged.above_minor",
        {"evidence": {"damaged": {"kinds": ["photo"], "above_minor": {"GBP": 100}}}},
    ),
    (Kind.RULE_WITHOUT_CODES, "exception_codes.excluded_product", {}),
    (Kind.LIMIT_OF_NOTHING, "velocity.0", {"velocity": [LIMIT | {"most_count": 0}]}),
    (
        Kind.REASON_BLOCKED_AND_ESCALATED,
        "reasons_always_escalated.other",
        {"reasons_blocked": ["other"], "reasons_always_escalated": ["other"]},
    ),
    (Kind.RULE_ON_A_BLOCKED_REASON, "evidence.damaged", {"reasons_blocked": ["damaged"]}),
    (
        Kind.RULE_ON_A_BLOCKED_REASON,
        "return_windows.days_by_reason.not_received",
        {"reasons_blocked": ["not_received"]},
    ),
    (Kind.RULE_ON_A_BLOCKED_REASON, "conditions.accepted_by_reason.damaged", {"reasons_blocked": ["damaged"]}),
    (
        Kind.RULE_ON_A_BLOCKED_REASON,
        "return_windows.legal_basis_by_reason.other",
        {"reasons_blocked": ["other"], "return_windows": WINDOWS | {"legal_basis_by_reason": {"other": "warranty"}}},
    ),
    (
        Kind.EVIDENCE_NEVER_ASKED,
        "evidence.damaged.above_minor.GBP",
        {"evidence": {"damaged": {"kinds": ["photo"], "above_minor": {"GBP": 500_000, "JPY": 1}}}},
    ),
    (Kind.TIER_NEVER_REACHED, "approval.tiers.GBP.1", {"approval": ladder(500_000, 600_000)}),
    (
        Kind.TIER_LIKE_THE_NEXT,
        "approval.tiers.GBP.0",
        {"approval": {"tiers": {"GBP": [{"up_to_minor": 9, "steps": OTHERWISE}]}, "otherwise": OTHERWISE}},
    ),
    (Kind.EXTRA_IN_SOME_CURRENCIES, "approval.also.0.when.above_minor", besides(above_minor={"GBP": 100})),
    (Kind.EXTRA_CODE_NEVER_GRANTED, "approval.also.0.when.exception_codes", besides(exception_codes=["PRORATION"])),
    (
        Kind.EXTRA_NEVER_ASKED,
        "approval.also.0",
        {"reasons_blocked": ["damaged", "other"], **besides(reasons=["damaged"])},
    ),
    (Kind.EXTRA_NEVER_ASKED, "approval.also.0", besides(above_minor=dict.fromkeys(CURRENCIES, 500_000))),
    (
        Kind.LIMIT_SHADOWED,
        "velocity.0",
        {"velocity": [LIMIT, LIMIT | {"window_days": 30, "most_count": 4, "most_minor": {"GBP": 900, "JPY": 5}}]},
    ),
    (
        Kind.LIMIT_SHADOWED,
        "velocity.1",
        {
            "velocity": [
                LIMIT | {"outcome": "block", "most_share_basis_points": 1_000},
                LIMIT | {"most_count": None, "most_share_basis_points": 1_000},
            ]
        },
    ),
    (
        Kind.TENURE_CHANGES_NOTHING,
        "tenure",
        {"tenure": {"minimum_days": 30, "auto_up_to_minor": dict.fromkeys(CURRENCIES, 5_000)}},
    ),
    (
        Kind.HOURS_CHANGE_NOTHING,
        "business_hours",
        {"business_hours": {"spans": EVERY_DAY, "auto_up_to_minor": dict.fromkeys(CURRENCIES, 5_000)}},
    ),
    (
        Kind.RESTOCKING_NEVER_KEPT,
        "conditions.restocking_basis_points.worn",
        {"conditions": CONDITIONS | {"restocking_basis_points": {"worn": 1_000}}},
    ),
    (
        Kind.RESTOCKING_NEVER_KEPT,
        "conditions.restocking_basis_points.opened",
        {"conditions": CONDITIONS | {"restocking_basis_points": {"opened": 1_000}, "restocking_reasons": []}},
    ),
    (Kind.CODES_NEVER_NEEDED, "exception_codes.open_dispute", {"exception_codes": {"open_dispute": ["OTHER"]}}),
    (
        Kind.CODES_NEVER_NEEDED,
        "exception_codes.return_window",
        {"return_windows": {"default_days": None}, "exception_codes": {"return_window": ["OTHER"]}},
    ),
    (
        Kind.CODES_NEVER_NEEDED,
        "exception_codes.condition",
        {"conditions": {"accepted": [*Condition]}, "exception_codes": {"condition": ["OTHER"]}},
    ),
    (Kind.CODES_NEVER_NEEDED, "exception_codes.velocity", {"exception_codes": {"velocity": ["OTHER"]}}),
    (
        Kind.WINDOW_LIKE_THE_USUAL,
        "return_windows.days_by_product_category.food",
        {"return_windows": {"default_days": 30, "days_by_product_category": {"food": 30}}},
    ),
    (
        Kind.WINDOW_LIKE_THE_USUAL,
        "return_windows.days_by_reason.other",
        {"return_windows": {"default_days": 30, "days_by_reason": {"other": 30}}},
    ),
    (
        Kind.WINDOW_LIKE_THE_USUAL,
        "return_windows.days_by_legal_basis.recall",
        {"return_windows": {"default_days": 30, "days_by_legal_basis": {"recall": {"default_days": 30}}}},
    ),
    (
        Kind.WINDOW_LIKE_THE_USUAL,
        "return_windows.days_by_legal_basis.recall.days_by_product_category.food",
        {
            "return_windows": {
                "default_days": 30,
                "days_by_legal_basis": {"recall": {"default_days": 9, "days_by_product_category": {"food": 9}}},
                "legal_basis_by_reason": {"other": "recall"},
            }
        },
    ),
    (
        Kind.STATES_LIKE_THE_USUAL,
        "conditions.accepted_by_reason.other",
        {"conditions": {"accepted": ["opened"], "accepted_by_reason": {"other": ["opened"]}}},
    ),
    (
        Kind.BANDS_LIKE_THE_DEFAULT,
        "thresholds.payout.GBP",
        {"thresholds": {"default": {"GBP": bands()}, "payout": {"GBP": bands()}}},
    ),
]


def document_of(changes: dict[str, Any]) -> PolicyDocument:
    return parse_document(json.loads(json.dumps(raw_document(**{"schema_version": 2, **changes}))))


def found_in(document: PolicyDocument) -> set[tuple[Kind, str]]:
    return {(gap.kind, gap.path) for gap in prove(document)}


class TestAProof:
    @pytest.mark.parametrize(
        ("kind", "path", "changes"), EXAMPLES, ids=lambda given: given if isinstance(given, str) else ""
    )
    def test_finds_each_kind_at_its_place(self, kind: Kind, path: str, changes: dict[str, Any]) -> None:
        assert (kind, path) in found_in(document_of(changes))

    def test_knows_no_kind_without_an_example(self) -> None:
        of_people = {
            Kind.NOBODY_MAY_APPROVE,
            Kind.TOO_FEW_PEOPLE,
            Kind.ROLE_UNKNOWN,
            Kind.ROLE_MAY_NOT_SIGN,
            Kind.CODE_UNKNOWN,
            Kind.CODE_NOT_IN_USE,
        }
        assert {*Kind} - {kind for kind, _, _ in EXAMPLES} == of_people

    @pytest.mark.parametrize("template", typed_templates(), ids=lambda template: template.slug)
    def test_finds_no_error_in_a_template(self, template: TypedTemplate) -> None:
        gaps = prove(template.parsed, currencies=[template.currency])

        assert [gap.sentence for gap in gaps if gap.severity is Severity.ERROR] == []

    def test_names_a_currency_that_is_in_use_elsewhere(self) -> None:
        gaps = prove(document_of({}), currencies=["NOK", "GBP"])

        assert [gap.sentence for gap in gaps if gap.kind is Kind.CURRENCY_WITHOUT_BANDS] == [
            "The team goes by NOK, which has no bands: a person decides at any amount."
        ]

    def test_puts_the_worst_first_and_is_kept_as_json(self) -> None:
        gaps = prove(document_of({"thresholds": {"default": {"GBP": bands(0, 0)}}}))

        assert gaps[0].to_json() == {
            "kind": "everything_is_blocked",
            "severity": "error",
            "path": "thresholds",
            "sentence": "Every category is closed: the bands let no amount leave.",
        }
        assert [gap.severity for gap in gaps] == sorted([gap.severity for gap in gaps], key=[*Severity].index)

    def test_leaves_a_limit_alone_that_another_does_not_cover(self) -> None:
        narrower = [LIMIT, LIMIT | {"window_days": 30, "most_minor": {}}]
        milder = [LIMIT | {"outcome": "block"}, LIMIT | {"window_days": 30}]
        of_share = [
            LIMIT | {"most_share_basis_points": 10},
            LIMIT | {"window_days": 30, "most_share_basis_points": 10},
        ]
        for velocity in (narrower, milder, of_share):
            kinds = {gap.kind for gap in prove(document_of({"velocity": velocity}))}
            assert Kind.LIMIT_SHADOWED not in kinds


SHADOWED = [example for example in EXAMPLES if example[0] in CHANGES_NOTHING]


@st.composite
def counted(draw: st.DrawFn) -> tuple[Recent, ...]:
    """Draw windows as they are counted: a longer one holds all that a shorter one does."""
    recent = []
    for per in Per:
        count, minor, bought = 0, 0, 0
        for days in WINDOWS_DAYS:
            count, minor = count + draw(st.integers(0, 3)), minor + draw(st.integers(0, 500))
            bought += draw(st.integers(0, 9_000))
            recent.append(Recent(per, days, count, minor, None if per == Per.AGENT else bought))
    return tuple(recent)


ANY_FACTS = facts(recent=counted())


def _inside(place: Any, step: str) -> Any:
    return place[int(step)] if isinstance(place, list) else place[step]


def without(document: PolicyDocument, path: str) -> PolicyDocument:
    """Take the rule at a path away, and the row it leaves empty."""
    raw = document_json(document)
    *way, last = path.split(".")
    place: Any = reduce(_inside, way, raw)
    if isinstance(place, list):
        place.remove(last) if last in place else place.pop(int(last))
    else:
        del place[last]
    if path.startswith("evidence.") and "above_minor" in path and not place:
        del raw["evidence"][way[1]]
    return parse_document(raw)


def claims(document: PolicyDocument) -> list[Gap]:
    return [gap for gap in prove(document) if gap.kind in CHANGES_NOTHING]


class TestARuleThatChangesNothing:
    @pytest.mark.parametrize(
        ("kind", "path", "changes"), SHADOWED, ids=lambda given: given if isinstance(given, str) else ""
    )
    @settings(max_examples=60, deadline=None)
    @given(facts=ANY_FACTS)
    def test_could_go_without_another_outcome(
        self, kind: Kind, path: str, changes: dict[str, Any], facts: RefundFacts
    ) -> None:
        document = document_of({"sums": {"same_charge": True, "customer_days": 7}, **changes})
        assert (kind, path) in found_in(document)

        for gap in claims(document):
            before, after = judge(document, facts), judge(without(document, gap.path), facts)
            assert (after.outcome, after.plan) == (before.outcome, before.plan), gap

    @settings(max_examples=300, deadline=None)
    @given(document=documents(), facts=ANY_FACTS)
    def test_could_go_from_any_document(self, document: PolicyDocument, facts: RefundFacts) -> None:
        before = judge(document, facts)

        for gap in claims(document):
            after = judge(without(document, gap.path), facts)
            assert (after.outcome, after.plan) == (before.outcome, before.plan), gap

    @pytest.mark.parametrize("template", typed_templates(), ids=lambda template: template.slug)
    @settings(max_examples=60, deadline=None)
    @given(facts=ANY_FACTS)
    def test_could_go_from_a_template(self, template: TypedTemplate, facts: RefundFacts) -> None:
        before = judge(template.parsed, facts)

        for gap in claims(template.parsed):
            after = judge(without(template.parsed, gap.path), facts)
            assert (after.outcome, after.plan) == (before.outcome, before.plan), gap
