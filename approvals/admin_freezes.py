"""Freezes in the admin site: read here, set and lifted on their own page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.utils.translation import gettext_lazy

from config.kernel.admin_pages import ReadOnlyAdmin, person_of

from .freezing import target_of
from .models import FreezeSwitch
from .standing_freezes import visible_to

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


@admin.register(FreezeSwitch)
class FreezeSwitchAdmin(ReadOnlyAdmin[FreezeSwitch]):
    """What was frozen, by whom, and until when."""

    list_display = ["what", "set_by", "set_at", "lifted_by", "lifted_at"]
    list_filter = ["scope", "team"]
    search_fields = ["why", "agent__username"]
    ordering = ["-set_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[FreezeSwitch]:
        """Show those the viewer may know of."""
        return visible_to(person_of(request))

    @admin.display(description=gettext_lazy("frozen"))
    def what(self, switch: FreezeSwitch) -> str:
        """Name it."""
        return target_of(switch)
