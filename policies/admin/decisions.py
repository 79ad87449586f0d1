"""What policies said: read, never written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from config.kernel.admin_pages import ReadOnlyAdmin, money, person_of
from policies.models import PolicyDecision
from policies.permissions import decisions_visible_to

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


@admin.register(PolicyDecision)
class PolicyDecisionAdmin(ReadOnlyAdmin[PolicyDecision]):
    """Every verdict with the facts it rests on."""

    list_display = [
        "decided_at",
        "version",
        "category",
        "mode",
        "outcome",
        money("amount_minor"),
        "matched_rule",
        "subject_id",
    ]
    list_filter = ["outcome", "mode", "category"]
    list_select_related = ["version__policy"]
    search_fields = ["subject_id__exact"]
    ordering = ["-decided_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyDecision]:
        """Show those of the viewer's teams."""
        return decisions_visible_to(person_of(request))
