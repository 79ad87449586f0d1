"""The catalogues. A code that was used stays readable for ever, so codes are switched off and never deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from config.kernel.admin_pages import PortalAdmin
from policies.forms import ExceptionCodeForm, ReasonCodeForm
from policies.models import ExceptionCode, ReasonCode

if TYPE_CHECKING:
    from django.http import HttpRequest


@admin.register(ReasonCode)
class ReasonCodeAdmin(PortalAdmin[ReasonCode]):
    """Why customers ask."""

    form = ReasonCodeForm
    list_display = ["code", "label", "hint", "leakage_class", "is_active"]
    list_filter = ["is_active", "leakage_class"]
    search_fields = ["code", "label"]

    def get_readonly_fields(self, request: HttpRequest, obj: ReasonCode | None = None) -> list[str]:  # noqa: ARG002 - Django's
        """Keep a code's word: requests carry it."""
        return [] if obj is None else ["code"]


@admin.register(ExceptionCode)
class ExceptionCodeAdmin(PortalAdmin[ExceptionCode]):
    """Why we depart from policy."""

    form = ExceptionCodeForm
    list_display = ["code", "label", "owner", "sla_hours", "leakage_class", "is_active"]
    list_filter = ["is_active", "leakage_class", "owner"]
    search_fields = ["code", "label", "owner"]
    fieldsets = [
        (None, {"fields": ["code", "label", "hint", "leakage_class", "is_active"]}),
        ("Who answers for it", {"fields": ["owner", "playbook", "sla_hours"]}),
        ("When", {"fields": ["when_to_use", "when_not_to_use", "evidence_kinds"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: ExceptionCode | None = None) -> list[str]:  # noqa: ARG002 - Django's
        """Keep a code's word: policies and requests carry it."""
        return [] if obj is None else ["code"]
