"""What finance reads about breaks: the list with its filters, sums per currency, one of them with both sides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, Q, Sum

from config.kernel.money import Money

from .permissions import breaks_visible_to
from .vocabulary import STANDING, BreakState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import User
    from refunds.models import Break, BreakComment

NOBODY: Final = "nobody"
MINE: Final = "mine"
ALL: Final = "all"
OVERDUE: Final = "overdue"

AGES: Final[Mapping[str, tuple[int | None, int | None]]] = {
    "week": (None, 7),
    "month": (7, 30),
    "older": (30, None),
}
"""How many days ago what a break is about happened: at least, and less than."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unexplained:
    """What nobody explained in one currency, on either side; currencies are never added up."""

    more_left: Money
    less_left: Money
    count: int
    overdue_count: int


def breaks_listed(viewer: User, wanted: Mapping[str, Any], *, at: datetime) -> QuerySet[Break]:
    """Select the breaks that fit the filters: state, kind, owner, age, account, currency; standing where none is named.

    Those that stand come with the first promise first, resolved ones last resolved first.
    """
    found = breaks_visible_to(viewer).filter(_state(wanted.get("state", ""), at))
    for column in ("kind", "account", "currency"):
        if wanted.get(column):
            found = found.filter(**{column: wanted[column]})
    if wanted.get("owner") == NOBODY:
        found = found.filter(owner__isnull=True)
    elif wanted.get("owner") == MINE:
        found = found.filter(owner=viewer)
    least, most = AGES.get(wanted.get("age", ""), (None, None))
    if least is not None:
        found = found.filter(happened_at__lte=at - timedelta(days=least))
    if most is not None:
        found = found.filter(happened_at__gt=at - timedelta(days=most))
    return found


def a_page(found: QuerySet[Break], *, after: tuple[datetime, UUID] | None, count: int) -> list[Break]:
    """Read one page in the order of promises, after the row that ended the page before."""
    if after is not None:
        moment, pk = after
        found = found.filter(Q(due_at__gt=moment) | Q(due_at=moment, pk__gt=pk))
    return list(found.select_related("owner", "operation__refund_request", "team").order_by("due_at", "pk")[:count])


def unexplained(found: QuerySet[Break], *, at: datetime) -> list[Unexplained]:
    """Add up what the breaks of a list leave unexplained, one row for each currency."""
    rows = (
        found.order_by()
        .values_list("currency")
        .annotate(
            more=Sum("amount_minor", filter=Q(amount_minor__lt=0), default=0),
            less=Sum("amount_minor", filter=Q(amount_minor__gt=0), default=0),
            count=Count("pk"),
            overdue=Count("pk", filter=Q(due_at__lt=at, state__in=STANDING)),
        )
    )
    return [
        Unexplained(
            more_left=Money(-more, currency), less_left=Money(less, currency), count=count, overdue_count=overdue
        )
        for currency, more, less, count, overdue in sorted(rows)
    ]


def places(viewer: User) -> tuple[list[str], list[str]]:
    """Name the accounts and the currencies that have breaks, for the filters."""
    rows = set(breaks_visible_to(viewer).order_by().values_list("account", "currency").distinct())
    return sorted({account for account, _ in rows}), sorted({currency for _, currency in rows})


def one_break(viewer: User, break_id: UUID) -> Break | None:
    """Find a break with both its sides and everybody who had a part in it."""
    people = ("owner", "proposed_by", "confirmed_by")
    sides = ("line__statement", "operation__refund_request", "operation__payment", "team")
    found = breaks_visible_to(viewer).select_related(*people, *sides).defer("line__statement__content")
    return found.filter(pk=break_id).first()


def thread_of(found: Break) -> list[BreakComment]:
    """List what was said about a break, oldest first."""
    return list(found.comments.select_related("author").order_by("written_at", "pk"))


def proposals_for(viewer: User) -> int:
    """Count the proposals of others that wait for a second person."""
    return breaks_visible_to(viewer).filter(state=BreakState.PROPOSED).exclude(proposed_by=viewer).count()


def _state(state: str, at: datetime) -> Q:
    if state == ALL:
        return Q()
    if state == OVERDUE:
        return Q(state__in=STANDING, due_at__lt=at)
    return Q(state=state) if state in BreakState.values else Q(state__in=STANDING)
