"""The numbers, counted from the rows a viewer may see; money is never added up across currencies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce, TruncMonth

from config.kernel.money import Money
from config.kernel.people import Team, team_ids_of
from config.kernel.wording import said
from policies.vocabulary import Outcome
from refunds.permissions import visible_to
from refunds.vocabulary import State

from .months import month_and_year

if TYPE_CHECKING:
    from collections.abc import Iterable

    from config.kernel.people import User

    from .slices import Slice


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number: what it is about, how many requests and how much money, and the address of exactly those rows."""

    code: str
    label: str
    count: int
    money: Money
    rows: str
    share: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCell:
    """What was refunded in one month, in one currency, after one outcome of the policy."""

    month: date
    outcome: str
    count: int
    reconciled_count: int
    money: Money


def teams_of(viewer: User) -> list[Team]:
    """List the teams a viewer may choose from."""
    return list(Team.objects.filter(pk__in=team_ids_of(viewer)).order_by("name", "pk"))


def refunded_cells(viewer: User, wanted: Slice) -> list[MonthCell]:
    """Count refunds by month, currency and outcome, in one query, oldest first."""
    rows = (
        visible_to(viewer)
        .filter(wanted.refunded)
        .order_by()
        .annotate(month=TruncMonth("refunded_at", tzinfo=UTC))
        .values_list("month", "currency", "decision__outcome")
        .annotate(
            count=Count("pk"),
            reconciled=Count("pk", filter=Q(state=State.RECONCILED)),
            total=Sum("approved_minor"),
        )
        .order_by("month", "currency", "decision__outcome")
    )
    return [
        MonthCell(
            month=month.date(),
            outcome=outcome or "",
            count=count,
            reconciled_count=reconciled,
            money=Money(total, currency),
        )
        for month, currency, outcome, count, reconciled, total in rows
    ]


def refunded_by_month(viewer: User, wanted: Slice) -> list[Figure]:
    """Refunded money of each month and currency."""
    return by_month(refunded_cells(viewer, wanted), wanted)


def refunded_by_outcome(viewer: User, wanted: Slice) -> list[Figure]:
    """Refunded money of each outcome and currency, largest first within a currency."""
    return by_outcome(refunded_cells(viewer, wanted), wanted)


def refunded_by_reason(viewer: User, wanted: Slice) -> list[Figure]:
    """Refunded money of each reason and currency, largest first within a currency."""
    rows = (
        visible_to(viewer)
        .filter(wanted.refunded)
        .order_by()
        .values_list("reason_id", "reason__label", "currency")
        .annotate(count=Count("pk"), total=Sum("approved_minor"))
    )
    return with_shares(
        Figure(
            code=code or "",
            label=label or said("No reason"),
            count=count,
            money=Money(total, currency),
            rows=wanted.rows(reason=code, currency=currency) if code else "",
        )
        for code, label, currency, count, total in rows
    )


def requests_by_state(viewer: User, wanted: Slice) -> list[Figure]:
    """Where the requests of the team and currency stand now, in the order of a request's life; drafts left out."""
    rows = (
        visible_to(viewer)
        .filter(wanted.scope)
        .exclude(state=State.INTAKE)
        .order_by()
        .values_list("state", "currency")
        .annotate(count=Count("pk"), total=Sum(Coalesce("approved_minor", "requested_minor")))
    )
    order = {state.value: place for place, state in enumerate(State)}
    figures = [
        Figure(
            code=state,
            label=State(state).label,
            count=count,
            money=Money(total, currency),
            rows=wanted.rows_of_any_day(state=state, currency=currency),
        )
        for state, currency, count, total in rows
    ]
    return sorted(figures, key=lambda figure: (order[figure.code], figure.money.currency))


def by_month(cells: Iterable[MonthCell], wanted: Slice) -> list[Figure]:
    """Add up cells of the same month and currency."""
    added: dict[tuple[date, str], tuple[int, Money]] = {}
    for cell in cells:
        key = cell.month, cell.money.currency
        count, money = added.get(key, (0, Money(0, cell.money.currency)))
        added[key] = count + cell.count, money + cell.money
    return [
        Figure(
            code=month.isoformat()[:7],
            label=month_and_year(month),
            count=count,
            money=money,
            rows=wanted.month_rows(month, currency=currency),
        )
        for (month, currency), (count, money) in sorted(added.items())
    ]


def by_outcome(cells: Iterable[MonthCell], wanted: Slice) -> list[Figure]:
    """Add up cells of the same outcome and currency."""
    added: dict[tuple[str, str], tuple[int, Money]] = {}
    for cell in cells:
        key = cell.outcome, cell.money.currency
        count, money = added.get(key, (0, Money(0, cell.money.currency)))
        added[key] = count + cell.count, money + cell.money
    return with_shares(
        Figure(
            code=outcome,
            label=Outcome(outcome).label if outcome else said("Not judged"),
            count=count,
            money=money,
            rows=wanted.rows(outcome=outcome, currency=currency) if outcome else "",
        )
        for (outcome, currency), (count, money) in added.items()
    )


def with_shares(figures: Iterable[Figure]) -> list[Figure]:
    """Sort by currency and money, and say each figure's part of its own currency."""
    figures = sorted(figures, key=lambda figure: (figure.money.currency, -figure.money.minor, figure.code))
    wholes: dict[str, int] = {}
    for figure in figures:
        wholes[figure.money.currency] = wholes.get(figure.money.currency, 0) + figure.money.minor
    return [
        Figure(
            code=figure.code,
            label=figure.label,
            count=figure.count,
            money=figure.money,
            rows=figure.rows,
            share=percent(figure.money.minor, wholes[figure.money.currency]),
        )
        for figure in figures
    ]


def percent(part: int, whole: int) -> str:
    """Say a share with one decimal, in whole numbers all the way; a dash when there is no whole."""
    if not whole:
        return "-"
    tenths = (2_000 * part + whole) // (2 * whole)
    return said("{whole}.{tenth} %", whole=tenths // 10, tenth=tenths % 10)
