"""The boundary table: every template, category and currency, at each limit and one minor unit on either side of it.

Each template is tried as it is and re-denominated to a currency without decimals and to one of three, so that no limit
hides behind the pence.
"""

from __future__ import annotations

from copy import deepcopy
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from config.kernel.money import minor_digits
from policies.engine.document import PolicyDocument, parse_document
from policies.engine.evaluate import evaluate
from policies.engine.facts import Recent, RefundFacts
from policies.engine.judgement import judge, planned_steps
from policies.engine.words import Category, Outcome, Per
from policies.templates import typed_templates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from policies.engine.parts import Threshold

DENOMINATIONS: Final = ("JPY", "KWD")
STRANGER: Final = "ISK"
"""A currency no template names."""

MONDAY_NOON: Final = {"asked_weekday": 1, "asked_minute": 12 * 60}


def redenominated(raw: dict[str, Any], currency: str) -> dict[str, Any]:
    """Write every amount of a document in one currency alone: whole units stay what they are, minor units follow."""

    def scaled(value: Any, source: str) -> Any:
        match value:
            case dict():
                return {key: scaled(inner, source) if key.endswith("_minor") else inner for key, inner in value.items()}
            case int():
                digits = minor_digits(currency) - minor_digits(source)
                return value * 10**digits if digits >= 0 else value // 10**-digits
            case _:
                return [scaled(inner, source) for inner in value]

    def walked(value: Any) -> Any:
        if isinstance(value, list):
            return [walked(inner) for inner in value]
        if not isinstance(value, dict):
            return value
        codes = [key for key in value if len(key) == 3 and key.isupper()]
        if codes:
            return {currency: scaled(value[codes[0]], codes[0])}
        return {key: walked(inner) for key, inner in value.items()}

    return {key: walked(deepcopy(inner)) for key, inner in raw.items()}


class Case(NamedTuple):
    """One cell of the table: a document, a category and a currency."""

    name: str
    document: PolicyDocument
    category: str
    currency: str

    @property
    def bands(self) -> Threshold:
        """Its bands."""
        found = self.document.threshold_for(self.category, self.currency)
        assert found is not None
        return found

    def facts(self, amount_minor: int, **changes: Any) -> RefundFacts:
        """Describe an outflow that nothing but its amount can keep from being automatic."""
        usual: dict[str, Any] = {
            "category": self.category,
            "amount_minor": amount_minor,
            "currency": self.currency,
            "reason": "cancelled_subscription",
            "days_since_delivery": 1,
            "payment_is_found": True,
            "refundable_minor": 10**15,
            "customer_tenure_days": 4_000,
            **MONDAY_NOON,
        }
        return RefundFacts(**usual | changes)

    def outcome(self, amount_minor: int, **changes: Any) -> Outcome:
        """Judge it."""
        return judge(self.document, self.facts(amount_minor, **changes)).outcome


def _cases() -> Iterator[Case]:
    for template in typed_templates():
        documents = {template.slug: template.document}
        for currency in DENOMINATIONS:
            documents[f"{template.slug} in {currency}"] = redenominated(template.document, currency)
        for name, raw in documents.items():
            document = parse_document(raw)
            for currency in sorted({code for bands in document.thresholds.values() for code in bands}):
                for category in Category:
                    yield Case(f"{name}: {category} in {currency}", document, category, currency)


CASES: Final = tuple(_cases())
TABLES: Final = {name: tuple(cases) for name, cases in groupby(CASES, key=lambda case: case.name.partition(":")[0])}
"""The cells of each document."""


def everywhere(test: Callable[[Any, Case], None]) -> Callable[..., None]:
    """Try every cell, one test a document; a failure names its cell."""

    @pytest.mark.parametrize("table", TABLES)
    def tried(self: object, table: str) -> None:
        for case in TABLES[table]:
            try:
                test(self, case)
            except AssertionError as failure:
                failure.add_note(case.name)
                raise

    return tried


def by_band(bands: Threshold, minor: int) -> Outcome:
    """Read the outcome from the numbers of the file, without asking the engine."""
    if minor <= bands.auto_up_to_minor:
        return Outcome.ALLOW
    return Outcome.REQUIRE_APPROVAL if minor <= bands.approve_up_to_minor else Outcome.BLOCK


def around(*limits: int) -> list[int]:
    """List each limit with one minor unit below and above it."""
    return sorted({max(limit + step, 0) for limit in limits for step in (-1, 0, 1)})


