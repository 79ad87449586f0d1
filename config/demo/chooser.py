"""What waits for each person of the demo, in one line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from approvals import roles
from approvals.models import ApprovalRoute
from approvals.permissions import within_authority
from config.kernel.people import User
from evidence.models import LedgerEntry
from refunds.models import Operation, RefundRequest, StatementLine
from refunds.permissions import visible_to
from refunds.selectors import exceptions_waiting_count
from refunds.vocabulary import LineResult, OperationState, State

from .people import PERSONAS, Persona

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

SOON = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Choice:
    """A person to become, and what she would find."""

    persona: Persona
    name: str
    waiting: str


def choices(*, at: datetime) -> list[Choice]:
    """List the people of the demo in the order of a refund's life; whoever was removed is left out."""
    there = {user.username: user for user in User.objects.filter(is_active=True)}
    known = [(persona, there[persona.username]) for persona in PERSONAS if persona.username in there]
    return [Choice(persona, str(user), _LINES[persona.role](user, at)) for persona, user in known]


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
    open_lines = StatementLine.objects.filter(result=LineResult.UNMATCHED).count()
    return f"{_count(failed + stuck, 'refund')} in trouble, {_count(open_lines, 'statement line')} unmatched"


def _quality(user: User, at: datetime) -> str:
    granted = visible_to(user).filter(created_at__gte=at - timedelta(days=30)).exclude(exception_code="").count()
    return f"{_count(granted, 'exception')} granted in 30 days"


def _auditor(_user: User, _at: datetime) -> str:
    return f"{LedgerEntry.objects.count():,} entries to verify"


def _administrator(_user: User, _at: datetime) -> str:
    return f"{len(PERSONAS)} people, their limits and the policies"


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
