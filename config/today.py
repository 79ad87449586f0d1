"""What waits for a person, one number for each of her tasks, with the way to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.urls import reverse

from analytics.remediation.selectors import standing_of, waits_for
from analytics.sampling.selectors import looks_left
from approvals.guards import is_own
from approvals.limit_changes import waiting_changes, waiting_grants
from config.kernel.outbox import parked_rows
from config.kernel.wording import said
from evidence.selectors import troubled_errands
from refunds.breaks.selectors import OVERDUE, breaks_listed, proposals_for
from refunds.breaks.vocabulary import BreakState
from refunds.processing.board import BY_NAME, operations_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from config.kernel.people import User


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: what is counted, how many, and the address of the rows behind it."""

    label: str
    count: int
    address: str


@dataclass(frozen=True, slots=True)
class _Task:
    label: str
    page: str
    count: Callable[[User, datetime], int]
    permissions: tuple[str, ...]
    """All of them are needed: one opens the page, another makes it this person's task."""
    query: str = ""
    unless: str = ""
    """Whoever holds this has another figure for the same page."""


def figures_for(user: User, *, at: datetime) -> list[Figure]:
    """Count what waits for this person at `at`; tasks of others are left out, those without anything to do are not."""
    return [
        Figure(task.label, task.count(user, at), f"{reverse(task.page)}{task.query}")
        for task in _TASKS
        if user.has_perms(task.permissions) and not (task.unless and user.has_perm(task.unless))
    ]


def _stuck(user: User, at: datetime) -> int:
    return operations_in(user, BY_NAME["needs_person"], at=at).count()


def _breaks(state: str) -> Callable[[User, datetime], int]:
    return lambda user, at: breaks_listed(user, {"state": state}, at=at).count()


def _unanswered(_user: User, _at: datetime) -> int:
    return waiting_changes().count() + waiting_grants().count()


def _to_answer(user: User, _at: datetime) -> int:
    changes = sum(change.proposed_by_id != user.pk and not is_own(user, change) for change in waiting_changes())
    return changes + waiting_grants().exclude(proposed_by=user).exclude(person=user).count()


_TASKS: Final = (
    _Task(
        said("Refunds that need a person"),
        "refunds:processing",
        _stuck,
        ("refunds.view_operation", "refunds.retry_refundrequest"),
        "?column=needs_person",
    ),
    _Task(
        said("Breaks to explain"),
        "refunds:breaks",
        _breaks(BreakState.OPEN),
        ("refunds.view_break", "refunds.resolve_break"),
        f"?state={BreakState.OPEN}",
    ),
    _Task(
        said("Breaks past their promise"),
        "refunds:breaks",
        _breaks(OVERDUE),
        ("refunds.view_break", "refunds.resolve_break"),
        f"?state={OVERDUE}",
    ),
    _Task(
        said("Explanations to agree to"),
        "refunds:breaks",
        lambda user, _at: proposals_for(user),
        ("refunds.view_break", "refunds.resolve_break"),
        f"?state={BreakState.PROPOSED}",
    ),
    _Task(
        said("Limits and roles to confirm"),
        "approvals:limit_changes",
        _to_answer,
        ("approvals.view_limitchange", "approvals.answer_limitchange"),
    ),
    _Task(
        said("Limits and roles that wait for a second person"),
        "approvals:limit_changes",
        _unanswered,
        ("approvals.view_limitchange",),
        unless="approvals.answer_limitchange",
    ),
    _Task(
        said("Decisions to look at again"),
        "analytics:samples",
        lambda user, _at: looks_left(user),
        ("analytics.view_sample", "analytics.review_sample"),
    ),
    _Task(
        said("Overdue remediation"),
        "analytics:remediation",
        lambda user, at: standing_of(user, at=at).overdue,
        ("analytics.view_remediationitem", "analytics.change_remediationitem"),
        f"?state={OVERDUE}",
    ),
    _Task(
        said("Remediation to confirm"),
        "analytics:remediation",
        lambda user, _at: waits_for(user),
        ("analytics.view_remediationitem", "analytics.confirm_remediationitem"),
    ),
    _Task(
        said("Checkpoints in trouble"),
        "evidence:ledger",
        lambda _user, _at: len(troubled_errands()),
        ("evidence.view_checkpoint",),
    ),
    _Task(
        said("News put aside after failing too often"),
        "status",
        lambda _user, _at: parked_rows().count(),
        ("kernel.view_status", "kernel.mend_news"),
    ),
)
