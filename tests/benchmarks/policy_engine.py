"""How fast a policy judges, next to the fastest rule engines of PyPI on the same policy and the same inputs.

Three lines: the outcome alone (`engine.outcomes`), the outcome with its findings and their sentences (`engine.judge`),
and everything a decision keeps, from stored JSON to the explanation. The first stands beside the outcome of the others,
the rest beside their list of which rules failed; none of them says a sentence. One mismatch in an outcome ends the run.

The policy is the template for careful small businesses, which has every chapter; a restocking share is left out, since
one of the others cannot add up a list. What the others get ready-made (sums, unknowns as numbers) counts for them.

Run: `python -m tests.benchmarks.policy_engine`.
"""

from __future__ import annotations

import gc
import random
import sys
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import cel
import zen

from policies.engine.document import PolicyDocument, parse_document
from policies.engine.evaluate import evaluate
from policies.engine.facts import LineFact, Recent, RefundFacts
from policies.engine.judgement import judge
from policies.engine.outcomes import Outcomes
from policies.engine.words import Category, Condition, EvidenceKind, Outcome, Per, Reason
from policies.templates import typed_template
from tests.benchmarks.measure import ROUNDS, report, seconds, sized
from tests.benchmarks.policy_expression import CEL, ZEN, clauses_of, expression_of, findings_of, inputs_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.policy_expression import Dialect

CASES: Final = sized(small=10_000, full=100_000)
SEED: Final = 20_261_121
CURRENCY: Final = "USD"
TARGET_OUTCOME, FLOOR_OUTCOME = 10.0, 1.0
TARGET_WHOLE, FLOOR_WHOLE = 1.5, 0.05


def main() -> int:
    """Measure and print; 0 when the floors hold and no outcome differs."""
    document = _document()
    cases = _cases(CASES)
    stored = [case.to_json() for case in cases]
    inputs = [inputs_of(document, case) for case in cases]
    outcomes = Outcomes(document)
    alone = {name: _asking(ask, inputs) for name, ask in _engines(document, expression_of).items()}
    listing = {f"{name}, each rule": _asking(ask, inputs) for name, ask in _engines(document, findings_of).items()}
    ways: dict[str, Callable[[], list[Any]]] = {
        **alone,
        **listing,
        "outcomes": lambda: [outcomes.of(case) for case in cases],
        "judge": lambda: [judge(document, case).outcome for case in cases],
        "evaluate": lambda: [evaluate(document, RefundFacts.from_json(facts)).outcome for facts in stored],
    }
    expected = [judge(document, case).outcome for case in cases]
    outcome_of_clause = [outcome for outcome, clauses in clauses_of(document, CURRENCY, ZEN).items() for _ in clauses]
    for name, way in ways.items():
        said = [_worst(answer, outcome_of_clause) if name in listing else answer for answer in way()]
        mismatches = sum(mine != other for mine, other in zip(expected, said, strict=True))
        sys.stdout.write(f"{name}: {mismatches} mismatches in {CASES} outcomes\n")
        if mismatches:
            return 1
    gc.freeze()
    speeds = _measure(ways)
    fastest, fastest_listing = (max(names, key=lambda name: max(speeds[name])) for names in (alone, listing))
    outcome_stands = report(
        "policy_engine_outcome",
        ours=speeds["outcomes"],
        reference=speeds[fastest],
        unit="decisions/s",
        floor=FLOOR_OUTCOME,
        target=TARGET_OUTCOME,
        note=f"(reference: {fastest})",
    )
    judge_stands, whole_stands = (
        report(
            name,
            ours=speeds[way],
            reference=speeds[fastest_listing],
            unit="decisions/s",
            floor=FLOOR_WHOLE,
            target=TARGET_WHOLE,
            note=f"({what}; reference: {fastest_listing}, without a sentence)",
        )
        for name, way, what in (
            ("policy_engine_findings", "judge", "with findings and sentences"),
            ("policy_engine_whole", "evaluate", "from stored JSON, with findings, sentences and explanation"),
        )
    )
    return 0 if outcome_stands and judge_stands and whole_stands else 1


