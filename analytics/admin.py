"""Analytics in the admin site: when a code opens a remediation item by itself, and where scorecards turn red."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy

from config.kernel.admin_pages import PortalAdmin, person_of
from evidence.ledger import timeline_of

from .models import RemediationRule, ScorecardThreshold
from .remediation.rules import STANDARD, THRESHOLDS, rule_subject, set_rule
from .scorecards.thresholds import measures_in_force, objections_to, set_threshold, threshold_subject

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class RuleForm(forms.ModelForm[RemediationRule]):
    """The thresholds; shares in hundredths of a percent, as everywhere."""

    class Meta:
        model = RemediationRule
        fields = ("code_kind", *THRESHOLDS)
        help_texts = {
            name: "In hundredths of a percent: 500 is 5 %." for name in THRESHOLDS if name.endswith("basis_points")
        }


@admin.register(RemediationRule)
class RemediationRuleAdmin(PortalAdmin[RemediationRule]):
    """Never deleted: a kind without a rule goes by the standard."""

    form = RuleForm
    list_display = ["code_kind", "days", "frequent_count", "red_share_basis_points", "red_leakage_basis_points"]
    ordering = ["code_kind"]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the standard of exception codes."""
        kind, thresholds = next(iter(STANDARD.items()))
        return {"code_kind": kind, **thresholds, **super().get_changeform_initial_data(request)}

    def get_readonly_fields(self, request: HttpRequest, obj: RemediationRule | None = None) -> list[str]:  # noqa: ARG002 - Django's
        """Keep the kind; another one is another rule."""
        return [] if obj is None else ["code_kind"]

    def save_model(
        self,
        request: HttpRequest,
        obj: RemediationRule,
        form: forms.ModelForm[RemediationRule],  # noqa: ARG002 - Django's signature
        change: bool,  # noqa: ARG002, FBT001 - as above
    ) -> None:
        """Set it through the command, which records it."""
        thresholds = {name: getattr(obj, name) for name in THRESHOLDS}
        kept = set_rule(kind=obj.code_kind, thresholds=thresholds, actor=person_of(request), at=timezone.now())
        obj.pk = kept.pk

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Put what happened beside the form."""
        shown = kwargs.get("obj")
        told = {} if shown is None else {"timeline": list(timeline_of(rule_subject(shown.code_kind)))}
        return super().render_change_form(request, {**context, **told}, *args, **kwargs)


class ThresholdForm(forms.ModelForm[ScorecardThreshold]):
    """The thresholds of a measure, and why; asked for anew with every change."""

    class Meta:
        model = ScorecardThreshold
        fields = ("measure", "amber", "red", "why")

    def clean(self) -> dict[str, Any]:
        """Show what makes no sense beside its field."""
        told = super().clean() or {}
        if not self.errors:
            measure = told.get("measure", self.instance.measure)
            for reason in objections_to(measure=measure, amber=told["amber"], red=told["red"], why=told["why"]):
                self.add_error(reason.field, reason.detail)
        return told


@admin.register(ScorecardThreshold)
class ScorecardThresholdAdmin(PortalAdmin[ScorecardThreshold]):
    """Never deleted: a measure without a row goes by the standard."""

    form = ThresholdForm
    fields = ["measure", "amber", "red", "why"]
    list_display = ["measure", "in_words", "why"]
    ordering = ["measure"]

    @admin.display(description=gettext_lazy("Thresholds"))
    def in_words(self, threshold: ScorecardThreshold) -> str:
        """Say where amber and red begin."""
        return measures_in_force()[threshold.measure].targets

    def get_readonly_fields(self, request: HttpRequest, obj: ScorecardThreshold | None = None) -> list[str]:  # noqa: ARG002 - Django's
        """Keep the measure; another one has thresholds of its own."""
        return [] if obj is None else ["measure"]

    def save_model(
        self,
        request: HttpRequest,
        obj: ScorecardThreshold,
        form: forms.ModelForm[ScorecardThreshold],  # noqa: ARG002 - Django's signature
        change: bool,  # noqa: ARG002, FBT001 - as above
    ) -> None:
        """Set it through the command, which records it."""
        kept = set_threshold(
            measure=obj.measure,
            amber=obj.amber,
            red=obj.red,
            why=obj.why,
            actor=person_of(request),
            at=timezone.now(),
        )
        obj.pk = kept.pk

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Put what happened beside the form."""
        shown = kwargs.get("obj")
        told = {} if shown is None else {"timeline": list(timeline_of(threshold_subject(shown.measure)))}
        return super().render_change_form(request, {**context, **told}, *args, **kwargs)
