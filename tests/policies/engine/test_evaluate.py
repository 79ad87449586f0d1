"""What the engine says at every limit, and the laws it never breaks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.engine.evaluate import evaluate
from policies.engine.facts import RefundFacts
from policies.engine.verdict import Finding, PlannedStep, Verdict
from policies.engine.words import SEVERITY, Outcome
from tests.policies.engine.builders import (
    AUTO_MINOR,
    CURRENCIES,
    MOST_MINOR,
    amounts_minor,
    document,
    documents,
    goods,
    refund,
    refund_facts,
    restocking_document,
)

if TYPE_CHECKING:
    from policies.engine.document import PolicyDocument

LEGAL_CHANGES: dict[str, dict[str, Any]] = {
    "allow": {},
    "require_approval": {"reason": "fraudulent"},
    "exception": {"days_since_delivery": 31},
    "block": {"dispute_is_open": True},
}


def finding(verdict: Verdict, rule: str) -> Finding:
    """Pick the one finding of a rule."""
    [found] = [found for found in verdict.findings if found.rule == rule]
    return found


class TestThresholds:
    """The three bands of an amount."""

    @pytest.mark.parametrize("currency", CURRENCIES)
    @pytest.mark.parametrize(
        ("amount_minor", "outcome"),
        [
            (AUTO_MINOR - 1, "allow"),
            (AUTO_MINOR, "allow"),
            (AUTO_MINOR + 1, "require_approval"),
            (MOST_MINOR - 1, "require_approval"),
            (MOST_MINOR, "require_approval"),
            (MOST_MINOR + 1, "block"),
        ],
    )
    def test_include_their_limits(self, currency: str, amount_minor: int, outcome: str) -> None:
        verdict = evaluate(document(), refund(amount_minor=amount_minor, currency=currency))
        assert verdict.outcome == outcome
        assert verdict.matched_rule == f"thresholds.refund.{currency}"

    @pytest.mark.parametrize(
        ("currency", "sentence"),
        [
            ("GBP", "Up to GBP 50.00 is automatic; this is GBP 62.00."),
            ("JPY", "Up to JPY 5,000 is automatic; this is JPY 6,200."),
            ("KWD", "Up to KWD 5.000 is automatic; this is KWD 6.200."),
        ],
    )
    def test_speak_in_the_decimals_of_the_currency(self, currency: str, sentence: str) -> None:
        verdict = evaluate(document(), refund(amount_minor=6_200, currency=currency))
        assert finding(verdict, f"thresholds.refund.{currency}").sentence == sentence

    def test_never_allow_a_currency_without_any(self) -> None:
        verdict = evaluate(document(), refund(amount_minor=1, currency="CHF"))
        assert verdict.outcome is Outcome.REQUIRE_APPROVAL
        assert verdict.matched_rule == "thresholds.refund.CHF"

    @pytest.mark.parametrize(
        ("amount_minor", "outcome"),
        [(1_000, "allow"), (1_001, "require_approval"), (2_000, "require_approval"), (2_001, "block")],
    )
    def test_of_a_category_go_before_the_default(self, amount_minor: int, outcome: str) -> None:
        facts = RefundFacts("goodwill_credit", amount_minor, "GBP", "other")
        assert evaluate(document(), facts).outcome == outcome


class TestReturnWindow:
    """The days in which goods may come back."""

    @pytest.mark.parametrize(
        ("days", "changes", "is_inside"),
        [
            (29, {}, True),
            (30, {}, True),
            (31, {}, False),
            (90, {"reason": "not_received"}, True),
            (91, {"reason": "not_received"}, False),
            (3_000, {"reason": "duplicate_charge"}, True),
            (7, {"lines": (goods(), goods("2", product_category="food"))}, True),
            (8, {"lines": (goods(), goods("2", product_category="food"))}, False),
            (60, {"lines": (goods(product_category="furniture"),)}, True),
            (31, {"lines": (goods(), goods("2", product_category="furniture"))}, False),
        ],
    )
    def test_counts_whole_days_to_the_strictest_limit(
        self, days: int, changes: dict[str, Any], *, is_inside: bool
    ) -> None:
        verdict = evaluate(document(), refund(days_since_delivery=days, **changes))
        assert verdict.outcome == ("allow" if is_inside else "exception")

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({}, "Returned 8 days after delivery, within 30."),
            ({"days_since_delivery": 1}, "Returned 1 day after delivery, within 30."),
            ({"is_delivered": False}, "Asked 8 days after the order, within 30."),
            ({"days_since_delivery": 39}, "Outside the return window by 9 days."),
            ({"days_since_delivery": 31}, "Outside the return window by 1 day."),
        ],
    )
    def test_says_the_days(self, changes: dict[str, Any], sentence: str) -> None:
        assert finding(evaluate(document(), refund(**changes)), "return_window").sentence == sentence

    def test_refers_when_the_day_is_not_known(self) -> None:
        verdict = evaluate(document(), refund(days_since_delivery=None))
        assert (verdict.outcome, verdict.matched_rule) == ("exception", "return_window")


class TestGoods:
    """Goods and the state they come back in."""

    @pytest.mark.parametrize(
        ("changes", "rule", "sentence"),
        [
            ({"lines": (goods(), goods("2", final_sale=True))}, "final_sale", "Line 2 was a final sale."),
            (
                {"lines": (goods("10", final_sale=True), goods("2", final_sale=True))},
                "final_sale",
                "Lines 2 and 10 were final sales.",
            ),
            (
                {"lines": (goods(product_category="gift_card"),)},
                "excluded_product",
                "Line 1 is gift card, which is not taken back.",
            ),
            (
                {"lines": (goods(condition="worn"),)},
                "condition",
                "Line 1 is worn; for “changed mind” goods must be opened or unopened.",
            ),
        ],
    )
    def test_that_cannot_come_back_are_referred(self, changes: dict[str, Any], rule: str, sentence: str) -> None:
        verdict = evaluate(document(), refund(**changes))
        assert (verdict.outcome, verdict.matched_rule) == ("exception", rule)
        assert finding(verdict, rule).sentence == sentence

    @pytest.mark.parametrize(
        ("reason", "condition", "outcome"),
        [
            ("changed_mind", "damaged", "exception"),
            ("damaged", "damaged", "allow"),
            ("damaged", "missing", "exception"),
            ("not_received", "missing", "allow"),
            ("changed_mind", "", "allow"),
        ],
    )
    def test_are_accepted_by_reason(self, reason: str, condition: str, outcome: str) -> None:
        facts = refund(reason=reason, amount_minor=2_000, lines=(goods(condition=condition),))
        assert evaluate(document(), facts).outcome == outcome

    @pytest.mark.parametrize(
        ("amount_minor", "outcome", "allowed_minor"),
        [(3_399, "allow", 3_399), (3_400, "allow", 3_400), (3_401, "require_approval", 3_400)],
    )
    def test_leave_a_restocking_share_with_the_shop(self, amount_minor: int, outcome: str, allowed_minor: int) -> None:
        verdict = evaluate(restocking_document(), refund(amount_minor=amount_minor))
        assert (verdict.outcome, verdict.allowed_minor) == (outcome, allowed_minor)


class TestBalance:
    """What the payment still allows."""

    @pytest.mark.parametrize(("left_minor", "outcome"), [(4_001, "allow"), (4_000, "allow"), (3_999, "block")])
    def test_is_never_exceeded(self, left_minor: int, outcome: str) -> None:
        assert evaluate(document(), refund(refundable_minor=left_minor)).outcome == outcome

    def test_blocks_when_it_is_not_known(self) -> None:
        assert evaluate(document(), refund(refundable_minor=None)).outcome is Outcome.BLOCK

    def test_is_not_asked_without_a_payment(self) -> None:
        verdict = evaluate(document(), refund(payment_is_found=False, refundable_minor=None))
        assert (verdict.outcome, verdict.matched_rule) == ("exception", "payment_found")


class TestEvidence:
    """Evidence above a limit."""

    @pytest.mark.parametrize(
        ("amount_minor", "kinds", "missing"),
        [
            (2_000, frozenset(), ()),
            (2_001, frozenset(), ("photo",)),
            (2_001, frozenset({"receipt"}), ("photo",)),
            (2_001, frozenset({"photo"}), ()),
        ],
    )
    def test_is_demanded_above_its_limit(
        self, amount_minor: int, kinds: frozenset[str], missing: tuple[str, ...]
    ) -> None:
        verdict = evaluate(document(), refund(reason="damaged", amount_minor=amount_minor, evidence_kinds=kinds))
        assert verdict.evidence_missing == missing
        assert verdict.outcome == ("require_approval" if missing else "allow")

    def test_is_not_demanded_for_another_reason(self) -> None:
        assert evaluate(document(), refund()).evidence_missing == ()


class TestWorstOutcome:
    """The worst outcome among the findings."""

    @pytest.mark.parametrize("first", LEGAL_CHANGES)
    @pytest.mark.parametrize("second", LEGAL_CHANGES)
    def test_wins(self, first: str, second: str) -> None:
        verdict = evaluate(document(), refund(**LEGAL_CHANGES[first] | LEGAL_CHANGES[second]))
        assert verdict.outcome == max(first, second, key=SEVERITY.__getitem__)

    def test_blocks_a_blocked_reason_at_any_amount(self) -> None:
        verdict = evaluate(document(), refund(reason="service_outage", amount_minor=1))
        assert (verdict.outcome, verdict.matched_rule) == ("block", "reasons_blocked")

    def test_of_a_dispute_is_what_the_document_says(self) -> None:
        facts = refund(dispute_is_open=True)
        assert evaluate(document(), facts).outcome is Outcome.BLOCK
        assert evaluate(document(open_dispute="exception"), facts).outcome is Outcome.EXCEPTION


class TestException:
    """An exception, offered and granted."""

    def test_offers_only_codes_that_cover_every_failed_rule(self) -> None:
        late = refund(days_since_delivery=31)
        late_and_final = replace(late, lines=(goods(final_sale=True),))
        assert evaluate(document(), late).exception_codes == ("OTHER", "WINDOW_EXPIRED")
        assert evaluate(document(), late_and_final).exception_codes == ("OTHER",)

    def test_granted_goes_to_people_and_counts_as_not_allowed(self) -> None:
        verdict = evaluate(document(), refund(days_since_delivery=31, exception_code="WINDOW_EXPIRED"))
        assert verdict.outcome is Outcome.REQUIRE_APPROVAL
        assert verdict.allowed_minor == 0
        assert verdict.plan == (PlannedStep(1, "approver", 1, 4),)

    @pytest.mark.parametrize(
        "changes",
        [
            {"days_since_delivery": 31, "exception_code": "NO_RECEIPT"},
            {"days_since_delivery": 31, "lines": (goods(final_sale=True),), "exception_code": "WINDOW_EXPIRED"},
        ],
    )
    def test_granted_for_another_rule_changes_nothing(self, changes: dict[str, Any]) -> None:
        assert evaluate(document(), refund(**changes)).outcome is Outcome.EXCEPTION

    @given(documents, refund_facts, st.sampled_from(["OTHER", "WINDOW_EXPIRED", "GOODWILL_RETENTION"]))
    def test_never_becomes_automatic(self, policy: PolicyDocument, facts: RefundFacts, code: str) -> None:
        before = evaluate(policy, replace(facts, exception_code="")).outcome
        after = evaluate(policy, replace(facts, exception_code=code)).outcome
        assert after == before or (before, after) == (Outcome.EXCEPTION, Outcome.REQUIRE_APPROVAL)


class TestPlan:
    """The signatures an amount needs."""

    @pytest.mark.parametrize(
        ("amount_minor", "roles"),
        [
            (50_000, [("approver", 1, 4)]),
            (50_001, [("approver", 1, 8), ("finance", 2, 12)]),
            (200_000, [("approver", 1, 8), ("finance", 2, 12)]),
            (200_001, [("approver", 1, 24)]),
        ],
    )
    def test_takes_the_first_tier_that_reaches(self, amount_minor: int, roles: list[tuple[str, int, int]]) -> None:
        plan = evaluate(document(), refund(amount_minor=amount_minor)).plan
        assert [(step.role, step.quorum, step.sla_hours) for step in plan] == roles
        assert [step.level for step in plan] == list(range(1, len(roles) + 1))

    def test_is_empty_when_nobody_approves(self) -> None:
        assert evaluate(document(), refund()).plan == ()
        assert evaluate(document(), refund(days_since_delivery=31)).plan == ()


class TestRisk:
    """How closely a person should look."""

    @pytest.mark.parametrize(
        ("changes", "risk"),
        [
            ({}, "low"),
            ({"customer_tenure_days": 29}, "medium"),
            ({"customer_tenure_days": 30}, "low"),
            ({"customer_tenure_days": 29, "method": "bank_transfer"}, "high"),
            ({"reason": "fraudulent"}, "high"),
        ],
    )
    def test_is_weighed_from_signals_that_are_named(self, changes: dict[str, Any], risk: str) -> None:
        verdict = evaluate(document(), refund(**changes))
        assert verdict.risk == risk
        assert bool(verdict.risk_signals) == (risk != "low")


class TestLaws:
    """What holds for every document and all facts."""

    @given(documents, refund_facts, amounts_minor)
    def test_more_money_is_never_judged_milder(
        self, policy: PolicyDocument, facts: RefundFacts, other_minor: int
    ) -> None:
        less, more = sorted([facts.amount_minor, other_minor])
        milder = evaluate(policy, replace(facts, amount_minor=less))
        harder = evaluate(policy, replace(facts, amount_minor=more))
        assert SEVERITY[milder.outcome] <= SEVERITY[harder.outcome]

    @given(documents, refund_facts, st.randoms(use_true_random=False))
    def test_the_order_of_lines_does_not_matter(self, policy: PolicyDocument, facts: RefundFacts, shuffle: Any) -> None:
        lines = list(facts.lines)
        shuffle.shuffle(lines)
        assert evaluate(policy, replace(facts, lines=tuple(lines))) == evaluate(policy, facts)

    @given(documents, refund_facts)
    def test_a_verdict_hangs_together(self, policy: PolicyDocument, facts: RefundFacts) -> None:
        verdict = evaluate(policy, facts)
        assert (verdict.outcome is Outcome.ALLOW) == (not verdict.failed)
        assert bool(verdict.plan) == (verdict.outcome is Outcome.REQUIRE_APPROVAL)
        assert 0 <= verdict.allowed_minor <= facts.amount_minor
        assert verdict.outcome is not Outcome.ALLOW or not verdict.evidence_missing
        assert bool(verdict.why_not_automatic) == (verdict.outcome is not Outcome.ALLOW)

    @given(documents, refund_facts)
    def test_stored_facts_replay_to_the_same_verdict(self, policy: PolicyDocument, facts: RefundFacts) -> None:
        assert evaluate(policy, RefundFacts.from_json(facts.to_json())) == evaluate(policy, facts)
