"""What people decided before on the same rule: the last five, how they spread, and whether I stand alone.

Read from the newest `LOOK_BACK` cases that the rule brought before people, in teams the viewer may see; never more, so
that the price does not grow with the years. Sums and medians stay within one currency; no customer is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Aggregate, BigIntegerField, Count, F, Q
from django.db.models.functions import Coalesce

from config.kernel.money import Money

from .permissions import visible_to
from .vocabulary import State

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from config.kernel.people import User

    from .models import RefundRequest

LOOK_BACK = 200
SHOWN = 5
LEAST_OF_OTHERS = 5
LEAST_OF_MINE = 3
APART = 0.5
"""How far my share of yes and my colleagues' must lie apart before it is worth a word."""


class MedianMinor(Aggregate):
    """The middle amount that was really paid out, in minor units: of an even number the lower one."""

    function = "PERCENTILE_DISC"
    name = "MedianMinor"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = BigIntegerField()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One decision on the same rule, without its customer."""

    reference: str
    page: str
    is_yes: bool
    amount: Money
    code: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How the decisions in one currency went; the median is of what was agreed to, None when nothing was."""

    currency: str
    yes_count: int
    count: int
    median: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """How I decided on a rule, beside my colleagues."""

    my_yes: int
    my_no: int
    their_yes: int
    their_no: int

    @property
    def is_worth_a_word(self) -> bool:
        """Whether both decided often enough, and far enough apart."""
        mine, theirs = self.my_yes + self.my_no, self.their_yes + self.their_no
        if mine < LEAST_OF_MINE or theirs < LEAST_OF_OTHERS:
            return False
        return abs(self.my_yes / mine - self.their_yes / theirs) >= APART

    @property
    def i_say_yes(self) -> bool:
        """Whether it is I who agrees more often."""
        return self.my_yes * (self.their_yes + self.their_no) > self.their_yes * (self.my_yes + self.my_no)


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedent:
    """What a page says of earlier decisions on a rule."""

    rule: str
    is_review: bool
    cases: tuple[Case, ...]
    spreads: tuple[Spread, ...]
    conflict: Conflict | None


def precedent_for(viewer: User, refund_request: RefundRequest) -> Precedent | None:
    """Look up earlier decisions on the rule a waiting request hangs on, in three queries; None where there are none.

    On an exception reviewers decide: a grant counts as yes. On what waits for a signature the approval does.
    """
    if refund_request.decision is None or refund_request.state not in {State.EXCEPTION_REVIEW, State.AWAITING_APPROVAL}:
        return None
    is_review = refund_request.state == State.EXCEPTION_REVIEW
    said_yes = "reviewed_by" if is_review else "approved_by"
    rule = refund_request.decision.matched_rule
    window = _window(viewer, refund_request, rule, said_yes)
    cases = tuple(_case(found, is_review=is_review) for found in _newest(viewer, window))
    if not cases:
        return None
    return Precedent(
        rule=rule,
        is_review=is_review,
        cases=cases,
        spreads=_spreads(viewer, window, said_yes),
        conflict=_conflict(viewer, window, said_yes),
    )


def _window(viewer: User, own: RefundRequest, rule: str, said_yes: str) -> QuerySet[RefundRequest]:
    decided = visible_to(viewer).filter(
        Q(**{f"{said_yes}__isnull": False}) | Q(declined_by__isnull=False),
        decision__matched_rule=rule,
        decision__is_trial=False,
    )
    # By the policy's clock: its index leads to the newest cases of a rule, and the people's answers come close behind.
    return decided.exclude(pk=own.pk).order_by("-decision__decided_at", "-decision_id")[:LOOK_BACK]


def _within(viewer: User, window: QuerySet[RefundRequest]) -> QuerySet[RefundRequest]:
    return visible_to(viewer).filter(pk__in=window.values("pk")).order_by()


def _newest(viewer: User, window: QuerySet[RefundRequest]) -> list[RefundRequest]:
    found = _within(viewer, window).select_related("reviewed_by", "approved_by", "declined_by")
    return list(found.order_by(Coalesce("decided_at", "updated_at").desc(), "-pk")[:SHOWN])


def _case(found: RefundRequest, *, is_review: bool) -> Case:
    yes = found.reviewed_by if is_review else found.approved_by
    is_yes = yes is not None and (is_review or found.declined_by is None)
    return Case(
        reference=found.reference,
        page=found.get_absolute_url(),
        is_yes=is_yes,
        amount=found.amount,
        code=found.exception_code,
        who=str((yes if is_yes else found.declined_by) or ""),
        at=found.decided_at or found.updated_at,
    )


def _spreads(viewer: User, window: QuerySet[RefundRequest], said_yes: str) -> tuple[Spread, ...]:
    yes = _yes(said_yes)
    rows = (
        _within(viewer, window)
        .values("currency")
        .annotate(
            count=Count("pk"),
            yes_count=Count("pk", filter=yes),
            median=MedianMinor(Coalesce(F("approved_minor"), F("requested_minor")), filter=yes),
        )
        .order_by("currency")
    )
    return tuple(
        Spread(
            currency=row["currency"],
            yes_count=row["yes_count"],
            count=row["count"],
            median=None if row["median"] is None else Money(row["median"], row["currency"]),
        )
        for row in rows
    )


def _conflict(viewer: User, window: QuerySet[RefundRequest], said_yes: str) -> Conflict | None:
    yes = _yes(said_yes)
    mine_yes, mine_no = Q(**{said_yes: viewer}), Q(declined_by=viewer)
    counted = _within(viewer, window).aggregate(
        my_yes=Count("pk", filter=yes & mine_yes),
        my_no=Count("pk", filter=~yes & mine_no),
        their_yes=Count("pk", filter=yes & ~mine_yes),
        their_no=Count("pk", filter=~yes & ~mine_no),
    )
    conflict = Conflict(**counted)
    return conflict if conflict.is_worth_a_word else None


def _yes(said_yes: str) -> Q:
    granted = Q(**{f"{said_yes}__isnull": False})
    return granted if said_yes == "reviewed_by" else granted & Q(declined_by__isnull=True)
