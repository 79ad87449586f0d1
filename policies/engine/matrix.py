"""The threshold matrix: what happens at common amounts, by category. A live decision may be stricter."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from policies.engine.words import Category, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policies.engine.document import PolicyDocument


class MatrixRow(NamedTuple):
    """One category: its outcome at each amount, and whether its bands are its own or the default's."""

    category: Category
    outcomes: tuple[Outcome, ...]
    falls_back: bool


def matrix(document: PolicyDocument, currency: str, amounts_minor: Sequence[int]) -> tuple[MatrixRow, ...]:
    """Project the thresholds alone onto amounts in one currency, a row per category."""
    return tuple(
        MatrixRow(
            category=category,
            outcomes=tuple(threshold_outcome(document, category, currency, minor) for minor in amounts_minor),
            falls_back=currency not in document.thresholds.get(category, {}),
        )
        for category in Category
    )


def threshold_outcome(document: PolicyDocument, category: str, currency: str, amount_minor: int) -> Outcome:
    """Name the outcome of the band an amount falls into; without bands a person decides."""
    bands = document.threshold_for(category, currency)
    if bands is None:
        return Outcome.REQUIRE_APPROVAL
    if amount_minor <= bands.auto_up_to_minor:
        return Outcome.ALLOW
    return Outcome.REQUIRE_APPROVAL if amount_minor <= bands.approve_up_to_minor else Outcome.BLOCK


def common_amounts_minor(document: PolicyDocument, currency: str) -> tuple[int, ...]:
    """List the amounts worth a column: each limit of the currency and one minor unit above it."""
    limits = {
        limit
        for bands in document.thresholds.values()
        if currency in bands
        for limit in (bands[currency].auto_up_to_minor, bands[currency].approve_up_to_minor)
    }
    return tuple(sorted({amount for limit in limits for amount in (limit, limit + 1)}))
