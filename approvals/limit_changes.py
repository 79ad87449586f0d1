"""Proposed changes of limits and roles: what waits, what was answered, and who may answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.kernel.people import User

from .guards import is_own
from .models import LimitChange, RoleGrant
from .vocabulary import ChangeState

if TYPE_CHECKING:
    from django.db.models import QuerySet

ANSWERED_SHOWN = 50
ANSWERS = "approvals.answer_limitchange"


def waiting_changes() -> QuerySet[LimitChange]:
    """Everything that waits for an answer, oldest first."""
    return _changes().filter(state=ChangeState.PROPOSED).order_by("proposed_at", "pk")


def answered_changes() -> QuerySet[LimitChange]:
    """What was answered last."""
    return _changes().exclude(state=ChangeState.PROPOSED).order_by("-answered_at", "-pk")[:ANSWERED_SHOWN]


def people_who_answer() -> list[User]:
    """List the people with the right to answer, whatever the change."""
    with_right = User.objects.with_perm(ANSWERS, backend="config.kernel.backend.PeopleBackend")
    return list(with_right.filter(is_active=True, is_service_account=False).order_by("username"))


def answerers_of(change: LimitChange, people: list[User] | None = None) -> list[User]:
    """List who may answer this change: with the right, not its proposer, and not whom it names."""
    able = people_who_answer() if people is None else people
    return [person for person in able if person.pk != change.proposed_by_id and not is_own(person, change)]


def waiting_grants() -> QuerySet[RoleGrant]:
    """Roles that wait for a second person, oldest first."""
    return _grants().filter(state=ChangeState.PROPOSED).order_by("proposed_at", "pk")


def answered_grants() -> QuerySet[RoleGrant]:
    """Roles that were answered last."""
    return _grants().exclude(state=ChangeState.PROPOSED).order_by("-answered_at", "-pk")[:ANSWERED_SHOWN]


def _grants() -> QuerySet[RoleGrant]:
    return RoleGrant.objects.select_related("person", "proposed_by", "answered_by")


def _changes() -> QuerySet[LimitChange]:
    return LimitChange.objects.select_related("user", "team", "proposed_by", "answered_by")
