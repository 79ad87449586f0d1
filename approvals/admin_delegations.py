"""What is lent and who is away in the admin site: read here, entered on their own page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from config.kernel.admin_pages import ReadOnlyAdmin, person_of

from .delegation_lists import recorded_absences, visible_delegations
from .models import Absence, Delegation

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


@admin.register(Delegation)
class DelegationAdmin(ReadOnlyAdmin[Delegation]):
    """Who lent whom which authority, and how it ended."""

    list_display = ["lent_by", "lent_to", "state", "from_at", "until_at", "ended_at"]
    list_select_related = ["lent_by", "lent_to"]
    list_filter = ["state"]
    search_fields = ["lent_by__username", "lent_to__username"]
    ordering = ["-from_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delegation]:
        """Show those the viewer may know of."""
        return visible_delegations(person_of(request))


@admin.register(Absence)
class AbsenceAdmin(ReadOnlyAdmin[Absence]):
    """Who was, is and will be away."""

    list_display = ["user", "from_at", "until_at", "note", "entered_by"]
    list_select_related = ["user", "entered_by"]
    search_fields = ["user__username"]
    ordering = ["-from_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Absence]:
        """Show those the viewer may know of."""
        return recorded_absences(person_of(request))
