"""A policy in sentences, rendered from its document so that words and rule cannot disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.engine.amounts import amount_words, day_words, listed, share_words, spoken
from policies.engine.parts import DEFAULT, Step
from policies.engine.words import Condition, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policies.engine.document import PolicyDocument


def describe(document: PolicyDocument) -> list[str]:
    """Say every limit of the document, a sentence each, in the order the rules are asked."""
    return [
        *_thresholds(document),
        *_reasons(document),
        *_windows(document),
        *_goods(document),
        *_evidence(document),
        *_approval(document),
        *_exceptions(document),
        *_conduct(document),
        *_risk(document),
    ]


def _thresholds(document: PolicyDocument) -> Iterator[str]:
    keys = sorted(document.thresholds, key=lambda key: (key != DEFAULT, key))
    for key in keys:
        name = "All categories without bands of their own" if key == DEFAULT else spoken(key).capitalize()
        for currency, bands in sorted(document.thresholds[key].items()):
            auto = amount_words(bands.auto_up_to_minor, currency)
            most = amount_words(bands.approve_up_to_minor, currency)
            yield f"{name}: up to {auto} automatic, up to {most} with approval, blocked above."
    yield "A currency without bands is never automatic."
    sums = document.sums
    added = ["on the same charge"] if sums.same_charge else []
    added += [f"of the same customer within {day_words(sums.customer_days)}"] if sums.customer_days else []
    added += [f"entered by the same agent within {day_words(sums.agent_days)}"] if sums.agent_days else []
    if added:
        counted = listed(added, "or")
        yield f"Bands and signatures go by the sum: what went back or is asked for {counted} is added."


def _reasons(document: PolicyDocument) -> Iterator[str]:
    if document.reasons_blocked:
        yield f"Blocked reasons: {_words(document.reasons_blocked)}."
    if document.reasons_always_escalated:
        yield f"Always decided by a person: {_words(document.reasons_always_escalated)}."
    verb = "blocks" if document.open_dispute == "block" else "refers"
    yield f"An open dispute on the payment {verb} the outflow{'' if verb == 'blocks' else ' to a reviewer'}."
    if document.dispute_deadline_hours is not None:
        hours = document.dispute_deadline_hours
        yield f"Evidence for a dispute due within {hours} hours: a person decides, at any amount."


def _windows(document: PolicyDocument) -> Iterator[str]:
    windows = document.return_windows
    if windows.default_days is None:
        yield "Returns are not limited in time."
    else:
        yield f"Returns within {day_words(windows.default_days)}."
    for product, days in sorted(windows.days_by_product_category.items()):
        yield f"{spoken(product).capitalize()}: {_within(days)}."
    for basis, window in sorted(windows.days_by_legal_basis.items()):
        reasons = [reason for reason, ground in windows.legal_basis_by_reason.items() if ground == basis]
        given = f", the ground of {_words(reasons)}" if reasons else ", where somebody claims it and a person agrees"
        yield f"By {spoken(basis)}{given}: {_within(window.default_days)}."
        for product, days in sorted(window.days_by_product_category.items()):
            yield f"By {spoken(basis)}, {spoken(product)}: {_within(days)}."
    for reason, days in sorted(windows.days_by_reason.items()):
        yield f"For the reason “{spoken(reason)}”: {_within(days)}."


def _goods(document: PolicyDocument) -> Iterator[str]:
    conditions = document.conditions
    if conditions.accepted != frozenset(Condition):
        yield f"Goods are accepted {_words(conditions.accepted, 'or')}."
    for reason, accepted in sorted(conditions.accepted_by_reason.items()):
        yield f"For the reason “{spoken(reason)}” goods are accepted {_words(accepted, 'or')}."
    for condition, share in sorted(conditions.restocking_basis_points.items()):
        reasons = _words(conditions.restocking_reasons, "or")
        yield f"{share_words(share)} stays with the shop on {condition} goods for {reasons}."
    if document.exclusions.excludes_final_sale:
        yield "Final sales come back only as an exception."
    if document.exclusions.product_categories:
        yield f"Only as an exception: {_words(document.exclusions.product_categories)}."


def _evidence(document: PolicyDocument) -> Iterator[str]:
    for reason, demand in sorted(document.evidence.items()):
        limits = listed([amount_words(minor, currency) for currency, minor in sorted(demand.above_minor.items())], "or")
        yield f"For the reason “{spoken(reason)}” above {limits}: {_words(demand.kinds)} needed."


def _approval(document: PolicyDocument) -> Iterator[str]:
    for currency, ladder in sorted(document.approval.tiers.items()):
        for tier in ladder:
            yield f"Approval up to {amount_words(tier.up_to_minor, currency)}: {_signatures(tier.steps)}."
    yield f"Approval above, and in other currencies: {_signatures(document.approval.otherwise)}."


def _exceptions(document: PolicyDocument) -> Iterator[str]:
    for rule, codes in sorted(document.exception_codes.items()):
        if codes:
            yield f"Exceptions to the rule “{spoken(rule)}”: {listed(sorted(codes), 'or')}."


def _conduct(document: PolicyDocument) -> Iterator[str]:
    for limit in document.velocity:
        most = [f"{limit.most_count} in number"] if limit.most_count is not None else []
        most += [amount_words(minor, currency) for currency, minor in sorted(limit.most_minor.items())]
        share = limit.most_share_basis_points
        most += [f"{share_words(share)} of the purchases"] if share is not None else []
        window = day_words(limit.window_days)
        yield f"Per {limit.per} within {window}: at most {listed(most)}, {_ABOVE[limit.severity]}."
    if document.tenure is not None:
        little = _little(document.tenure.auto_up_to_minor)
        yield f"A customer for less than {day_words(document.tenure.minimum_days)}: {little}."
    if document.business_hours is not None:
        hours = document.business_hours
        for span in hours.spans:
            weekdays = listed([_WEEKDAYS[day] for day in sorted(span.weekdays)])
            yield f"Business hours: {weekdays}, {span.opens} to {span.closes}."
        if hours.closed_on:
            yield f"Closed on {listed(sorted(hours.closed_on))}."
        yield f"Outside business hours: {_little(hours.auto_up_to_minor)}."


_ABOVE = {
    Outcome.REQUIRE_APPROVAL: "a person decides above",
    Outcome.EXCEPTION: "only as an exception above",
    Outcome.BLOCK: "blocked above",
}
_WEEKDAYS = ("", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _little(auto_up_to_minor: dict[str, int]) -> str:
    limits = [amount_words(minor, currency) for currency, minor in sorted(auto_up_to_minor.items()) if minor]
    return f"up to {listed(limits, 'or')} automatic" if limits else "nothing automatic"


def _risk(document: PolicyDocument) -> Iterator[str]:
    hints = document.risk
    if hints.reasons:
        yield f"High risk: the reasons {_words(hints.reasons)}."
    if hints.new_customer_days:
        yield f"A sign of risk: a customer for less than {day_words(hints.new_customer_days)}."
    for currency, minor in sorted(hints.large_above_minor.items()):
        yield f"A sign of risk in {currency}: more than {amount_words(minor, currency)}."


def _signatures(steps: tuple[Step, ...]) -> str:
    said = [
        f"{'one' if step.quorum == 1 else step.quorum} {spoken(step.role)} within {step.sla_hours} hours"
        f"{f', else {spoken(step.escalates_to)}' if step.escalates_to else ''}"
        for step in steps
    ]
    return ", then ".join(said)


def _within(days: int | None) -> str:
    return "no limit in time" if days is None else f"within {day_words(days)}"


def _words(codes: Iterable[str], last: str = "and") -> str:
    return listed([spoken(code) for code in sorted(codes)], last)