class TestBands:
    """The three bands of an amount."""

    def test_are_tried_for_every_template(self) -> None:
        assert {case.category for case in CASES} == set(Category)
        assert {minor_digits(case.currency) for case in CASES} == {0, 2, 3}
        assert len(TABLES) == 3 * len(typed_templates())

    @everywhere
    def test_end_exactly_at_their_limits(self, case: Case) -> None:
        bands = case.bands
        for minor in around(bands.auto_up_to_minor, bands.approve_up_to_minor):
            assert case.outcome(minor) is by_band(bands, minor), minor

    @everywhere
    def test_go_by_the_sum_on_the_same_charge(self, case: Case) -> None:
        before, bands = 7, case.bands
        for minor in around(bands.auto_up_to_minor, bands.approve_up_to_minor):
            if minor >= before:
                assert case.outcome(minor - before, charge_minor=before) is by_band(bands, minor), minor

    @everywhere
    def test_go_by_the_sum_of_the_customer(self, case: Case) -> None:
        before, bands, days = 7, case.bands, case.document.sums.customer_days
        assert days is not None
        recent = (Recent(Per.CUSTOMER, days, 0, before, 10**15), Recent(Per.CUSTOMER, 1, 0, before, 10**15))
        for minor in around(bands.auto_up_to_minor, bands.approve_up_to_minor):
            if minor < before:
                continue
            facts = case.facts(minor - before, recent=recent)
            [found] = [seen for seen in judge(case.document, facts).findings if seen.rule.startswith("thresholds")]
            outcome = Outcome.ALLOW if found.passed else found.outcome_if_failed
            assert outcome is by_band(bands, minor), minor

    @everywhere
    def test_are_the_categorys_own_or_the_defaults(self, case: Case) -> None:
        own = case.document.thresholds.get(case.category, {})
        expected = own.get(case.currency) or case.document.thresholds["default"][case.currency]
        assert case.bands == expected

    @everywhere
    def test_never_let_a_currency_leave_that_has_none(self, case: Case) -> None:
        for minor in (0, 1, case.bands.auto_up_to_minor, 10**12):
            verdict = evaluate(case.document, case.facts(minor, currency=STRANGER))
            assert verdict.outcome is Outcome.REQUIRE_APPROVAL
            assert verdict.matched_rule == f"thresholds.{case.category}.{STRANGER}"


class TestSignatures:
    """Who signs."""

    @everywhere
    def test_changes_exactly_above_each_tier(self, case: Case) -> None:
        ladder = case.document.approval.tiers[case.currency]
        for minor in around(*[tier.up_to_minor for tier in ladder]):
            reaching = [tier.steps for tier in ladder if minor <= tier.up_to_minor]
            steps = reaching[0] if reaching else case.document.approval.otherwise
            planned = planned_steps(case.document, case.facts(minor))[: len(steps)]
            assert [(step.role, step.quorum, step.sla_hours, step.escalates_to) for step in planned] == [
                (step.role, step.quorum, step.sla_hours, step.escalates_to) for step in steps
            ]

    @everywhere
    def test_go_by_the_sum_on_the_same_charge(self, case: Case) -> None:
        for tier in case.document.approval.tiers[case.currency]:
            whole = planned_steps(case.document, case.facts(tier.up_to_minor + 1))
            assert planned_steps(case.document, case.facts(1, charge_minor=tier.up_to_minor)) == whole

    @everywhere
    def test_are_asked_for_everything_a_person_decides(self, case: Case) -> None:
        bands = case.bands
        if bands.auto_up_to_minor == bands.approve_up_to_minor:
            return
        verdict = judge(case.document, case.facts(bands.auto_up_to_minor + 1))
        assert verdict.plan == planned_steps(case.document, case.facts(bands.auto_up_to_minor + 1)) != ()


class TestOtherLimits:
    """Limits of money that are not bands."""

    @everywhere
    def test_evidence_is_demanded_one_unit_above(self, case: Case) -> None:
        if case.category not in {Category.REFUND, Category.GOODWILL_CREDIT}:
            return
        for reason, demand in case.document.evidence.items():
            limit = demand.above_minor[case.currency]
            for minor in around(limit):
                verdict = judge(case.document, case.facts(minor, reason=reason))
                is_asked = any(found.rule == "evidence" for found in verdict.findings)
                assert is_asked == (minor > limit), (reason, minor)

    @everywhere
    def test_a_new_customer_gets_little(self, case: Case) -> None:
        tenure = case.document.tenure
        if tenure is None:
            return
        limit = tenure.auto_up_to_minor.get(case.currency, 0)
        for minor in around(limit):
            for days, is_new in ((tenure.minimum_days - 1, True), (tenure.minimum_days, False), (None, True)):
                verdict = judge(case.document, case.facts(minor, customer_tenure_days=days))
                failed = any(found.rule == "tenure" for found in verdict.failed)
                assert failed == (is_new and minor > limit), (days, minor)
