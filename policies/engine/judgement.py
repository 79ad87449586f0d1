"""The judgement itself: every rule that applies is asked, the worst answer wins."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from policies.engine import conduct_rules, rules
from policies.engine.document import PolicyDocument
from policies.engine.exposure import exposure_minor
from policies.engine.facts import RefundFacts
from policies.engine.risk import weigh_risk
from policies.engine.verdict import Finding, PlannedStep, Verdict
from policies.engine.words import SEVERITY, Category, Outcome, Rule

if TYPE_CHECKING:
    from policies.engine.signatures import Step

_Rules = tuple[Callable[[PolicyDocument, RefundFacts], Finding | None], ...]

_OF_EVERY_OUTFLOW: Final[_Rules] = (
    conduct_rules.dispute_deadline,
    rules.reasons_blocked,
    rules.thresholds,
    rules.reasons_always_escalated,
    conduct_rules.tenure,
    conduct_rules.business_hours,
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


def judge(document: PolicyDocument, facts: RefundFacts) -> Verdict:
    """Judge the facts by the document, without saying yet what would have made it automatic.

    1. Ask every rule of the category; each answers a finding or nothing.
    2. The worst outcome among the failed findings wins: block, exception, require_approval, allow.
    3. A granted exception code that covers every failed rule turns an exception into an approval, never into allow.
    """
    findings = [finding for rule in _RULES.get(facts.category, _OF_EVERY_OUTFLOW) if (finding := rule(document, facts))]
    if document.velocity:
        findings += conduct_rules.velocity(document, facts)
    failed = [finding for finding in findings if not finding.passed]
    if not failed:
        return _automatic(document, facts, findings)
    worst = max(failed, key=_severity)
    outcome = worst.outcome_if_failed
    codes = _covering_codes(document, failed)
    if outcome is Outcome.EXCEPTION and facts.exception_code in codes:
        outcome = Outcome.REQUIRE_APPROVAL
        findings.append(_granted(facts.exception_code))
    risk, signals = weigh_risk(document, facts)
    return Verdict(
        outcome=outcome,
        matched_rule=worst.rule,
        findings=tuple(findings),
        allowed_minor=_allowed_minor(document, facts) if worst.outcome_if_failed is Outcome.REQUIRE_APPROVAL else 0,
        plan=planned_steps(document, facts) if outcome is Outcome.REQUIRE_APPROVAL else (),
        evidence_missing=_evidence_missing(document, facts, failed),
        exception_codes=tuple(sorted(codes)),
        why_not_automatic=[],
        risk=risk,
        risk_signals=signals,
    )


def _granted(code: str) -> Finding:
    return Finding(
        Rule.EXCEPTION,
        passed=True,
        sentence=f"The exception {code} was granted; people decide on the money.",
        fact=code,
        limit=None,
        outcome_if_failed=Outcome.EXCEPTION,
    )


def _automatic(document: PolicyDocument, facts: RefundFacts, findings: list[Finding]) -> Verdict:
    risk, signals = weigh_risk(document, facts)
    return Verdict(
        outcome=Outcome.ALLOW,
        matched_rule=f"{Rule.THRESHOLDS}.{facts.category}.{facts.currency}",
        findings=tuple(findings),
        allowed_minor=facts.amount_minor,
        plan=(),
        evidence_missing=(),
        exception_codes=(),
        why_not_automatic=[],
        risk=risk,
        risk_signals=signals,
    )


def _severity(finding: Finding) -> int:
    return SEVERITY[finding.outcome_if_failed]


def _covering_codes(document: PolicyDocument, failed: list[Finding]) -> frozenset[str]:
    """Find the codes each of which covers every rule a reviewer would have to set aside."""
    # A rule about velocity also names whose outflows it counts; a code covers all of them.
    demanded = [finding.rule.partition(".")[0] for finding in failed if finding.outcome_if_failed is Outcome.EXCEPTION]
    if not demanded:
        return frozenset()
    return frozenset.intersection(*[document.exception_codes.get(rule, frozenset()) for rule in demanded])


def _allowed_minor(document: PolicyDocument, facts: RefundFacts) -> int:
    kept = rules.restocking_share_minor(document, facts) if facts.category == Category.REFUND else 0
    return min(facts.amount_minor, rules.goods_minor(facts) - kept) if kept else facts.amount_minor


def planned_steps(document: PolicyDocument, facts: RefundFacts) -> tuple[PlannedStep, ...]:
    """Name who signs for these facts when people decide; the sum counts, not the part.

    The tier's people come first, then whoever the case brings in besides. A step that is parallel shares the level of
    the one before it.
    """
    exposed_minor = exposure_minor(document, facts)
    steps: tuple[Step, ...] = document.steps_for(exposed_minor, facts.currency)
    if document.approval.also:
        steps += _extras(document, facts, exposed_minor)
    plan: list[PlannedStep] = []
    level = 0
    for step in steps:
        level += not step.is_parallel
        plan.append(PlannedStep(level, step.role, step.quorum, step.sla_hours, step.escalates_to, step.out_of))
    return tuple(plan)


def _extras(document: PolicyDocument, facts: RefundFacts, exposed_minor: int) -> tuple[Step, ...]:
    risk, _ = weigh_risk(document, facts)
    return tuple(
        [
            extra
            for extra in document.approval.also
            if extra.when.may_hold(facts.category, facts.currency, exposed_minor)
            and extra.when.fits(risk, facts.reason, facts.exception_code)
        ]
    )


def _evidence_missing(document: PolicyDocument, facts: RefundFacts, failed: list[Finding]) -> tuple[str, ...]:
    if not any(finding.rule == Rule.EVIDENCE for finding in failed):
        return ()
    return tuple(sorted(document.evidence[facts.reason].kinds - facts.evidence_kinds))
