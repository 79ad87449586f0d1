"""A document as one SQL expression over stored facts; `policies.engine.judgement` says the same to one case."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from policies.engine.document import PolicyDocument
from policies.engine.words import Category, Outcome
from policies.simulation import conduct_rules, rules
from policies.simulation.exposure import exposure_minor
from policies.simulation.extras import applies
from policies.simulation.facts import CATEGORY, CURRENCY, EXCEPTION_CODE
from policies.simulation.rules import Failure
from policies.simulation.sql import Sql, all_of, any_of, is_in, looked_up, sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policies.engine.signatures import Extra, Step, Tier

_Rules = tuple[Callable[[PolicyDocument], list[Failure]], ...]

_OF_EVERY_OUTFLOW: Final[_Rules] = (
    conduct_rules.dispute_deadline,
    rules.reasons_blocked,
    rules.thresholds,
    rules.reasons_always_escalated,
    conduct_rules.tenure,
    conduct_rules.business_hours,
    conduct_rules.velocity,
)
_OF_A_CREDIT: Final[_Rules] = (
    rules.open_dispute,
    *_OF_EVERY_OUTFLOW,
    rules.evidence,
)
_OF_A_REFUND: Final[_Rules] = (
    rules.payment_found,
    rules.refundable_balance,
    rules.open_dispute,
    *_OF_EVERY_OUTFLOW,
    conduct_rules.legal_basis,
    rules.return_window,
    rules.final_sale,
    rules.excluded_product,
    rules.condition,
    rules.restocking,
    rules.evidence,
)
_RULES: Final[dict[str, _Rules]] = {Category.REFUND: _OF_A_REFUND, Category.GOODWILL_CREDIT: _OF_A_CREDIT}


class Ladder(NamedTuple):
    """Who signs: `tier` answers a number for a decision that needs people, and `steps` says whom it stands for.

    The number is a sum: a bit for each extra signature, and above them the place of the tier's steps.
    """

    tier: Sql
    tiers: tuple[tuple[Step, ...], ...]
    extras: tuple[Extra, ...]

    def steps(self, number: int) -> tuple[Step, ...]:
        """Name the signatures a number stands for."""
        place, bits = divmod(number, 1 << len(self.extras))
        return (*self.tiers[place], *[extra for bit, extra in enumerate(self.extras) if bits >> bit & 1])


def compile_outcome(document: PolicyDocument) -> Sql:
    """Write the outcome of `judge(document, facts)` for a decision `d` with its facts as columns."""
    of_category = {category: _outcome(document, asked) for category, asked in _RULES.items()}
    return looked_up(CATEGORY, of_category, _outcome(document, _OF_EVERY_OUTFLOW))


def compile_ladder(document: PolicyDocument) -> Ladder:
    """Write which signatures `planned_steps(document, facts)` names, as a number, and what each number stands for."""
    approval = document.approval
    tiers = tuple(
        dict.fromkeys([approval.otherwise, *[tier.steps for ladder in approval.tiers.values() for tier in ladder]])
    )
    # Above the bits of the extras.
    places = {steps: place << len(approval.also) for place, steps in enumerate(tiers)}
    exposure = exposure_minor(document)
    climbs = {
        currency: _climbed(exposure, ladder, places, places[approval.otherwise])
        for currency, ladder in approval.tiers.items()
        if ladder
    }
    tier = looked_up(CURRENCY, climbs, places[approval.otherwise])
    if approval.also:
        bits = [
            sql("CASE WHEN {} THEN {} ELSE 0 END", applies(document, extra.when), 1 << bit)
            for bit, extra in enumerate(approval.also)
        ]
        tier = sql("({} + " + " + ".join(["{}"] * len(bits)) + ")", tier, *bits)
    return Ladder(tier, tiers, approval.also)


def _outcome(document: PolicyDocument, asked: _Rules) -> Sql:
    """Let the worst failure win; a granted code that covers every exception brings people in instead."""
    failures = [failure for rule in asked for failure in rule(document)]
    return sql(
        "CASE WHEN {} THEN 'block' WHEN {} THEN CASE WHEN {} THEN 'require_approval' ELSE 'exception' END"
        " WHEN {} THEN 'require_approval' ELSE 'allow' END",
        _any_that_demands(Outcome.BLOCK, failures),
        _any_that_demands(Outcome.EXCEPTION, failures),
        _is_granted(document, failures),
        _any_that_demands(Outcome.REQUIRE_APPROVAL, failures),
    )


def _any_that_demands(outcome: Outcome, failures: Sequence[Failure]) -> Sql:
    return any_of([failure.when for failure in failures if failure.outcome is outcome])


def _is_granted(document: PolicyDocument, failures: Sequence[Failure]) -> Sql:
    """Hold when the granted code is allowed by each rule that fails with an exception."""
    return all_of(
        [
            sql("NOT ({}) OR {}", failure.when, is_in(EXCEPTION_CODE, _codes(document, failure.rule)))
            for failure in failures
            if failure.outcome is Outcome.EXCEPTION
        ]
    )


def _codes(document: PolicyDocument, rule: str) -> frozenset[str]:
    # A rule about velocity also names whose outflows it counts; a code covers all of them.
    return document.exception_codes.get(rule.partition(".")[0], frozenset())


def _climbed(exposure: Sql, ladder: Sequence[Tier], places: dict[tuple[Step, ...], int], otherwise: int) -> Sql:
    """Take the first tier that reaches the exposure."""
    steps = [sql("WHEN {} <= {} THEN {}", exposure, tier.up_to_minor, places[tier.steps]) for tier in ladder]
    return sql("CASE " + "{} " * len(steps) + "ELSE {} END", *steps, otherwise)