def _engines(
    document: PolicyDocument, written: Callable[[PolicyDocument, str, Dialect], str]
) -> dict[str, Callable[[dict[str, Any]], Any]]:
    """Compile the same text for both of them."""
    compile_zen: Any = zen.compile_expression
    compile_cel: Any = cel.compile
    return {
        "zen-engine": compile_zen(written(document, CURRENCY, ZEN)).evaluate,
        "common-expression-language": compile_cel(written(document, CURRENCY, CEL)).execute,
    }


def _worst(failed: list[bool], outcome_of_clause: list[Outcome]) -> Outcome:
    """Read the outcome from the list of what failed, the worst first."""
    return next((outcome for outcome, is_so in zip(outcome_of_clause, failed, strict=True) if is_so), Outcome.ALLOW)


def _asking(ask: Callable[[dict[str, Any]], Any], inputs: list[dict[str, Any]]) -> Callable[[], list[Any]]:
    return lambda: [ask(words) for words in inputs]


def _measure(ways: dict[str, Callable[[], list[Any]]]) -> dict[str, list[float]]:
    """Answer decisions a second for each way, round by round, so that a slow moment hits all of them."""
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            speeds[name].append(CASES / seconds(way))
    return speeds


def _document() -> PolicyDocument:
    template = typed_template("conservative-smb")
    assert template is not None
    conditions = template.document["conditions"] | {"restocking_basis_points": {}}
    return parse_document(template.document | {"conditions": conditions})


def _cases(count: int) -> list[RefundFacts]:
    """Draw outflows as a small shop sees them: most small, inside the window and in office hours."""
    draw = random.Random(SEED)  # noqa: S311 - the same cases in every run
    return [_case(draw) for _ in range(count)]


def _case(draw: random.Random) -> RefundFacts:
    mostly = draw.random
    reason = draw.choice(list(Reason)) if mostly() < 0.3 else Reason.CHANGED_MIND
    return RefundFacts(
        category=str(Category.REFUND if mostly() < 0.8 else draw.choice(list(Category))),
        amount_minor=draw.choice([draw.randrange(100, 4_000), draw.randrange(100, 12_000), draw.randrange(80_000)]),
        currency=CURRENCY if mostly() < 0.98 else "CHF",
        reason=str(reason),
        lines=tuple(_line(draw, str(number)) for number in range(1, draw.randrange(1, 4))),
        days_since_delivery=draw.randrange(16) if mostly() < 0.95 else None,
        is_delivered=True,
        evidence_kinds=frozenset(map(str, draw.sample(list(EvidenceKind), draw.randrange(3)))),
        payment_is_found=mostly() < 0.98,
        refundable_minor=draw.randrange(5_000, 200_000),
        customer_tenure_days=draw.randrange(900) if mostly() < 0.95 else None,
        dispute_is_open=mostly() < 0.02,
        dispute_due_in_hours=draw.randrange(-5, 90) if mostly() < 0.03 else None,
        charge_minor=draw.choice([0, 0, 0, 1_500]),
        recent=(
            Recent(str(Per.CUSTOMER), 30, draw.choice([0, 0, 0, 1, 2]), draw.choice([0, 0, 900, 3_000]), 60_000),
            Recent(str(Per.CUSTOMER), 365, draw.randrange(4), draw.randrange(4_000), draw.randrange(20_000, 400_000)),
            Recent(str(Per.AGENT), 1, draw.randrange(27), draw.choice([0, 0, 2_000, 160_000])),
        ),
        asked_weekday=draw.randrange(1, 7),
        asked_minute=draw.randrange(9 * 60, 19 * 60),
        asked_on=date(2026, 12, draw.choice([21, 22, 23, 25])),
    )


def _line(draw: random.Random, number: str) -> LineFact:
    return LineFact(
        number,
        product_category=draw.choice(["home", "home", "home", "seasonal", "perishable", "gift_card"]),
        condition=str(draw.choice([Condition.UNOPENED, Condition.OPENED, Condition.OPENED, "", Condition.WORN])),
        final_sale=draw.random() < 0.02,
        amount_minor=draw.randrange(100, 8_000),
    )


if __name__ == "__main__":
    sys.exit(main())
