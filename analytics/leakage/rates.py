"""Shares of the whole: refunded of captured, ungoverned of all that left, signatures in time; each currency apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db.models import Sum
from django.db.models.functions import TruncMonth

from analytics.models import Basis, CaptureCell, Origin, OutflowCell
from analytics.months import month_and_year
from analytics.selectors import percent
from config.kernel.money import Money
from config.kernel.wording import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from config.kernel.people import User

    from .asking import Ask


@dataclass(slots=True, kw_only=True)
class Rates:
    """What the shares of one month and currency are of; without a month, of all the days asked for.

    `refunded_minor` is by the month of the refund, `given_back_minor` by that of the sale. `gone_count` refunds left
    and stayed away, by the basis that was asked for; of them nobody had asked for `ungoverned_count`.
    """

    month: date | None
    currency: str
    captured_count: int = 0
    captured_minor: int = 0
    refunded_minor: int = 0
    given_back_minor: int = 0
    gone_count: int = 0
    gone_minor: int = 0
    ungoverned_count: int = 0
    ungoverned_minor: int = 0
    due_count: int = 0
    late_count: int = 0

    @property
    def label(self) -> str:
        """The month."""
        return said("All") if self.month is None else month_and_year(self.month)

    @property
    def captured(self) -> Money:
        """What customers paid."""
        return Money(self.captured_minor, self.currency)

    @property
    def refunded(self) -> Money:
        """What left in the month."""
        return Money(self.refunded_minor, self.currency)

    @property
    def given_back(self) -> Money:
        """What was given back of the month's sales."""
        return Money(self.given_back_minor, self.currency)

    @property
    def ungoverned(self) -> Money:
        """What left without anybody having asked."""
        return Money(self.ungoverned_minor, self.currency)

    @property
    def cash_rate(self) -> str:
        """Refunded in the month of captured in the month."""
        return percent(self.refunded_minor, self.captured_minor)

    @property
    def cohort_rate(self) -> str:
        """Given back of what was captured in the month."""
        return percent(self.given_back_minor, self.captured_minor)

    @property
    def bypass_by_count(self) -> str:
        """The share of refunds nobody had asked for."""
        return percent(self.ungoverned_count, self.gone_count)

    @property
    def bypass_by_money(self) -> str:
        """The share of refunded money nobody had asked for."""
        return percent(self.ungoverned_minor, self.gone_minor)

    @property
    def in_time_count(self) -> int:
        """How many steps were answered by their due time."""
        return self.due_count - self.late_count

    @property
    def in_time(self) -> str:
        """The share of steps answered by their due time."""
        return percent(self.in_time_count, self.due_count)


def by_month(viewer: User, ask: Ask) -> list[Rates]:
    """Count the wholes and the parts of each month and currency, oldest first, in three queries."""
    found: dict[tuple[date, str], Rates] = {}

    def at(month: date, currency: str) -> Rates:
        return found.setdefault((month, currency), Rates(month=month, currency=currency))

    _add_captured(viewer, ask, at)
    _add_gone(viewer, ask, at)
    _add_signed(viewer, ask, at)
    return [found[key] for key in sorted(found)]


def totals(months: Iterable[Rates]) -> list[Rates]:
    """Add up the months of each currency."""
    added: dict[str, Rates] = {}
    for one in months:
        before = added.get(one.currency)
        added[one.currency] = replace(one, month=None) if before is None else _sum(before, one)
    return [added[currency] for currency in sorted(added)]


def _sum(one: Rates, other: Rates) -> Rates:
    counts = [name for name in Rates.__dataclass_fields__ if name not in {"month", "currency"}]
    return replace(one, **{name: getattr(one, name) + getattr(other, name) for name in counts})


def _add_captured(viewer: User, ask: Ask, at: Callable[[date, str], Rates]) -> None:
    rows = (
        CaptureCell.objects.filter(ask.narrowed(viewer), ask.days)
        .annotate(month=TruncMonth("on"))
        .order_by()
        .values_list("month", "currency")
        .annotate(payments=Sum("count"), minor=Sum("captured_minor"))
    )
    for month, currency, payments, minor in rows:
        one = at(month, currency)
        one.captured_count, one.captured_minor = int(payments), int(minor)


def _add_gone(viewer: User, ask: Ask, at: Callable[[date, str], Rates]) -> None:
    rows = (
        OutflowCell.objects.filter(ask.narrowed(viewer), ask.cells_of("origin"), basis__in=[Basis.REFUND, Basis.SALE])
        .exclude(value=Origin.NOTHING)
        .annotate(month=TruncMonth("on"))
        .order_by()
        .values_list("month", "currency", "basis", "value")
        .annotate(refunds=Sum("count"), minor=Sum("refunded_minor"))
    )
    for month, currency, basis, value, refunds, minor in rows:
        one = at(month, currency)
        if basis == Basis.REFUND:
            one.refunded_minor += int(minor)
        else:
            one.given_back_minor += int(minor)
        if basis == ask.basis:
            one.gone_count += int(refunds)
            one.gone_minor += int(minor)
            if value == Origin.UNGOVERNED:
                one.ungoverned_count, one.ungoverned_minor = int(refunds), int(minor)


def _add_signed(viewer: User, ask: Ask, at: Callable[[date, str], Rates]) -> None:
    rows = (
        OutflowCell.objects.filter(ask.narrowed(viewer), ask.cells_of("total"), basis=Basis.DECISION)
        .annotate(month=TruncMonth("on"))
        .order_by()
        .values_list("month", "currency")
        .annotate(due=Sum("due_step_count"), late=Sum("late_step_count"))
        .filter(due__gt=0)
    )
    for month, currency, due, late in rows:
        one = at(month, currency)
        one.due_count, one.late_count = int(due), int(late)
