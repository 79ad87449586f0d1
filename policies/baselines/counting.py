"""The figures of a baseline: the shadow report's, of refunds that left before the policy was there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Sum

from config.kernel.money import Money
from policies.shadow import Cell
from policies.shadow_figures import currencies_of, tallies
from policies.vocabulary import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from policies.models import Baseline, BaselineCase

WORDS = ("category", "outcome", "currency", "reason")
NO_REASON = "none"
"""What stands in addresses where the file named no reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCell(Cell):
    """A cell of the shadow report that also knows the reason."""

    reason: str


def cells_of(baseline: Baseline) -> list[PastCell]:
    """Count the cases by everything the page adds up, in one query."""
    counted = (
        baseline.cases.order_by()
        .values_list("category", "currency", "outcome", "reason")
        .annotate(count=Count("pk"), minor=Sum("amount_minor"))
        .order_by("category", "currency", "outcome", "reason")
    )
    return [
        PastCell(
            day=baseline.created_at.date(),
            category=category,
            currency=currency,
            outcome=outcome,
            people="",
            in_force="",
            count=count,
            minor=minor,
            reason=reason or NO_REASON,
        )
        for category, currency, outcome, reason, count, minor in counted
    ]


def cases_of(baseline: Baseline, wanted: Mapping[str, str]) -> QuerySet[BaselineCase]:
    """List the cases behind a figure, in the order of the file."""
    words = {word: wanted[word] for word in WORDS if wanted.get(word)}
    if words.get("reason") == NO_REASON:
        words["reason"] = ""
    return baseline.cases.filter(**words).order_by("line")


def sentences_of(baseline: Baseline) -> list[str]:
    """Say the figures line by line, each currency by itself."""
    cells = cells_of(baseline)
    return [
        f"{Outcome(outcome).label}: {tally.count:,} for {Money(tally.money.minor, currency)}"
        for currency in currencies_of(cells)
        for (outcome, _), tally in sorted(tallies(cells, currency, lambda cell: (cell.outcome, "")).items())
    ]
