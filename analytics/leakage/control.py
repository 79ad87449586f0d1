"""What control costs: approvals that changed nothing, hours waited for them, and which limit could be higher."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Sum

from analytics.models import Basis, OutflowCell
from analytics.selectors import percent
from config.kernel.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable

    from config.kernel.people import User

    from .asking import Ask

FEWEST_CASES: Final = 30
UNCHANGED_OF_100: Final = 98


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A limit that could be higher: of which team, up to where, what people did with such cases, and where they are."""

    team: str
    up_to: Money
    case_count: int
    unchanged_count: int
    waited_hours: int
    rows: str

    @property
    def unchanged(self) -> str:
        """The share people did not change."""
        return percent(self.unchanged_count, self.case_count)


@dataclass(frozen=True, slots=True)
class Amount:
    """What people did with requests up to one amount, that only their amount sent to them."""

    minor: int
    case_count: int
    unchanged_count: int
    waited_seconds: int


def suggestions(viewer: User, ask: Ask) -> list[Suggestion]:
    """Find for each team and currency how high its automatic limit could be, in one query."""
    rows = (
        OutflowCell.objects.filter(ask.narrowed(viewer), ask.days, basis=Basis.DECISION, dimension="amount")
        .order_by()
        .values_list("team__name", "team__slug", "currency", "value")
        .annotate(cases=Sum("reviewed_count"), same=Sum("unchanged_count"), waited=Sum("waited_seconds"))
        .order_by("team__name", "currency", "value")
    )
    amounts: dict[tuple[str, str, str], list[Amount]] = defaultdict(list)
    for team, slug, currency, value, cases, same, waited in rows:
        amounts[team, slug, currency].append(Amount(int(value), int(cases), int(same), int(waited)))
    return [
        Suggestion(
            team=team,
            up_to=Money(best.minor, currency),
            case_count=best.case_count,
            unchanged_count=best.unchanged_count,
            waited_hours=best.waited_seconds // 3600,
            rows=ask.rows(only="by-amount", currency=currency, team=slug),
        )
        for (team, slug, currency), several in amounts.items()
        if (best := highest_unchanged(several)) is not None
    ]


def highest_unchanged(amounts: Iterable[Amount]) -> Amount | None:
    """Find the highest amount up to which nearly all cases were left as they were; None where there are too few."""
    cases = same = waited = 0
    best = None
    for one in sorted(amounts, key=lambda amount: amount.minor):
        cases, same, waited = cases + one.case_count, same + one.unchanged_count, waited + one.waited_seconds
        if cases >= FEWEST_CASES and same * 100 >= cases * UNCHANGED_OF_100:
            best = Amount(one.minor, cases, same, waited)
    return best
