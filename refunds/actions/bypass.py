"""The bypass rate: which share of the refunds of a month left without a decision of ours."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from approvals.vocabulary import Category
from config.kernel.money import Money
from config.kernel.people import team_ids_of
from config.kernel.wording import said
from policies.engine.amounts import share_words
from policies.permissions import actions_visible_to
from policies.vocabulary import ActionState
from refunds.models import Operation
from refunds.vocabulary import OperationState

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from config.kernel.people import User

FORMULA = said(
    "bypass rate = refunds that left without a decision ÷ all refunds that left, by number and by money. All are those "
    "Redress paid, those asked about and made elsewhere, and those nobody asked about. A refund counts in the month it "
    "left (UTC), per currency; one that came back does not count where Redress paid it; an explanation changes nothing."
)
MONTHS = 12
WHOLE_BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class Month:
    """The refunds of one month in one currency; amounts in minor units, rates in hundredths of a percent."""

    month: date
    currency: str
    ungoverned_count: int
    all_count: int
    ungoverned_minor: int
    all_minor: int

    @property
    def ungoverned(self) -> Money:
        """What left without a decision."""
        return Money(self.ungoverned_minor, self.currency)

    @property
    def all(self) -> Money:
        """What left."""
        return Money(self.all_minor, self.currency)

    @property
    def count_rate(self) -> str:
        """The rate by number."""
        return share_words(_share(self.ungoverned_count, self.all_count))

    @property
    def money_rate(self) -> str:
        """The rate by money."""
        return share_words(_share(self.ungoverned_minor, self.all_minor))


def bypass_rates(viewer: User, *, at: datetime) -> list[Month]:
    """Work out `FORMULA` for the viewer's teams, newest month first; three queries, a year back from `at`."""
    first = _a_year_before(at)
    actions = actions_visible_to(viewer).filter(category=Category.REFUND, occurred_at__gte=first, occurred_at__lte=at)
    ungoverned = _sums(actions.filter(is_ungoverned=True), "occurred_at")
    elsewhere = _sums(actions.filter(is_ungoverned=False, state=ActionState.DONE), "occurred_at")
    paid = _sums(
        Operation.objects.filter(
            refund_request__category=Category.REFUND,
            refund_request__team__in=team_ids_of(viewer),
            state=OperationState.SUCCEEDED,
            succeeded_at__gte=first,
            succeeded_at__lte=at,
        ),
        "succeeded_at",
    )
    total: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0])
    for sums in (ungoverned, elsewhere, paid):
        for key, (count, minor) in sums.items():
            total[key][0] += count
            total[key][1] += minor
    rows = []
    for (month, currency), (all_count, all_minor) in total.items():
        count, minor = ungoverned.get((month, currency), (0, 0))
        rows.append(Month(month, currency, count, all_count, minor, all_minor))
    return sorted(rows, key=lambda row: (-row.month.toordinal(), row.currency))


def _a_year_before(at: datetime) -> datetime:
    """Answer the beginning of the month in which the last twelve began."""
    here = at.astimezone(UTC)
    index = here.year * 12 + here.month - MONTHS
    return datetime(index // 12, index % 12 + 1, 1, tzinfo=UTC)


def _sums(rows: QuerySet[Any], moment: str) -> dict[tuple[date, str], tuple[int, int]]:
    found = (
        rows.order_by()
        .annotate(left_in=TruncMonth(moment, tzinfo=UTC))
        .values_list("left_in", "currency")
        .annotate(count=Count("pk"), minor=Sum("amount_minor"))
    )
    return {(left_in.date(), currency): (count, int(minor)) for left_in, currency, count, minor in found}


def _share(part: int, whole: int) -> int:
    return (part * WHOLE_BASIS_POINTS * 2 + whole) // (whole * 2) if whole else 0
