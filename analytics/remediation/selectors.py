"""What people read about items: the board with its filters, one of them, and what a month brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, Exists, F, OuterRef, Q

from analytics.models import RemediationItem
from config.kernel.money import Money
from policies.models import CODE_MODELS
from policies.vocabulary import CodeState

from .permissions import items_visible_to
from .vocabulary import STANDING, UNFINISHED, Colour, ItemState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from analytics.models import RemediationNote
    from config.kernel.people import User

ALL: Final = "all"
OVERDUE: Final = "overdue"
MINE: Final = "mine"
NOBODY: Final = "nobody"
MOST_OF_A_CODE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many items stand, and of those how many are red, overdue, nobody's, or wait for their effect test."""

    standing: int
    red: int
    overdue: int
    unowned: int
    verifying: int
    proposed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One month of remediation: what is red now, what ended, what came back, what is overdue now."""

    first: date
    red: Sequence[RemediationItem]
    opened: Sequence[RemediationItem]
    closed: Sequence[RemediationItem]
    came_back: Sequence[RemediationItem]
    overdue: Sequence[RemediationItem]


def items_listed(viewer: User, wanted: Mapping[str, Any], *, at: datetime) -> QuerySet[RemediationItem]:
    """Select the items that fit the filters: state, colour, owner, kind; those that stand where no state is named."""
    found = items_visible_to(viewer).filter(_state(wanted.get("state", ""), at))
    for column in ("colour", "code_kind"):
        if wanted.get(column):
            found = found.filter(**{column: wanted[column]})
    if wanted.get("owner") == NOBODY:
        found = found.filter(owner__isnull=True)
    elif wanted.get("owner") == MINE:
        found = found.filter(owner=viewer)
    return found


def items_of_code(viewer: User, kind: str, code: str) -> list[RemediationItem]:
    """List the items a code had, those that stand first, then the newest."""
    found = items_visible_to(viewer).filter(code_kind=kind, code=code).select_related("owner")
    return list(found.order_by(F("closed_at").desc(nulls_first=True), "-opened_at", "-pk")[:MOST_OF_A_CODE])


def a_page(
    found: QuerySet[RemediationItem], *, after: tuple[datetime, UUID] | None, count: int
) -> list[RemediationItem]:
    """Read one page in the order of promises, after the row that ended the page before."""
    if after is not None:
        moment, pk = after
        found = found.filter(Q(due_at__gt=moment) | Q(due_at=moment, pk__gt=pk))
    return list(found.select_related("owner").order_by("due_at", "pk")[:count])


def standing_of(viewer: User, *, at: datetime) -> Standing:
    """Count what stands."""
    return Standing(
        **items_visible_to(viewer)
        .filter(state__in=STANDING)
        .aggregate(
            standing=Count("pk"),
            red=Count("pk", filter=Q(colour=Colour.RED)),
            overdue=Count("pk", filter=_overdue(at)),
            unowned=Count("pk", filter=Q(owner__isnull=True, state__in=UNFINISHED)),
            verifying=Count("pk", filter=Q(state=ItemState.VERIFYING)),
            proposed=Count("pk", filter=Q(state=ItemState.CHANGE_MADE, proposed_by__isnull=False)),
        )
    )


def waits_for(viewer: User) -> int:
    """Count the proposals of others to close what is not this person's own."""
    found = items_visible_to(viewer).filter(state=ItemState.CHANGE_MADE, proposed_by__isnull=False)
    return found.exclude(proposed_by=viewer).exclude(owner=viewer).count()


def one_item(viewer: User, item_id: UUID) -> RemediationItem | None:
    """Find an item with everybody who had a part in it."""
    people = ("owner", "opened_by", "proposed_by", "confirmed_by")
    return items_visible_to(viewer).select_related(*people).filter(pk=item_id).first()


def standing_item_of(viewer: User, kind: str, code: str) -> RemediationItem | None:
    """Find the item of a code that stands."""
    return items_visible_to(viewer).filter(code_kind=kind, code=code, state__in=STANDING).first()


def thread_of(item: RemediationItem) -> list[RemediationNote]:
    """List what was said about an item, oldest first."""
    return list(item.notes.select_related("author").order_by("written_at", "pk"))


def cost_of(item: RemediationItem) -> list[Money]:
    """Say what a code leaked in the days of its rule, each currency by itself, as it was counted last."""
    return [Money(minor, currency) for currency, minor in sorted(item.cost.items())]


def codes_to_open() -> list[tuple[str, list[tuple[str, str]]]]:
    """Offer the codes in use by kind, as the word of the form and what people call them."""
    return [
        (
            kind.label,
            [
                (f"{kind.value}:{code.code}", str(code))
                for code in model.objects.filter(state=CodeState.ACTIVE).order_by("code")
            ],
        )
        for kind, model in CODE_MODELS.items()
    ]


def month_of(viewer: User, first: date, *, at: datetime) -> Month:
    """Review a month, days in UTC: what ended or came back within it, and what is red or overdue at this moment.

    A code came back when its item was opened again in the month, or a new one was opened after another had closed.
    """
    start = datetime(first.year, first.month, 1, tzinfo=UTC)
    end = datetime(first.year + first.month // 12, first.month % 12 + 1, 1, tzinfo=UTC)
    items = items_visible_to(viewer).select_related("owner").order_by("code", "pk")
    before = RemediationItem.objects.filter(
        code_kind=OuterRef("code_kind"), code=OuterRef("code"), closed_at__lt=OuterRef("opened_at")
    )
    opened = items.filter(opened_at__gte=start, opened_at__lt=end)
    again = Q(reopened_at__gte=start, reopened_at__lt=end)
    return Month(
        first=start.date(),
        red=list(items.filter(state__in=STANDING, colour=Colour.RED)),
        opened=list(opened),
        closed=list(items.filter(closed_at__gte=start, closed_at__lt=end)),
        came_back=list(items.filter(again | (Q(pk__in=opened.values("pk")) & Q(Exists(before))))),
        overdue=list(items.filter(_overdue(at))),
    )


def _overdue(at: datetime) -> Q:
    return Q(state__in=UNFINISHED, due_at__lt=at)


def _state(state: str, at: datetime) -> Q:
    if state == ALL:
        return Q()
    if state == OVERDUE:
        return _overdue(at)
    return Q(state=state) if state in ItemState.values else Q(state__in=STANDING)
