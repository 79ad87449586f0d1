"""Routes, signatures and decisions are only read. Limits have a file of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from config.kernel.admin_pages import ReadOnlyAdmin, money, person_of

from .admin_calendars import TeamCalendarAdmin
from .admin_delegations import AbsenceAdmin, DelegationAdmin
from .admin_freezes import FreezeSwitchAdmin
from .admin_limits import AuthorityLimitAdmin, LimitChangeAdmin, StepUpLimitAdmin
from .admin_service_accounts import ServiceAccountAdmin
from .admin_tokens import ApiTokenAdmin
from .models import ApprovalDecision, ApprovalRoute, ApprovalStep
from .permissions import visible_to

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

__all__ = [
    "AbsenceAdmin",
    "ApiTokenAdmin",
    "AuthorityLimitAdmin",
    "DelegationAdmin",
    "FreezeSwitchAdmin",
    "LimitChangeAdmin",
    "ServiceAccountAdmin",
    "StepUpLimitAdmin",
    "TeamCalendarAdmin",
]


@admin.register(ApprovalRoute)
class ApprovalRouteAdmin(ReadOnlyAdmin[ApprovalRoute]):
    """The plan of signatures for each request."""

    list_display = ["reference", "team", "category", money("amount_minor"), "current_role", "state", "due_at"]
    list_select_related = ["team"]
    list_filter = ["state", "category", "team"]
    search_fields = ["reference__exact"]
    ordering = ["-opened_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApprovalRoute]:
        """Show those of the viewer's teams."""
        return visible_to(person_of(request))


@admin.register(ApprovalStep)
class ApprovalStepAdmin(ReadOnlyAdmin[ApprovalStep]):
    """Each signature of a route."""

    list_display = ["route", "level", "role", "quorum", "state", "due_at"]
    list_select_related = ["route"]
    list_filter = ["state", "role"]
    search_fields = ["route__reference__exact"]
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApprovalStep]:
        """Show those of the viewer's teams."""
        return ApprovalStep.objects.filter(route__in=visible_to(person_of(request)))


@admin.register(ApprovalDecision)
class ApprovalDecisionAdmin(ReadOnlyAdmin[ApprovalDecision]):
    """Who signed what, when and why."""

    list_display = ["decided_at", "route", "decided_by", "verdict", money("amount_minor"), "role_at_time"]
    list_select_related = ["route", "decided_by"]
    list_filter = ["verdict"]
    search_fields = ["route__reference__exact"]
    ordering = ["-decided_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApprovalDecision]:
        """Show those of the viewer's teams."""
        return ApprovalDecision.objects.filter(route__in=visible_to(person_of(request)))
