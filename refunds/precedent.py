"""What people decided before on the same rule: the last five, how they spread, and whether I stand alone.

Read from the newest `LOOK_BACK` cases that the rule brought before people, in teams the viewer may see; never more, so
that the price does not grow with the years. Sums and medians stay within one currency; no customer is named.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from statistics import median_low
from typing import TYPE_CHECKING

from django.db.models import Q

from config.kernel.money import Money

from .permissions import visible_to
from .vocabulary import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from config.kernel.people import User

    from .models import RefundRequest

LOOK_BACK = 200
SHOWN = 5
LEAST_OF_OTHERS = 5
LEAST_OF_MINE = 3
APART = 0.5
"""How far my share of yes and my colleagues' must lie apart before it is worth a word."""

READ = ("state", "reference", "category", "currency", "requested_minor", "approved_minor", "exception_code")
MOMENTS = ("decided_at", "updated_at")
PEOPLE = ("reviewed_by", "approved_by", "declined_by")
NAMES = ("first_name", "last_name", "username")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One decision on the same rule, without its customer."""

    pk: UUID
    reference: str
    page: str
    is_yes: bool
    amount: Money
    code: str
    decider: User | None
    at: datetime

    @property
    def who(self) -> str:
        """Who decided, by name."""
        return str(self.decider or "")


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
    """Look up earlier decisions on the rule a waiting request hangs on, in one query; None where there are none.

    On an exception reviewers decide: a grant counts as yes. On what waits for a signature the approval does.
    """
    if refund_request.decision is None or refund_request.state not in {State.EXCEPTION_REVIEW, State.AWAITING_APPROVAL}:
        return None
    is_review = refund_request.state == State.EXCEPTION_REVIEW
    rule = refund_request.decision.matched_rule
    cases = [_case(found, is_review=is_review) for found in _window(viewer, refund_request, rule, is_review=is_review)]
    if not cases:
        return None
    cases.sort(key=lambda case: (case.at, case.pk), reverse=True)
    return Precedent(
        rule=rule,
        is_review=is_review,
        cases=tuple(cases[:SHOWN]),
        spreads=tuple(_spreads(cases)),
        conflict=_conflict(viewer, cases),
    )


def _window(viewer: User, own: RefundRequest, rule: str, *, is_review: bool) -> QuerySet[RefundRequest]:
    said_yes = "reviewed_by" if is_review else "approved_by"
    decided = visible_to(viewer).filter(
        Q(**{f"{said_yes}__isnull": False}) | Q(declined_by__isnull=False),
        decision__matched_rule=rule,
        decision__is_trial=False,
    )
    read = decided.select_related(*PEOPLE).only(
        *READ, *MOMENTS, *(f"{person}__{name}" for person in PEOPLE for name in NAMES)
    )
    # By the policy's clock: its index leads to the newest cases of a rule, and the people's answers come close behind.
    return read.exclude(pk=own.pk).order_by("-decision__decided_at", "-decision_id")[:LOOK_BACK]


def _case(found: RefundRequest, *, is_review: bool) -> Case:
    yes = found.reviewed_by if is_review else found.approved_by
    is_yes = yes is not None and (is_review or found.declined_by is None)
    return Case(
        pk=found.pk,
        reference=found.reference,
        page=found.get_absolute_url(),
        is_yes=is_yes,
        amount=found.amount,
        code=found.exception_code,
        decider=yes if is_yes else found.declined_by,
        at=found.decided_at or found.updated_at,
    )


def _spreads(cases: Sequence[Case]) -> Iterator[Spread]:
    by_currency = sorted(cases, key=lambda case: case.amount.currency)
    for currency, group in groupby(by_currency, key=lambda case: case.amount.currency):
        decided = list(group)
        agreed = [case.amount.minor for case in decided if case.is_yes]
        yield Spread(
            currency=currency,
            yes_count=len(agreed),
            count=len(decided),
            median=Money(median_low(agreed), currency) if agreed else None,
        )


def _conflict(viewer: User, cases: Sequence[Case]) -> Conflict | None:
    counted = Counter((case.decider == viewer, case.is_yes) for case in cases)
    conflict = Conflict(
        my_yes=counted[True, True],
        my_no=counted[True, False],
        their_yes=counted[False, True],
        their_no=counted[False, False],
    )
    return conflict if conflict.is_worth_a_word else None
