"""Proposed changes of limits and roles: what waits for a second person, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from approvals.limit_changes import (
    ANSWERS,
    answered_changes,
    answered_grants,
    answerers_of,
    people_who_answer,
    waiting_changes,
    waiting_grants,
)
from approvals.models import LimitChange, RoleGrant
from approvals.services.granting import confirm_grant, refuse_grant, why_not_answer, withdraw_grant
from approvals.services.limits import PROPOSES, confirm_change, refuse_change, scope_of, scope_words, withdraw_change
from config.kernel.asking_again import asks_again
from config.kernel.web import PersonRequest, or_404, page, render_page
from config.kernel.wording import said

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from config.kernel.people import User

SEES = ("approvals.view_limitchange",)
GIVES_ROLES = "kernel.change_user"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal as one viewer sees it."""

    change: LimitChange
    words: str
    answerers: list[User]
    may_answer: bool
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class WaitingGrant:
    """A proposed role as one viewer sees it."""

    grant: RoleGrant
    answerers: list[User]
    may_answer: bool
    may_withdraw: bool


@page(*SEES)
@require_safe
def limit_changes(request: PersonRequest) -> HttpResponse:
    """Show what waits, with what it was and shall be, and who may answer it."""
    people = people_who_answer()
    waiting = [_seen(change, people, request.user) for change in waiting_changes()]
    context = {
        "waiting": waiting,
        "answered": list(answered_changes()),
        "grants": [_seen_grant(grant, people, request.user) for grant in waiting_grants()],
        "answered_grants": list(answered_grants()),
        "may_propose": request.user.has_perm(PROPOSES),
        "may_give_roles": request.user.has_perm(GIVES_ROLES),
    }
    return render_page(request, "approvals/authority_changes.html", context)


@page(ANSWERS)
@require_POST
@asks_again()
def confirm(request: PersonRequest, change_id: UUID) -> HttpResponse:
    """Put a change in force."""
    _or_404(change_id)
    note = request.POST.get("note", "")
    change = confirm_change(change_id=change_id, note=note, actor=request.user, at=timezone.now())
    return _back(request, said("In force: {change}.", change=change))


@page(ANSWERS)
@require_POST
def refuse(request: PersonRequest, change_id: UUID) -> HttpResponse:
    """Turn a change down."""
    _or_404(change_id)
    change = refuse_change(
        change_id=change_id, note=request.POST.get("note", ""), actor=request.user, at=timezone.now()
    )
    return _back(request, said("Refused: {change}.", change=change))


@page(PROPOSES)
@require_POST
def withdraw(request: PersonRequest, change_id: UUID) -> HttpResponse:
    """Take one's own proposal back."""
    _or_404(change_id)
    change = withdraw_change(change_id=change_id, actor=request.user, at=timezone.now())
    return _back(request, said("Taken back: {change}.", change=change))


@page(ANSWERS)
@require_POST
@asks_again()
def confirm_role(request: PersonRequest, grant_id: UUID) -> HttpResponse:
    """Give a proposed role."""
    _grant_or_404(grant_id)
    note = request.POST.get("note", "")
    grant = confirm_grant(grant_id=grant_id, note=note, actor=request.user, at=timezone.now())
    return _back(request, said("Given: {grant}.", grant=grant))


@page(ANSWERS)
@require_POST
def refuse_role(request: PersonRequest, grant_id: UUID) -> HttpResponse:
    """Turn a proposed role down."""
    _grant_or_404(grant_id)
    note = request.POST.get("note", "")
    grant = refuse_grant(grant_id=grant_id, note=note, actor=request.user, at=timezone.now())
    return _back(request, said("Refused: {grant}.", grant=grant))


@page(GIVES_ROLES)
@require_POST
def withdraw_role(request: PersonRequest, grant_id: UUID) -> HttpResponse:
    """Take one's own proposal of a role back."""
    _grant_or_404(grant_id)
    grant = withdraw_grant(grant_id=grant_id, actor=request.user, at=timezone.now())
    return _back(request, said("Taken back: {grant}.", grant=grant))


def _seen_grant(grant: RoleGrant, people: list[User], viewer: User) -> WaitingGrant:
    answerers = [person for person in people if not why_not_answer(grant, person)]
    return WaitingGrant(
        grant,
        answerers,
        may_answer=any(person.pk == viewer.pk for person in answerers),
        may_withdraw=grant.proposed_by_id == viewer.pk,
    )


def _grant_or_404(grant_id: UUID) -> None:
    or_404(RoleGrant.objects.filter(pk=grant_id).first(), "no such proposal")


def _seen(change: LimitChange, people: list[User], viewer: User) -> Waiting:
    answerers = answerers_of(change, people)
    return Waiting(
        change,
        scope_words(scope_of(change)),
        answerers,
        may_answer=any(person.pk == viewer.pk for person in answerers),
        may_withdraw=change.proposed_by_id == viewer.pk,
    )


def _or_404(change_id: UUID) -> None:
    or_404(LimitChange.objects.filter(pk=change_id).first(), "no such change")


def _back(request: PersonRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    return HttpResponseRedirect(reverse("approvals:limit_changes"))
