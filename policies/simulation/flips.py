"""The decisions that would have come out another way, newest first, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from policies.models import Backtest, BacktestFlip

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet


class FlipCell(NamedTuple):
    """Which flips: of an old outcome, to a new one, in a currency; empty words leave a choice open."""

    old: str = ""
    new: str = ""
    currency: str = ""


def flips_of(backtest: Backtest, cell: FlipCell, *, after: UUID | None = None) -> QuerySet[BacktestFlip]:
    """Select the listed flips of a cell that come after a decision."""
    found = BacktestFlip.objects.filter(backtest=backtest).select_related("decision").order_by("-decision_id")
    wanted = {"old_outcome": cell.old, "new_outcome": cell.new, "decision__currency": cell.currency}
    found = found.filter(**{column: word for column, word in wanted.items() if word})
    return found.filter(decision_id__lt=after) if after else found


def backtests_of(policy_id: int) -> QuerySet[Backtest]:
    """Select the backtests of a policy, newest first, without their documents."""
    return (
        Backtest.objects.filter(policy_id=policy_id)
        .select_related("job", "version", "requested_by")
        .defer("document")
        .order_by("-created_at", "-pk")
    )
