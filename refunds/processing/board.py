"""The processing board: what is on its way, what is stuck, how long and how much, per currency."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, Min, OuterRef, Q, Sum

from config.kernel.money import Money
from config.kernel.wording import said
from refunds.models import Operation
from refunds.permissions import operations_visible_to
from refunds.vocabulary import OperationState, State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import User

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: which operations stand in it, and what it means in a sentence."""

    name: str
    label: str
    tone: str
    states: tuple[OperationState, ...]
    meaning: str
    is_unreleased: bool = False


COLUMNS = (
    Column(
        name="to_release",
        label=said("To be released"),
        tone="warn",
        states=(OperationState.READY,),
        is_unreleased=True,
        meaning=said("Approved; the policy wants somebody in finance who had no part in it to release it."),
    ),
    Column(
        name="queued",
        label=said("Queued"),
        tone="info",
        states=(OperationState.READY,),
        meaning=said("Approved and written down; a worker takes it next."),
    ),
    Column(
        name="sending",
        label=said("Being sent"),
        tone="info",
        states=(OperationState.SENDING, OperationState.UNKNOWN),
        meaning=said(
            "On the way to the processor. Where no clear answer came, it is looked up before it is sent again."
        ),
    ),
    Column(
        name="pending",
        label=said("Pending at the processor"),
        tone="info",
        states=(OperationState.PENDING,),
        meaning=said("The processor has it and has not confirmed it yet."),
    ),
    Column(
        name="failed",
        label=said("Failed"),
        tone="bad",
        states=(OperationState.FAILED, OperationState.REJECTED),
        meaning=said("The money did not move, or it came back. Finance sends it again or declines the request."),
    ),
    Column(
        name="needs_person",
        label=said("Needs a person"),
        tone="warn",
        states=(OperationState.NEEDS_PERSON,),
        meaning=said(
            "It is not known whether the money moved. Look it up at the processor; nothing is sent by itself."
        ),
    ),
    Column(
        name="succeeded",
        label=said("Succeeded today"),
        tone="ok",
        states=(OperationState.SUCCEEDED,),
        meaning=said("The processor confirmed it today (UTC)."),
    ),
)
BY_NAME = {column.name: column for column in COLUMNS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many operations stand in a column, their sums per currency, and since when the oldest waits."""

    column: Column
    count: int
    sums: tuple[Money, ...]
    oldest_at: datetime | None


def tallies(viewer: User, *, at: datetime) -> list[Tally]:
    """Count every column, in one query."""
    counted: Mapping[tuple[str, bool], list[tuple[str, int, int, datetime]]] = defaultdict(list)
    rows = _on_board(viewer, at).values_list("state", "awaits_release", "currency")
    sums = rows.annotate(Count("pk"), Sum("amount_minor"), Min("created_at"))
    for state, is_unreleased, currency, count, total, oldest_at in sums:
        counted[state, is_unreleased].append((currency, count, total, oldest_at))
    return [
        _tally(column, [row for state in column.states for row in counted[state, column.is_unreleased]])
        for column in COLUMNS
    ]


def operations_in(viewer: User, column: Column, *, at: datetime, after: UUID | None = None) -> QuerySet[Operation]:
    """Select what stands in a column, oldest first."""
    operations = _on_board(viewer, at).filter(state__in=column.states, awaits_release=column.is_unreleased)
    operations = operations.select_related("refund_request__team", "refund_request__order").order_by("id")
    return operations.filter(id__gt=after) if after else operations


def _on_board(viewer: User, at: datetime) -> QuerySet[Operation]:
    """Leave out what is over: confirmed before today, and failures that were sent again or declined."""
    today = at.replace(hour=0, minute=0, second=0, microsecond=0)
    sent_again = Operation.objects.filter(
        refund_request=OuterRef("refund_request"), created_at__gt=OuterRef("created_at")
    )
    dead = Q(state__in=BY_NAME["failed"].states)
    return (
        operations_visible_to(viewer)
        .exclude(state=OperationState.SUCCEEDED, succeeded_at__lt=today)
        .filter(~dead | Q(refund_request__state=State.FAILED) & ~Exists(sent_again))
    )


def _tally(column: Column, rows: list[tuple[str, int, int, datetime]]) -> Tally:
    sums: defaultdict[str, int] = defaultdict(int)
    for currency, _, total, _ in rows:
        sums[currency] += total
    return Tally(
        column=column,
        count=sum(row[1] for row in rows),
        sums=tuple(Money(total, currency) for currency, total in sorted(sums.items())),
        oldest_at=min((row[3] for row in rows), default=None),
    )
