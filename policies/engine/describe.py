"""A policy in sentences, rendered from its document so that words and rule cannot disagree.

Every value of a document is said, the idle ones too: `difference` compares two editions by these sentences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policies.engine.amounts import (
    amount_words,
    articled,
    counted,
    day_words,
    hour_words,
    listed,
    share_words,
    spoken,
    spoken_day,
)
from policies.engine.parts import DEFAULT
from policies.engine.signature_words import extra_words, signature_words
from policies.engine.words import Condition, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from policies.engine.conduct import BusinessHours, VelocityLimit
    from policies.engine.document import PolicyDocument
    from policies.engine.parts import Threshold


def describe(document: PolicyDocument) -> list[str]:
    """Say every limit of the document, a sentence each, in the order the rules are asked."""
    return [sentence for _, sentences in chapters(document) for sentence in sentences]


def chapters(document: PolicyDocument) -> list[tuple[str, list[str]]]:
    """Say every limit of the document, chapter by chapter."""
    return [(title, list(say(document))) for title, say in _CHAPTERS.items()]


def _thresholds(document: PolicyDocument) -> Iterator[str]:
    keys = sorted(document.thresholds, key=lambda key: (key != DEFAULT, key))
    for key in keys:
        name = "All categories without bands of their own" if key == DEFAULT else spoken(key).capitalize()
        for currency, bands in sorted(document.thresholds[key].items()):
            yield f"{name} in {currency}: {_bands(bands, currency)}."
    yield "A currency without bands is never automatic."


def _bands(bands: Threshold, currency: str) -> str:
    auto, most = bands.auto_up_to_minor, bands.approve_up_to_minor
    said = [f"up to {amount_words(auto, currency)} automatic" if auto else "nothing automatic"]
    if most > auto:
        said.append(f"up to {amount_words(most, currency)} with approval")
    return f"{', '.join(said)}, {'blocked above' if most else 'everything blocked'}"


def _sums(document: PolicyDocument) -> Iterator[str]:
    sums = document.sums
    added = ["on the same purchase"] if sums.same_charge else []
    added += [f"by the same customer within {day_words(sums.customer_days)}"] if sums.customer_days else []
    added += [f"through the same agent within {day_words(sums.agent_days)}"] if sums.agent_days else []
    if not added:
        yield "Every outflow is judged by its own amount."
        return
    which = "; the largest of these counts" if len(added) > 1 else ""
    yield f"Splitting does not help: what already went back or is asked for {listed(added, 'or')} is added{which}."


def _reasons(document: PolicyDocument) -> Iterator[str]:
    if document.reasons_blocked:
        yield f"Never paid: {_quoted(document.reasons_blocked)}."
    if document.reasons_always_escalated:
        yield f"Always decided by a person: {_quoted(document.reasons_always_escalated)}."
    does = (
        "blocks a refund or a credit"
        if document.open_dispute == "block"
        else "sends a refund or a credit to a reviewer"
    )
    yield f"An open dispute on the payment {does}."
    if document.dispute_deadline_hours is not None:
        hours = hour_words(document.dispute_deadline_hours)
        yield f"Evidence for a dispute is due within {hours}, or overdue: a person decides, at any amount."


def _windows(document: PolicyDocument) -> Iterator[str]:
    windows = document.return_windows
    if windows.default_days is None:
        yield "Returns are not limited in time."
    else:
        yield f"Returns are taken within {day_words(windows.default_days)}."
    for product, days in sorted(windows.days_by_product_category.items()):
        yield f"Goods of the kind “{spoken(product)}”: {_within(days)}."
    by_basis: dict[str, list[str]] = {basis: [] for basis in windows.days_by_legal_basis}
    for reason, basis in windows.legal_basis_by_reason.items():
        by_basis.setdefault(basis, []).append(reason)
    for basis, reasons in sorted(by_basis.items()):
        given = f"the ground of {_quoted(reasons)}" if reasons else "only where somebody claims it and a person agrees"
        window = windows.days_by_legal_basis.get(basis)
        limit = "no window of its own" if window is None else _within(window.default_days)
        yield f"By {spoken(basis)}, {given}: {limit}."
        for product, days in sorted(window.days_by_product_category.items()) if window else ():
            yield f"By {spoken(basis)}, goods of the kind “{spoken(product)}”: {_within(days)}."
    for reason, days in sorted(windows.days_by_reason.items()):
        yield f"For “{spoken(reason)}”: {_within(days)}."


def _goods(document: PolicyDocument) -> Iterator[str]:
    conditions = document.conditions
    yield f"Goods are accepted {_states(conditions.accepted)}."
    for reason, accepted in sorted(conditions.accepted_by_reason.items()):
        yield f"For “{spoken(reason)}” goods are accepted {_states(accepted)}."
    reasons = _quoted(conditions.restocking_reasons, "or") or "no reason at all"
    for condition, share in sorted(conditions.restocking_basis_points.items()):
        yield f"Restocking, for {reasons}: {share_words(share)} of {condition} goods stays with the shop."
    if not conditions.restocking_basis_points:
        yield f"Restocking, for {reasons}: nothing stays with the shop."
    if document.exclusions.excludes_final_sale:
        yield "Final sales come back only as an exception."
    else:
        yield "Final sales come back like everything else."
    if document.exclusions.product_categories:
        yield f"Only as an exception: goods of the kind {_quoted(document.exclusions.product_categories, 'or')}."


def _evidence(document: PolicyDocument) -> Iterator[str]:
    for reason, demand in sorted(document.evidence.items()):
        limits = listed([amount_words(minor, currency) for currency, minor in sorted(demand.above_minor.items())], "or")
        verb = "is" if len(demand.kinds) == 1 else "are"
        yield f"For “{spoken(reason)}” above {limits}: {articled(demand.kinds)} {verb} needed."


def _conduct(document: PolicyDocument) -> Iterator[str]:
    for limit in document.velocity:
        yield f"Per {limit.per} within {day_words(limit.window_days)}: {_most(limit)}."
    if document.tenure is not None:
        little = _little(document.tenure.auto_up_to_minor)
        yield f"A customer for less than {day_words(document.tenure.minimum_days)}, or nobody knows how long: {little}."
    if document.business_hours is not None:
        yield from _hours(document.business_hours)


def _release(document: PolicyDocument) -> Iterator[str]:
    for currency, minor in sorted(document.release_above_minor.items()):
        amount = amount_words(minor, currency)
        yield f"Approved money above {amount} leaves once somebody in finance who had no part in it releases it."


def _most(limit: VelocityLimit) -> str:
    most = [counted(limit.most_count, "outflow")] if limit.most_count is not None else []
    if limit.most_minor:
        most.append(
            listed([amount_words(minor, currency) for currency, minor in sorted(limit.most_minor.items())], "or")
        )
    if limit.most_share_basis_points is not None:
        most.append(f"{share_words(limit.most_share_basis_points)} of what was bought")
    return f"{listed(most)} at most, {_ABOVE[limit.severity]}"


_ABOVE: Final = {
    Outcome.REQUIRE_APPROVAL: "a person decides above",
    Outcome.EXCEPTION: "only as an exception above",
    Outcome.BLOCK: "blocked above",
}


def _hours(hours: BusinessHours) -> Iterator[str]:
    for span in hours.spans:
        weekdays = listed([_WEEKDAYS[day] for day in sorted(span.weekdays)])
        yield f"Business hours: {weekdays}, {span.opens} to {span.closes}."
    if hours.closed_on:
        yield f"Closed on {listed([spoken_day(day) for day in sorted(hours.closed_on)])}."
    yield f"Outside business hours: {_little(hours.auto_up_to_minor)}."


_WEEKDAYS: Final = ("", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _little(auto_up_to_minor: Mapping[str, int]) -> str:
    limits = [amount_words(minor, currency) for currency, minor in sorted(auto_up_to_minor.items()) if minor]
    return f"up to {listed(limits, 'or')} automatic" if limits else "nothing automatic"


def _approval(document: PolicyDocument) -> Iterator[str]:
    for currency, ladder in sorted(document.approval.tiers.items()):
        for tier in ladder:
            yield f"Approval up to {amount_words(tier.up_to_minor, currency)}: {signature_words(tier.steps)}."
    above = "Approval above, and in other currencies" if document.approval.tiers else "Approval of any amount"
    yield f"{above}: {signature_words(document.approval.otherwise)}."
    for extra in document.approval.also:
        yield extra_words(extra)


def _exceptions(document: PolicyDocument) -> Iterator[str]:
    for rule, codes in sorted(document.exception_codes.items()):
        if codes:
            yield f"Exceptions to the rule “{spoken(rule)}”: {listed(sorted(codes), 'or')}."


def _risk(document: PolicyDocument) -> Iterator[str]:
    hints = document.risk
    if hints.reasons:
        yield f"A sign of high risk: {_quoted(hints.reasons, 'or')}."
    if hints.new_customer_days:
        yield f"A sign of risk: a customer for less than {day_words(hints.new_customer_days)}."
    for currency, minor in sorted(hints.large_above_minor.items()):
        yield f"A sign of risk in {currency}: more than {amount_words(minor, currency)}."


def _states(accepted: frozenset[str]) -> str:
    if accepted == frozenset(Condition):
        return "in any state, even when they are missing"
    return listed([state for state in Condition if state in accepted], "or") or "in no state at all"


def _within(days: int | None) -> str:
    return "no limit in time" if days is None else f"within {day_words(days)}"


def _quoted(codes: Iterable[str], last: str = "and") -> str:
    return listed([f"“{spoken(code)}”" for code in sorted(codes)], last)


_CHAPTERS: Final[dict[str, Callable[[PolicyDocument], Iterator[str]]]] = {
    "Thresholds": _thresholds,
    "Sums": _sums,
    "Reasons and disputes": _reasons,
    "Return windows": _windows,
    "Goods": _goods,
    "Evidence": _evidence,
    "Limits, tenure and hours": _conduct,
    "Approval": _approval,
    "Exception codes": _exceptions,
    "Signs of risk": _risk,
    "Release": _release,
}
