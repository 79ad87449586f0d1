"""Rules that change nothing, because another one always says at least as much.

Every claim here is a promise: without the rule at the path, no outcome and no plan of signatures would differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.engine.amounts import amount_words, day_words, listed, spoken
from policies.engine.gaps import Gap, Kind, Severity
from policies.engine.parts import DEFAULT, EXCEPTABLE
from policies.engine.words import SEVERITY, Category, Condition, Outcome, Rule

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from policies.engine.conduct import VelocityLimit
    from policies.engine.document import PolicyDocument
    from policies.engine.parts import BasisWindow, ReturnWindows


def shadows(document: PolicyDocument) -> Iterator[Gap]:
    """Find every rule that changes nothing."""
    yield from _of_blocked_reasons(document)
    yield from _evidence(document)
    yield from _tiers(document)
    yield from _extras(document)
    yield from _limits(document)
    yield from _little(document)
    yield from _restocking(document)
    yield from _codes(document)
    yield from _windows(document)
    yield from _states(document)
    yield from _bands(document)


def can_fail(document: PolicyDocument, rule: str) -> bool:
    """Tell whether facts exist for which this rule asks for an exception."""
    states = document.conditions
    may = {
        Rule.OPEN_DISPUTE: document.open_dispute == "exception",
        Rule.RETURN_WINDOW: _some_window_ends(document),
        Rule.FINAL_SALE: document.exclusions.excludes_final_sale,
        Rule.EXCLUDED_PRODUCT: bool(document.exclusions.product_categories),
        Rule.CONDITION: any(seen < _ALL_STATES for seen in (states.accepted, *states.accepted_by_reason.values())),
        Rule.VELOCITY: any(limit.severity is Outcome.EXCEPTION for limit in document.velocity),
    }
    return may.get(Rule(rule), True)


_ALL_STATES = frozenset(map(str, Condition))


def _some_window_ends(document: PolicyDocument) -> bool:
    windows = document.return_windows
    each: list[ReturnWindows | BasisWindow] = [windows, *windows.days_by_legal_basis.values()]
    days = [window.default_days for window in each] + list(windows.days_by_reason.values())
    days += [limit for window in each for limit in window.days_by_product_category.values()]
    return any(limit is not None for limit in days)


def ceiling_minor(document: PolicyDocument, currency: str) -> int | None:
    """Find the amount above which every category is blocked; None when some category has no bands."""
    if currency not in document.thresholds.get(DEFAULT, {}):
        return None
    return max(bands[currency].approve_up_to_minor for bands in document.thresholds.values() if currency in bands)


def _of_blocked_reasons(document: PolicyDocument) -> Iterator[Gap]:
    chapters: dict[str, Container[str]] = {
        "evidence": document.evidence,
        "return_windows.days_by_reason": document.return_windows.days_by_reason,
        "return_windows.legal_basis_by_reason": document.return_windows.legal_basis_by_reason,
        "conditions.accepted_by_reason": document.conditions.accepted_by_reason,
    }
    words = ("evidence", "a return window", "a legal ground", "the state of goods")
    for reason in sorted(document.reasons_blocked):
        if reason in document.reasons_always_escalated:
            path = f"reasons_always_escalated.{reason}"
            sentence = f"“{spoken(reason)}” is blocked, so that a person always decides it changes nothing."
            yield Gap(Kind.REASON_BLOCKED_AND_ESCALATED, Severity.WARNING, path, sentence)
        for (path, chapter), what in zip(chapters.items(), words, strict=True):
            if reason in chapter:
                sentence = f"“{spoken(reason)}” is blocked, so {what} of its own changes nothing."
                yield Gap(Kind.RULE_ON_A_BLOCKED_REASON, Severity.WARNING, f"{path}.{reason}", sentence)


def _evidence(document: PolicyDocument) -> Iterator[Gap]:
    for reason, demand in sorted(document.evidence.items()):
        for currency, above in sorted(demand.above_minor.items()):
            bands = [document.threshold_for(key, currency) for key in (Category.REFUND, Category.GOODWILL_CREDIT)]
            if all(band is not None and band.approve_up_to_minor <= above for band in bands):
                sentence = (
                    f"For “{spoken(reason)}” evidence is asked for above {amount_words(above, currency)}, where every"
                    " amount is blocked."
                )
                path = f"evidence.{reason}.above_minor.{currency}"
                yield Gap(Kind.EVIDENCE_NEVER_ASKED, Severity.WARNING, path, sentence)


def _tiers(document: PolicyDocument) -> Iterator[Gap]:
    for currency, ladder in sorted(document.approval.tiers.items()):
        ceiling = ceiling_minor(document, currency)
        for level, tier in enumerate(ladder):
            path, end = f"approval.tiers.{currency}.{level}", amount_words(tier.up_to_minor, currency)
            starts = ladder[level - 1].up_to_minor if level else None
            following = ladder[level + 1].steps if level + 1 < len(ladder) else document.approval.otherwise
            if ceiling is not None and starts is not None and starts >= ceiling:
                sentence = (
                    f"The tier up to {end} begins at {amount_words(starts, currency)}, where every amount is blocked."
                )
                yield Gap(Kind.TIER_NEVER_REACHED, Severity.WARNING, path, sentence)
            elif tier.steps == following:
                sentence = f"Above {end} the same people sign in the same time, so this tier changes nothing."
                yield Gap(Kind.TIER_LIKE_THE_NEXT, Severity.NOTE, path, sentence)


def _extras(document: PolicyDocument) -> Iterator[Gap]:
    for place, extra in enumerate(document.approval.also):
        when, path = extra.when, f"approval.also.{place}"
        ceilings = {currency: ceiling_minor(document, currency) for currency in when.above_minor}
        if when.reasons and when.reasons <= document.reasons_blocked:
            reasons = listed([f"“{spoken(reason)}”" for reason in sorted(when.reasons)])
            sentence = f"Money for {reasons} never leaves, so nobody signs for it besides."
            yield Gap(Kind.EXTRA_NEVER_ASKED, Severity.WARNING, path, sentence)
        elif when.above_minor and all(
            ceiling is not None and ceiling <= when.above_minor[currency] for currency, ceiling in ceilings.items()
        ):
            limits = listed([amount_words(minor, code) for code, minor in sorted(when.above_minor.items())], "or")
            sentence = f"An extra signature is asked for above {limits}, where every amount is blocked."
            yield Gap(Kind.EXTRA_NEVER_ASKED, Severity.WARNING, path, sentence)


def _limits(document: PolicyDocument) -> Iterator[Gap]:
    for place, limit in enumerate(document.velocity):
        stricter = next((other for other in document.velocity if other is not limit and _shadows(other, limit)), None)
        if stricter is not None:
            sentence = (
                f"The limit per {limit.per} within {day_words(limit.window_days)} changes nothing: the one within"
                f" {day_words(stricter.window_days)} is reached first."
            )
            yield Gap(Kind.LIMIT_SHADOWED, Severity.WARNING, f"velocity.{place}", sentence)


def _shadows(other: VelocityLimit, limit: VelocityLimit) -> bool:
    """Tell whether whatever is above `limit` is above `other` as well, with an outcome at least as bad.

    A longer window holds all that a shorter one does, but its share is of more purchases.
    """
    is_as_bad = SEVERITY[other.outcome] >= SEVERITY[limit.outcome]
    if other.per != limit.per or other.window_days < limit.window_days or not is_as_bad:
        return False
    if not _at_most(other.most_count, limit.most_count):
        return False
    if any(not _at_most(other.most_minor.get(code), minor) for code, minor in limit.most_minor.items()):
        return False
    if limit.most_share_basis_points is None:
        return True
    is_same_window = other.window_days == limit.window_days
    return is_same_window and _at_most(other.most_share_basis_points, limit.most_share_basis_points)


def _at_most(one: int | None, other: int | None) -> bool:
    return other is None or (one is not None and one <= other)


def _little(document: PolicyDocument) -> Iterator[Gap]:
    if document.tenure is not None and _is_never_less(document, document.tenure.auto_up_to_minor):
        sentence = "New customers get as much automatically as all others, so the rule about them changes nothing."
        yield Gap(Kind.TENURE_CHANGES_NOTHING, Severity.WARNING, "tenure", sentence)
    if document.business_hours is not None and _is_never_less(document, document.business_hours.auto_up_to_minor):
        sentence = "As much is automatic outside business hours as within, so the hours change nothing."
        yield Gap(Kind.HOURS_CHANGE_NOTHING, Severity.WARNING, "business_hours", sentence)


def _is_never_less(document: PolicyDocument, auto_up_to_minor: dict[str, int]) -> bool:
    return all(
        auto_up_to_minor.get(code, 0) >= band.auto_up_to_minor
        for bands in document.thresholds.values()
        for code, band in bands.items()
    )


def _restocking(document: PolicyDocument) -> Iterator[Gap]:
    conditions = document.conditions
    for condition, share in sorted(conditions.restocking_basis_points.items()):
        reasons = [
            reason for reason in conditions.restocking_reasons if condition in document.accepted_conditions(reason)
        ]
        if share and reasons:
            continue
        sentence = f"The share kept on {condition} goods is zero."
        if share and not conditions.restocking_reasons:
            sentence = f"No reason keeps a share, so the one on {condition} goods is never asked for."
        elif share:
            words = listed([spoken(reason) for reason in sorted(conditions.restocking_reasons)], "or")
            sentence = f"{condition.capitalize()} goods are not accepted for {words}, so no share of them is kept."
        path = f"conditions.restocking_basis_points.{condition}"
        yield Gap(Kind.RESTOCKING_NEVER_KEPT, Severity.NOTE, path, sentence)


def _codes(document: PolicyDocument) -> Iterator[Gap]:
    for rule in EXCEPTABLE:
        codes = document.exception_codes.get(rule)
        if codes and not can_fail(document, rule):
            why = "blocks, and no code sets a block aside" if rule == Rule.OPEN_DISPUTE else "never fails here"
            sentence = f"The rule “{spoken(rule)}” {why}, so none of its codes is ever needed: {listed(sorted(codes))}."
            yield Gap(Kind.CODES_NEVER_NEEDED, Severity.NOTE, f"exception_codes.{rule}", sentence)


def _windows(document: PolicyDocument) -> Iterator[Gap]:
    windows = document.return_windows
    found = [
        (f"return_windows.days_by_product_category.{product}", f"The window for {spoken(product)}")
        for product, days in sorted(windows.days_by_product_category.items())
        if days == windows.default_days
    ]
    if not windows.days_by_product_category:
        found += [
            (f"return_windows.days_by_reason.{reason}", f"The window for “{spoken(reason)}”")
            for reason, days in sorted(windows.days_by_reason.items())
            if days == windows.default_days
        ]
    for basis, window in sorted(windows.days_by_legal_basis.items()):
        path = f"return_windows.days_by_legal_basis.{basis}"
        usual = (windows.default_days, windows.days_by_product_category)
        if (window.default_days, window.days_by_product_category) == usual:
            found.append((path, f"The window for {spoken(basis)}"))
            continue
        found += [
            (f"{path}.days_by_product_category.{product}", f"The window for {spoken(product)} by {spoken(basis)}")
            for product, days in sorted(window.days_by_product_category.items())
            if days == window.default_days
        ]
    for path, what in found:
        yield Gap(Kind.WINDOW_LIKE_THE_USUAL, Severity.NOTE, path, f"{what} is the usual one; it changes nothing.")


def _states(document: PolicyDocument) -> Iterator[Gap]:
    for reason, accepted in sorted(document.conditions.accepted_by_reason.items()):
        if accepted == document.conditions.accepted:
            sentence = f"For “{spoken(reason)}” the same states of goods are accepted as for all; it changes nothing."
            path = f"conditions.accepted_by_reason.{reason}"
            yield Gap(Kind.STATES_LIKE_THE_USUAL, Severity.NOTE, path, sentence)


def _bands(document: PolicyDocument) -> Iterator[Gap]:
    default = document.thresholds.get(DEFAULT, {})
    for key, by_currency in sorted(document.thresholds.items()):
        for code, band in sorted(by_currency.items()):
            if key != DEFAULT and band == default.get(code):
                sentence = f"{spoken(key).capitalize()} in {code} has the bands of all other categories."
                yield Gap(Kind.BANDS_LIKE_THE_DEFAULT, Severity.NOTE, f"thresholds.{key}.{code}", sentence)
