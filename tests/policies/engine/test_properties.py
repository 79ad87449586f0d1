"""The laws of the engine, for any document and any facts."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.engine import conduct_rules, rules
from policies.engine.conduct import Sums
from policies.engine.describe import describe
from policies.engine.document import PolicyDocument, document_json, parse_document
from policies.engine.evaluate import evaluate
from policies.engine.explain import nearest_automatic
from policies.engine.facts import Recent, RefundFacts
from policies.engine.judgement import judge, planned_steps
from policies.engine.outcomes import Outcomes
from policies.engine.words import SEVERITY, Category, Outcome, Per
from tests.policies.strategies import amounts_minor, documents, facts

if TYPE_CHECKING:
    from policies.engine.verdict import Finding

ALLOW_RANK: Final = SEVERITY[Outcome.ALLOW]
shuffled = st.randoms(use_true_random=False)
lenient = documents().map(
    lambda document: document.model_copy(
        update={"reasons_blocked": frozenset(), "reasons_always_escalated": frozenset(), "dispute_deadline_hours": None}
    )
)
"""Documents under which most cases can be mended."""
splits = st.lists(st.integers(1, 30_000), min_size=2, max_size=5)
"""The parts of an amount, in the order they are asked for."""


def asked_together(document: PolicyDocument, case: RefundFacts) -> list[Finding]:
    """Ask the rules that no splitting may soften."""
    found = [rules.thresholds, rules.evidence, conduct_rules.tenure, conduct_rules.business_hours]
    said = [finding for rule in found if (finding := rule(document, case)) is not None]
    return [*said, *conduct_rules.velocity(document, case)]


def strictness(document: PolicyDocument, case: RefundFacts) -> int:
    """Rank the worst these rules say."""
    failed = [finding for finding in asked_together(document, case) if not finding.passed]
    return max([SEVERITY[finding.outcome_if_failed] for finding in failed], default=ALLOW_RANK)


def with_earlier(case: RefundFacts, parts: list[int], *, of: tuple[str, ...]) -> RefundFacts:
    """Ask for the last part, with the earlier ones recorded in every window of these counts."""
    *before, last = parts
    recent = tuple(
        replace(seen, count=seen.count + len(before), minor=seen.minor + sum(before)) if seen.per in of else seen
        for seen in case.recent
    )
    charge_minor = case.charge_minor + (sum(before) if Per.CHARGE in of else 0)
    return replace(case, amount_minor=last, charge_minor=charge_minor, recent=recent)


class TestAmounts:
    """More money."""

    @given(documents(), facts(), amounts_minor)
    def test_is_never_judged_milder(self, document: PolicyDocument, case: RefundFacts, other_minor: int) -> None:
        less, more = sorted([case.amount_minor, other_minor])
        milder, harder = (judge(document, replace(case, amount_minor=minor)) for minor in (less, more))
        assert SEVERITY[milder.outcome] <= SEVERITY[harder.outcome]

    @given(documents(), facts(), st.integers(0, 100_000))
    def test_on_the_charge_before_is_never_judged_milder(
        self, document: PolicyDocument, case: RefundFacts, minor: int
    ) -> None:
        dearer = replace(case, charge_minor=case.charge_minor + minor)
        assert SEVERITY[judge(document, case).outcome] <= SEVERITY[judge(document, dearer).outcome]


class TestSplitting:
    """An amount asked for in parts."""

    @given(documents(), facts(), splits)
    def test_on_one_charge_ends_as_the_whole_does_or_worse(
        self, document: PolicyDocument, case: RefundFacts, parts: list[int]
    ) -> None:
        document = document.model_copy(update={"sums": document.sums.model_copy(update={"same_charge": True})})
        whole = replace(case, amount_minor=sum(parts))
        last = with_earlier(case, parts, of=tuple(Per))
        assert strictness(document, last) >= strictness(document, whole)
        assert planned_steps(document, last) == planned_steps(document, whole)

    @given(documents(), facts(charge_minor=st.just(0)), splits, st.integers(0, 50_000))
    def test_by_one_customer_within_the_window_ends_as_the_whole_does_or_worse(
        self, document: PolicyDocument, case: RefundFacts, parts: list[int], before_minor: int
    ) -> None:
        """Each part is on a charge of its own; evidence and what counts by the charge are left out."""
        velocity = tuple(limit for limit in document.velocity if limit.per != Per.CHARGE)
        sums = Sums(same_charge=True, customer_days=30)
        document = document.model_copy(update={"sums": sums, "evidence": {}, "velocity": velocity})
        counted = Recent(Per.CUSTOMER, 30, 1, before_minor)
        others = [seen for seen in case.recent if (seen.per, seen.window_days) != (Per.CUSTOMER, 30)]
        case = replace(case, recent=(*others, counted))
        whole = replace(case, amount_minor=sum(parts))
        last = with_earlier(case, parts, of=(Per.CUSTOMER, Per.AGENT))
        assert strictness(document, last) >= strictness(document, whole)
        assert planned_steps(document, last) == planned_steps(document, whole)

    @given(documents(), facts(category=st.just(str(Category.PAYOUT))), splits)
    def test_of_a_payout_is_never_automatic_where_the_whole_is_not(
        self, document: PolicyDocument, case: RefundFacts, parts: list[int]
    ) -> None:
        document = document.model_copy(update={"sums": document.sums.model_copy(update={"same_charge": True})})
        whole = judge(document, replace(case, amount_minor=sum(parts)))
        last = judge(document, with_earlier(case, parts, of=tuple(Per)))
        assert SEVERITY[last.outcome] >= SEVERITY[whole.outcome]


class TestNearestAutomatic:
    """What would have made it automatic."""

    @settings(max_examples=250)
    @given(lenient, facts())
    def test_is_judged_automatic(self, document: PolicyDocument, case: RefundFacts) -> None:
        change = nearest_automatic(document, case, judge(document, case))
        if change is None:
            return
        assert judge(document, change.facts).outcome is Outcome.ALLOW

    @settings(max_examples=250)
    @given(lenient, facts())
    def test_gives_up_no_more_money_than_it_must(self, document: PolicyDocument, case: RefundFacts) -> None:
        change = nearest_automatic(document, case, judge(document, case))
        if change is None:
            return
        if any(clause.startswith("up to") for clause in change.clauses):
            dearer = replace(change.facts, amount_minor=change.facts.amount_minor + 1)
            assert judge(document, dearer).outcome is not Outcome.ALLOW
        elif not any(clause.startswith("without line") for clause in change.clauses):
            assert change.facts.amount_minor == case.amount_minor

    @settings(max_examples=250)
    @given(lenient, facts())
    def test_asks_for_nothing_that_changes_nothing(self, document: PolicyDocument, case: RefundFacts) -> None:
        change = nearest_automatic(document, case, judge(document, case))
        if change is None:
            return
        for name in ("days_since_delivery", "legal_basis", "evidence_kinds", "dispute_is_open", "customer_tenure_days"):
            if getattr(change.facts, name) != getattr(case, name):
                without = replace(change.facts, **{name: getattr(case, name)})
                assert judge(document, without).outcome is not Outcome.ALLOW, name


class TestJudging:
    """The same question."""

    @given(documents(), facts())
    def test_has_one_answer(self, document: PolicyDocument, case: RefundFacts) -> None:
        again = parse_document(json.loads(json.dumps(document_json(document))))
        assert evaluate(document, case) == evaluate(document, case) == evaluate(again, case)

    @given(documents(), facts(), shuffled)
    def test_does_not_mind_the_order_of_rows(self, document: PolicyDocument, case: RefundFacts, shuffle: Any) -> None:
        lines, recent = list(case.lines), list(case.recent)
        shuffle.shuffle(lines)
        shuffle.shuffle(recent)
        mixed = replace(case, lines=tuple(lines), recent=tuple(recent))
        assert evaluate(document, mixed) == evaluate(document, case)

    @given(documents(), facts())
    def test_says_why_it_is_not_automatic(self, document: PolicyDocument, case: RefundFacts) -> None:
        verdict = evaluate(document, case)
        assert bool(verdict.why_not_automatic) == (verdict.outcome is not Outcome.ALLOW) == bool(verdict.failed)

    @given(documents(), facts(currency=st.just("CHF")))
    def test_never_lets_an_unknown_currency_leave(self, document: PolicyDocument, case: RefundFacts) -> None:
        assert judge(document, case).outcome is not Outcome.ALLOW


class TestOutcomes:
    """The outcome alone."""

    @settings(max_examples=400)
    @given(documents(), facts())
    def test_is_what_the_judgement_says(self, document: PolicyDocument, case: RefundFacts) -> None:
        assert Outcomes(document).of(case) is judge(document, case).outcome

    @given(documents(), st.lists(facts(), min_size=2, max_size=4))
    def test_of_one_case_is_not_mixed_up_with_another(self, document: PolicyDocument, cases: list[RefundFacts]) -> None:
        outcomes = Outcomes(document)
        assert [outcomes.of(case) for case in [*cases, *cases]] == [judge(document, case).outcome for case in cases] * 2


class TestStorage:
    """Documents and facts as JSON."""

    @given(facts())
    def test_brings_facts_back_exactly(self, case: RefundFacts) -> None:
        assert RefundFacts.from_json(json.loads(json.dumps(case.to_json()))) == case

    @given(documents())
    def test_brings_a_document_and_its_words_back(self, document: PolicyDocument) -> None:
        stored = document_json(document)
        again = parse_document(json.loads(json.dumps(stored)))
        assert (again, document_json(again), describe(again)) == (document, stored, describe(document))

    @given(documents(), facts())
    def test_brings_a_verdict_back(self, document: PolicyDocument, case: RefundFacts) -> None:
        stored = json.loads(json.dumps(case.to_json()))
        assert evaluate(document, RefundFacts.from_json(stored)) == evaluate(document, case)
