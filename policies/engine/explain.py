"""Why not automatic: the smallest change to the facts that would have made it so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from policies.engine import rules
from policies.engine.amounts import amount_words, articled, day_words, listed, spoken
from policies.engine.conduct import minutes_of
from policies.engine.conduct_rules import velocity_limit_minor
from policies.engine.exposure import earlier
from policies.engine.facts import RefundFacts
from policies.engine.judgement import judge
from policies.engine.outcomes import Outcomes
from policies.engine.words import Outcome, Rule

if TYPE_CHECKING:
    from policies.engine.document import PolicyDocument
    from policies.engine.verdict import Finding, Verdict

_MOST_ROUNDS = 6
"""Leaving out lines can widen the window and lower the amount; more rounds than chapters are never needed."""


class Change(NamedTuple):
    """Facts that would be automatic, nearest to the ones judged, and how to get there in words."""

    facts: RefundFacts
    clauses: tuple[str, ...]


def why_not_automatic(document: PolicyDocument, facts: RefundFacts, verdict: Verdict) -> list[str]:
    """Say what would have made it automatic; where nothing would, say what stands in the way."""
    if verdict.outcome is Outcome.ALLOW:
        return []
    change = nearest_automatic(document, facts, verdict)
    if change is None:
        in_the_way = [finding.sentence for finding in verdict.failed if _changed(document, facts, [finding]) is None]
        return in_the_way or [finding.sentence for finding in verdict.failed]
    first, *others = change.clauses
    opening = first[0].upper() + first[1:]
    if change.facts.amount_minor < facts.amount_minor and first.startswith("up to"):
        return [f"{', '.join([opening, *others])}{',' if others else ''} would be automatic."]
    return [f"{', '.join([opening, *others])}, this would be automatic."]


def nearest_automatic(document: PolicyDocument, facts: RefundFacts, verdict: Verdict) -> Change | None:
    """Find the nearest automatic facts: the same request, with only what failed mended.

    1. Drop a claim that a person would have to check, since another window holds without it.
    2. Leave out lines that cannot come back, mend the window and the dispute, lower the amount to the tightest limit.
    3. Ask for evidence only when all else is mended, since a lower amount may need none.
    4. Judge again, until allowed or until something failed that no change of the request mends.
    5. Take back what turned out to be needless: a later step may have made an earlier one so.
    """
    if verdict.outcome is Outcome.ALLOW:
        return Change(facts, ())
    outcomes = Outcomes(document)
    changed, clauses = facts, dict[str, str]()
    for _ in range(_MOST_ROUNDS):
        step = _changed(document, changed, list(verdict.failed))
        if step is None:
            return None
        changed, found = step
        clauses |= found
        if outcomes.of(changed) is Outcome.ALLOW:
            return _without_needless(outcomes, facts, changed, clauses)
        verdict = judge(document, changed)
    return None


def _without_needless(outcomes: Outcomes, facts: RefundFacts, changed: RefundFacts, clauses: dict[str, str]) -> Change:
    needed = []
    for kind in sorted(clauses, key=_ORDER.index):
        mended = _MENDED_BY.get(kind)
        tried = replace(changed, **{name: getattr(facts, name) for name in mended}) if mended else changed
        if mended and outcomes.of(tried) is Outcome.ALLOW:
            changed = tried
        else:
            needed.append(clauses[kind])
    return Change(changed, tuple(needed))


_ORDER = ("amount", "lines", "tenure", "window", "basis", "hours", "evidence", "dispute")
_MENDED_BY: Final = {
    "tenure": ("customer_tenure_days",),
    "window": ("days_since_delivery",),
    "basis": ("legal_basis",),
    "hours": ("asked_weekday", "asked_minute", "asked_on"),
    "evidence": ("evidence_kinds",),
    "dispute": ("dispute_is_open",),
}
"""The facts that a change sets, where taking it back touches no other change."""
_Step = tuple[RefundFacts, dict[str, str]]


def _changed(document: PolicyDocument, facts: RefundFacts, failed: list[Finding]) -> _Step | None:
    """Mend everything that failed, in one step; None when one of it cannot be mended."""
    names = {finding.rule for finding in failed}
    if names & {Rule.PAYMENT_FOUND, Rule.REASONS_BLOCKED, Rule.REASONS_ALWAYS_ESCALATED}:
        return None
    if Rule.LEGAL_BASIS in names:
        # Without the claim another window holds, and it may be wide enough.
        return replace(facts, legal_basis=""), {"basis": f"without the claim of {spoken(facts.legal_basis)}"}
    if names == {Rule.EVIDENCE}:
        kinds = document.evidence[facts.reason].kinds
        clause = f"with {articled(kinds - facts.evidence_kinds)}"
        return replace(facts, evidence_kinds=facts.evidence_kinds | kinds), {"evidence": clause}
    if names & {Rule.FINAL_SALE, Rule.EXCLUDED_PRODUCT, Rule.CONDITION}:
        return _without_lines(document, facts)
    changed, clauses = facts, dict[str, str]()
    for finding in failed:
        if finding.rule == Rule.EVIDENCE:
            continue
        step = _mended(document, changed, finding)
        if step is None:
            return None
        changed, found = step
        clauses |= found
    return changed, clauses


def _mended(document: PolicyDocument, facts: RefundFacts, finding: Finding) -> _Step | None:
    """Mend one thing that failed, by time, by words or by a lower amount."""
    match finding.rule:
        case Rule.OPEN_DISPUTE:
            return replace(facts, dispute_is_open=False), {"dispute": "once the dispute is closed"}
        case Rule.RETURN_WINDOW if isinstance(finding.limit, int):
            return replace(facts, days_since_delivery=finding.limit), {"window": _window_clause(facts, finding.limit)}
    limit = _amount_limit(document, facts, finding)
    if limit is None or limit <= 0:
        return _by_waiting(document, facts, finding)
    amount_minor = min(facts.amount_minor, limit)
    return replace(facts, amount_minor=amount_minor), {"amount": f"up to {amount_words(amount_minor, facts.currency)}"}


def _amount_limit(document: PolicyDocument, facts: RefundFacts, finding: Finding) -> int | None:
    """Find the amount up to which the rule would pass; None when no amount would do."""
    limit = finding.limit if isinstance(finding.limit, int) else None
    rule = finding.rule.partition(".")[0]
    if rule in (Rule.REFUNDABLE_BALANCE, Rule.RESTOCKING):
        return limit
    if rule == Rule.VELOCITY:
        return _velocity_limit(document, facts, finding)
    if rule == Rule.THRESHOLDS:
        bands = document.threshold_for(facts.category, facts.currency)
        limit = bands.auto_up_to_minor if bands else None
    elif rule not in (Rule.TENURE, Rule.BUSINESS_HOURS):
        return None
    return None if limit is None else limit - earlier(document, facts).minor


def _velocity_limit(document: PolicyDocument, facts: RefundFacts, finding: Finding) -> int | None:
    _, per, days = finding.rule.split(".")
    recent = facts.recent_in(per, int(days))
    if recent is None:
        return None
    limits = [limit for limit in document.velocity if limit.per == per and limit.window_days == int(days)]
    if any(limit.most_count is not None and recent.count >= limit.most_count for limit in limits):
        return None
    amounts = [velocity_limit_minor(limit, recent, facts.currency) for limit in limits]
    return min([minor for minor in amounts if minor is not None], default=0) - recent.minor


def _by_waiting(document: PolicyDocument, facts: RefundFacts, finding: Finding) -> _Step | None:
    """Mend by another time what no amount mends."""
    if finding.rule == Rule.TENURE and document.tenure is not None and facts.customer_tenure_days is not None:
        days = document.tenure.minimum_days
        return replace(facts, customer_tenure_days=days), {"tenure": f"from a customer for {day_words(days)}"}
    hours, day = document.business_hours, facts.asked_on
    if finding.rule == Rule.BUSINESS_HOURS and hours is not None and day is not None:
        while day.isoformat() in hours.closed_on:
            day += timedelta(days=1)
        weekday, minute = min(hours.spans[0].weekdays), minutes_of(hours.spans[0].opens)
        inside = replace(facts, asked_weekday=weekday, asked_minute=minute, asked_on=day)
        return inside, {"hours": "asked in business hours"}
    return None


def _window_clause(facts: RefundFacts, limit: int) -> str:
    verb = "returned" if facts.is_delivered else "asked for"
    if facts.counted_from_on is not None:
        last_on = facts.counted_from_on + timedelta(days=limit)
        return f"{verb} by {last_on.day} {last_on:%B %Y}"
    return f"{verb} within {day_words(limit)} of {'delivery' if facts.is_delivered else 'the order'}"


def _without_lines(document: PolicyDocument, facts: RefundFacts) -> _Step | None:
    out = [
        *rules.final_sale_lines(document, facts),
        *rules.excluded_lines(document, facts),
        *rules.refused_lines(document, facts),
    ]
    kept = tuple([line for line in facts.lines if line not in out])
    left_minor = facts.amount_minor - sum([line.amount_minor for line in facts.lines if line in out])
    if not kept or left_minor <= 0:
        return None
    numbers = sorted({line.line for line in out}, key=lambda number: (len(number), number))
    clause = f"without {'line' if len(numbers) == 1 else 'lines'} {listed(numbers)}"
    return replace(facts, lines=kept, amount_minor=left_minor), {"lines": clause}
