"""Limits are set here, through their command; routes, signatures and decisions are only read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.utils import timezone

from config.kernel.admin_pages import PortalAdmin, ReadOnlyAdmin, money, person_of

from .forms import LimitForm
from .models import ApprovalDecision, ApprovalRoute, ApprovalStep, AuthorityLimit
from .permissions import visible_to
from .services.limits import Scope, set_limit, withdraw_limit

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.forms import ModelForm
    from django.http import HttpRequest

SCOPE = ["user", "role", "team", "category", "currency"]


@admin.register(AuthorityLimit)
class AuthorityLimitAdmin(PortalAdmin[AuthorityLimit]):
    """Who may sign for how much, where."""

    form = LimitForm
    fields = [*SCOPE, "single", "daily"]
    list_display = ["holder", "team", "category", "currency", money("single_minor"), money("daily_minor")]
    list_select_related = ["user", "team"]
    list_filter = ["category", "currency", "team"]
    search_fields = ["user__username", "user__last_name", "role"]
    ordering = ["user__username", "role", "category", "currency"]

    def get_readonly_fields(self, request: HttpRequest, obj: AuthorityLimit | None = None) -> list[str]:  # noqa: ARG002 - Django's
        """Keep whom and what a limit names; another scope is another limit."""
        return [] if obj is None else SCOPE

    def has_change_permission(self, request: HttpRequest, obj: AuthorityLimit | None = None) -> bool:
        """Show one's own limits without a button."""
        return super().has_change_permission(request, obj) and not _is_own(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: AuthorityLimit | None = None) -> bool:
        """Let somebody else's limit be withdrawn."""
        return person_of(request).has_perm("approvals.delete_authoritylimit") and not _is_own(request, obj)

    def save_model(
        self,
        request: HttpRequest,
        obj: AuthorityLimit,
        form: ModelForm[AuthorityLimit],  # noqa: ARG002 - Django's signature
        change: bool,  # noqa: ARG002, FBT001 - as above
    ) -> None:
        """Set it through the command, which records it."""
        scope = Scope(user=obj.user, role=obj.role, team=obj.team, category=obj.category, currency=obj.currency)
        limit = set_limit(
            scope=scope,
            single_minor=obj.single_minor,
            daily_minor=obj.daily_minor,
            actor=person_of(request),
            at=timezone.now(),
        )
        obj.pk = limit.pk

    def delete_model(self, request: HttpRequest, obj: AuthorityLimit) -> None:
        """Withdraw it through the command, which records it."""
        withdraw_limit(limit_id=obj.pk, actor=person_of(request), at=timezone.now())

    @admin.display(description="for", ordering="user__username")
    def holder(self, limit: AuthorityLimit) -> str:
        """Name the person or the role."""
        return str(limit.user) if limit.user is not None else f"everybody with the role {limit.role}"


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


def _is_own(request: HttpRequest, limit: AuthorityLimit | None) -> bool:
    """Tell whether a limit names the viewer or a role of hers."""
    person = person_of(request)
    return limit is not None and (limit.user_id == person.pk or limit.role in person.role_names)
