"""Who signs: levels one after the other, steps together, votes, and signatures that only some cases need."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.engine import judgement
from policies.engine.describe import describe
from policies.engine.document import MalformedDocument, PolicyDocument, document_json, parse_document
from policies.engine.exposure import parts
from policies.engine.facts import Recent
from policies.engine.judgement import judge, planned_steps
from policies.engine.words import Outcome, Per
from policies.templates import typed_template
from tests.policies.engine.builders import document, refund
from tests.policies.strategies import documents, extras, facts

if TYPE_CHECKING:
    from policies.engine.facts import RefundFacts
    from policies.engine.verdict import PlannedStep

FIRST = {"role": "approver", "sla_hours": 4}
HIGH: dict[str, Any] = {"reason": "fraudulent"}


def approval(*steps: dict[str, Any], also: list[dict[str, Any]] | None = None, **changes: Any) -> PolicyDocument:
    """Ask for these steps whatever the amount, and for more in some cases."""
    return document(approval={"tiers": {}, "otherwise": list(steps or (FIRST,)), "also": also or []}, **changes)


def besides(role: str = "manager", *, when: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"role": role, "sla_hours": 8, "when": when, **changes}


def levels(policy: PolicyDocument, **case: Any) -> list[tuple[int, str]]:
    return [(step.level, step.role) for step in planned_steps(policy, refund(**case))]


def signatures(plan: tuple[PlannedStep, ...]) -> Counter[tuple[Any, ...]]:
    """Count signatures, wherever in the plan they stand."""
    return Counter([tuple(step[1:]) for step in plan])


class TestLevels:
    def test_follow_each_other(self) -> None:
        assert levels(approval(FIRST, FIRST | {"role": "manager"})) == [(1, "approver"), (2, "manager")]

    def test_are_shared_by_steps_that_are_parallel(self) -> None:
        policy = approval(
            FIRST,
            FIRST | {"role": "manager", "is_parallel": True},
            FIRST | {"role": "director"},
            FIRST | {"role": "finance", "is_parallel": True},
        )

        assert levels(policy) == [(1, "approver"), (1, "manager"), (2, "director"), (2, "finance")]

    def test_carry_the_votes(self) -> None:
        (step,) = planned_steps(approval(FIRST | {"quorum": 2, "out_of": 3}), refund())

        assert (step.quorum, step.out_of) == (2, 3)


class TestAnExtraSignature:
    @pytest.mark.parametrize(
        ("when", "case", "other"),
        [
            ({"risks": ["high"]}, HIGH, {}),
            ({"risks": ["medium", "high"]}, {"customer_tenure_days": 3}, {}),
            ({"reasons": ["damaged", "other"]}, {"reason": "other"}, {"reason": "changed_mind"}),
            ({"exception_codes": ["OTHER"]}, {"exception_code": "OTHER"}, {"exception_code": "WINDOW_EXPIRED"}),
            ({"categories": ["payout"]}, {"category": "payout"}, {"category": "transfer"}),
            ({"above_minor": {"GBP": 5_000}}, {"amount_minor": 5_001}, {"amount_minor": 5_000}),
            ({"above_minor": {"GBP": 5_000}}, {"amount_minor": 5_001}, {"amount_minor": 5_001, "currency": "JPY"}),
            (
                {"risks": ["high"], "above_minor": {"GBP": 5_000}},
                HIGH | {"amount_minor": 5_001},
                HIGH | {"amount_minor": 5_000},
            ),
            ({"risks": ["high"], "categories": ["refund"]}, HIGH, HIGH | {"category": "payout"}),
        ],
    )
    def test_is_asked_for_when_all_that_is_named_holds(
        self, when: dict[str, Any], case: dict[str, Any], other: dict[str, Any]
    ) -> None:
        policy = approval(also=[besides(when=when)])

        assert levels(policy, **case) == [(1, "approver"), (2, "manager")]
        assert levels(policy, **other) == [(1, "approver")]

    def test_comes_after_the_tier_or_with_its_last_step(self) -> None:
        high = {"risks": ["high"]}
        policy = approval(
            also=[
                besides(when=high),
                besides("director", when=high, is_parallel=True),
                besides("finance", when={"reasons": ["other"]}, is_parallel=True),
            ]
        )

        assert levels(policy, **HIGH) == [(1, "approver"), (2, "manager"), (2, "director")]
        assert levels(policy, reason="other") == [(1, "approver"), (1, "finance")]

    def test_of_a_role_of_the_tier_is_a_further_one(self) -> None:
        policy = approval(also=[besides("approver", when={"risks": ["high"]})])

        assert levels(policy, **HIGH) == [(1, "approver"), (2, "approver")]

    def test_goes_by_the_sum_and_not_by_the_part(self) -> None:
        policy = approval(
            also=[besides(when={"above_minor": {"GBP": 5_000}})], sums={"same_charge": True}, schema_version=2
        )

        assert levels(policy, amount_minor=1, charge_minor=5_000) == [(1, "approver"), (2, "manager")]
        assert levels(policy, amount_minor=1, charge_minor=4_999) == [(1, "approver")]

    def test_of_high_risk_is_not_saved_by_a_split(self) -> None:
        policy = approval(
            also=[besides(when={"risks": ["medium"]})],
            risk={"large_above_minor": {"GBP": 5_000}},
            sums={"same_charge": True},
            schema_version=2,
        )

        assert levels(policy, amount_minor=1, charge_minor=5_000) == levels(policy, amount_minor=5_001)

    def test_never_turns_an_outcome(self) -> None:
        policy = approval(also=[besides(when={"categories": ["refund"]})])

        verdict = judge(policy, refund())

        assert (verdict.outcome, verdict.plan) == (Outcome.ALLOW, ())

    def test_costs_nothing_where_there_is_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(judgement, "_extras")

        assert levels(approval()) == [(1, "approver")]

    @pytest.mark.parametrize(
        ("extra", "sentence"),
        [
            (besides(when={"risks": ["high"]}), "A high risk also needs one manager within 8 hours."),
            (
                besides(when={"exception_codes": ["GOODWILL_RETENTION"]}, quorum=2, out_of=3, escalates_to="director"),
                "The code GOODWILL_RETENTION also needs 2 of 3 managers within 8 hours (overdue: director is asked).",
            ),
            (
                besides(
                    when={"risks": ["medium", "high"], "categories": ["payout"], "above_minor": {"GBP": 5_000}},
                    is_parallel=True,
                ),
                (
                    "A medium or high risk with the category “payout” and more than GBP 50.00 also needs one manager"
                    " within 8 hours, together with whoever signs last before."
                ),
            ),
        ],
    )
    def test_is_said_in_a_sentence(self, extra: dict[str, Any], sentence: str) -> None:
        assert sentence in describe(approval(also=[extra]))

    def test_together_with_another_is_said_of_tiers_too(self) -> None:
        policy = approval(FIRST, FIRST | {"role": "manager", "is_parallel": True})

        said = "one approver within 4 hours and with it one manager within 4 hours"
        assert f"Approval of any amount: {said}." in describe(policy)


class TestADocument:
    def test_without_any_of_it_reads_as_before(self) -> None:
        old = document_json(document())
        del old["approval"]["also"]
        for steps in [old["approval"]["otherwise"], *[tier["steps"] for tier in old["approval"]["tiers"]["GBP"]]]:
            for step in steps:
                del step["out_of"], step["is_parallel"]

        assert parse_document(old) == document()

    @pytest.mark.parametrize(
        ("steps", "also", "path"),
        [
            ([FIRST | {"quorum": 3, "out_of": 2}], [], "approval.otherwise.0.out_of"),
            ([FIRST | {"out_of": 11}], [], "approval.otherwise.0.out_of"),
            ([FIRST | {"is_parallel": True}], [], "approval.otherwise"),
            ([FIRST], [besides(when={})], "approval.also.0.when"),
            ([FIRST], [besides(when={"risks": ["enormous"]})], "approval.also.0.when.risks.0"),
            ([FIRST], [besides(when={"categories": ["gift"]})], "approval.also.0.when.categories.0"),
            ([FIRST], [besides(when={"above_minor": {"ZZZ": 1}})], "approval.also.0.when.above_minor.ZZZ"),
            ([FIRST], [besides(when={"risks": ["low"]})] * 13, "approval.also"),
        ],
    )
    def test_is_refused_at_its_place(self, steps: list[dict[str, Any]], also: list[dict[str, Any]], path: str) -> None:
        with pytest.raises(MalformedDocument) as refused:
            approval(*steps, also=also)

        assert [at for at, _ in refused.value.errors] == [path]

    def test_of_the_fintech_template_asks_two_of_three_directors_for_large_payouts(self) -> None:
        template = typed_template("high-risk-fintech")
        assert template is not None
        payout = refund(category="payout", currency="USD", amount_minor=1_500_000, lines=())

        last = planned_steps(template.parsed, payout)[-1]

        assert (last.role, last.quorum, last.out_of) == ("director", 2, 3)


class TestPlans:
    """For any document and any facts."""

    @given(documents(), facts(), extras())
    def test_lose_no_signature_to_an_extra_one(
        self, policy: PolicyDocument, case: RefundFacts, extra: dict[str, Any]
    ) -> None:
        raw = document_json(policy)
        raw["approval"]["also"].append(extra)

        before, after = planned_steps(policy, case), planned_steps(parse_document(raw), case)

        assert after[: len(before)] == before
        assert judge(parse_document(raw), case).outcome is judge(policy, case).outcome

    @given(documents(), facts(), st.randoms(use_true_random=False))
    def test_ask_for_the_same_signatures_in_any_order_of_extras(
        self, policy: PolicyDocument, case: RefundFacts, shuffle: Any
    ) -> None:
        raw = document_json(policy)
        shuffle.shuffle(raw["approval"]["also"])

        assert signatures(planned_steps(parse_document(raw), case)) == signatures(planned_steps(policy, case))

    @given(documents(), facts())
    def test_leave_no_level_out(self, policy: PolicyDocument, case: RefundFacts) -> None:
        found = [step.level for step in planned_steps(policy, case)]

        assert found == sorted(found)
        assert set(found) == set(range(1, max(found) + 1))


class TestParts:
    """Which part of something larger an outflow is."""

    SUMS = document(schema_version=2, sums={"same_charge": True, "customer_days": 7, "agent_days": 1})

    @pytest.mark.parametrize(
        ("case", "number", "others_minor"),
        [
            ({}, 1, 0),
            ({"recent": (Recent(Per.CUSTOMER, 7, 2, 40_000),)}, 3, 40_000),
            ({"recent": (Recent(Per.CUSTOMER, 30, 9, 90_000),)}, 1, 0),
            ({"charge_minor": 700}, 2, 700),
            ({"charge_minor": 700, "recent": (Recent(Per.CHARGE, 365, 2, 700),)}, 3, 700),
            ({"charge_minor": 700, "recent": (Recent(Per.CUSTOMER, 7, 4, 800),)}, 5, 800),
            ({"recent": (Recent(Per.AGENT, 1, 50, 900_000),)}, 1, 0),
        ],
    )
    def test_are_counted_where_the_exposure_comes_from(
        self, case: dict[str, Any], number: int, others_minor: int
    ) -> None:
        assert parts(self.SUMS, replace(refund(), **case)) == (number, others_minor)

    def test_are_none_where_the_document_adds_nothing_up(self) -> None:
        policy = document(schema_version=2, sums={"same_charge": False})

        assert parts(policy, refund(charge_minor=700)) == (1, 0)
