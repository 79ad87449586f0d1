"""What waits for each person of the demo, in one line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from analytics.models import SampledDecision
from analytics.remediation.permissions import items_visible_to
from analytics.remediation.vocabulary import STANDING, UNFINISHED
from analytics.sampling.permissions import samples_visible_to
from approvals import roles
from approvals.delegation_lists import own_delegations, visible_absences
from approvals.lending import loans_of
from approvals.limit_changes import answerers_of, waiting_changes
from approvals.models import ApprovalRoute
from approvals.notices import unread_count
from approvals.permissions import within_authority
from approvals.selectors import tab_counts
from approvals.standing_freezes import visible_to as freezes_visible_to
from approvals.vocabulary import DelegationState
from config.kernel.people import User
from evidence.models import LedgerEntry
from refunds.breaks.permissions import breaks_visible_to
from refunds.breaks.selectors import proposals_for
from refunds.breaks.vocabulary import BreakState
from refunds.models import Operation, RefundRequest
from refunds.permissions import visible_to
from refunds.selectors import exceptions_waiting_count
from refunds.vocabulary import OperationState, State

from .people import PERSONAS, Persona

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

SOON = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Choice:
    """A person to become, and what she would find: what waits, and what else there is to try as her."""

    persona: Persona
    name: str
    waiting: str
    besides: list[str]


def choices(*, at: datetime) -> list[Choice]:
    """List the people of the demo in the order of a refund's life; whoever was removed is left out."""
    there = {user.username: user for user in User.objects.filter(is_active=True)}
    known = [(persona, there[persona.username]) for persona in PERSONAS if persona.username in there]
    return [
        Choice(persona, str(user), _LINES[persona.role](user, at), list(_BESIDES.get(persona.role, _nothing)(user, at)))
        for persona, user in known
    ]


def is_a_world() -> bool:
    """Tell whether there is more than people and policies to look at."""
    return RefundRequest.objects.exists()


def _agent(user: User, _at: datetime) -> str:
    own = RefundRequest.objects.filter(requested_by=user)
    questions, drafts = own.filter(state=State.NEEDS_INFO).count(), own.filter(state=State.INTAKE).count()
    return f"{_count(questions, 'question')} to answer, {_count(drafts, 'draft')} to finish"


def _reviewer(user: User, _at: datetime) -> str:
    return f"{_count(exceptions_waiting_count(user), 'exception')} to judge"


def _approver(user: User, at: datetime) -> str:
    mine = ApprovalRoute.objects.filter(within_authority(user, at=at))
    overdue = mine.filter(due_at__lte=at).count()
    soon = mine.filter(due_at__gt=at, due_at__lte=at + SOON).count()
    late = f", {overdue} overdue" if overdue else ""
    return f"{mine.count()} to decide, {soon} due in an hour{late}"


def _finance(user: User, _at: datetime) -> str:
    failed = visible_to(user).filter(state=State.FAILED).count()
    stuck = Operation.objects.filter(state=OperationState.NEEDS_PERSON, refund_request__in=visible_to(user)).count()
    unexplained = breaks_visible_to(user).filter(state=BreakState.OPEN).count()
    agree = proposals_for(user)
    waits = f", {agree} to agree to" if agree else ""
    return f"{_count(failed + stuck, 'refund')} in trouble, {_count(unexplained, 'break')} to explain{waits}"


def _quality(user: User, at: datetime) -> str:
    granted = visible_to(user).filter(created_at__gte=at - timedelta(days=30)).exclude(exception_code="").count()
    return f"{_count(granted, 'exception')} granted in 30 days"


def _auditor(_user: User, _at: datetime) -> str:
    return f"{LedgerEntry.objects.count():,} entries to verify"


def _administrator(_user: User, _at: datetime) -> str:
    return f"{len(PERSONAS)} people, their limits and the policies"


def _nothing(_user: User, _at: datetime) -> Iterator[str]:
    yield from ()


def _besides_deciding(user: User, at: datetime) -> Iterator[str]:
    asked = tab_counts(user, at=at)["asked"]
    if asked:
        yield f"{asked} asked of {user.first_name} by a colleague"
    for offer in own_delegations(user).filter(lent_to=user, state=DelegationState.OFFERED, until_at__gt=at):
        yield f"an offer to sign for {offer.lent_by} to answer"
    for loan in loans_of(user, at=at):
        yield f"signs for {loan.lent_by} until {loan.until_at:%-d %B}"
    for absence in visible_absences(user, at=at).filter(user=user, from_at__lte=at):
        yield f"away until {absence.until_at:%-d %B}; nothing is routed here"
    news = unread_count(user)
    if news:
        yield _count(news, "new notice")


def _besides_money(user: User, _at: datetime) -> Iterator[str]:
    changes = [change for change in waiting_changes() if user in answerers_of(change)]
    if changes:
        yield f"{_count(len(changes), 'limit')} to confirm or refuse"
    freezes = freezes_visible_to(user)
    if freezes:
        on = freezes.filter(lifted_at__isnull=True).count()
        yield f"{_count(on, 'freeze')} on, {freezes.count() - on} lifted"


def _besides_improving(user: User, at: datetime) -> Iterator[str]:
    items = items_visible_to(user).filter(state__in=STANDING)
    if items:
        late = items.filter(state__in=UNFINISHED, due_at__lte=at).count()
        yield f"{_count(items.count(), 'remediation item')}, {late} overdue"
    sampled = SampledDecision.objects.filter(sample__in=samples_visible_to(user), reviewer=None).count()
    if sampled:
        yield f"{_count(sampled, 'sampled decision')} to look at again"


def _besides_reading(_user: User, _at: datetime) -> Iterator[str]:
    yield "who could approve what, on any day, to review and sign"


def _besides_looking_after(_user: User, _at: datetime) -> Iterator[str]:
    waiting = waiting_changes().count()
    if waiting:
        yield f"{_count(waiting, 'proposed limit')} waits for a second person"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


_LINES: dict[str, Callable[[User, datetime], str]] = {
    roles.AGENT: _agent,
    roles.REVIEWER: _reviewer,
    roles.APPROVER: _approver,
    roles.FINANCE: _finance,
    roles.QUALITY: _quality,
    roles.AUDITOR: _auditor,
    roles.ADMINISTRATOR: _administrator,
}
_BESIDES: dict[str, Callable[[User, datetime], Iterator[str]]] = {
    roles.APPROVER: _besides_deciding,
    roles.FINANCE: _besides_money,
    roles.QUALITY: _besides_improving,
    roles.AUDITOR: _besides_reading,
    roles.ADMINISTRATOR: _besides_looking_after,
}
