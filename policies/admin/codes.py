"""The catalogues. A code that was used stays readable for ever: it is retired or merged, and never deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy

from config.kernel.admin_pages import person_of
from policies.cataloguing import save_code
from policies.engine.amounts import share_words
from policies.forms.codes import CodeForm, ExceptionCodeForm, ReasonCodeForm
from policies.models import ExceptionCode, ReasonCode
from policies.vocabulary import CodeState

from .code_verbs import CodeVerbs

if TYPE_CHECKING:
    from django.forms import ModelForm
    from django.http import HttpRequest, HttpResponse

    from policies.models import AnyCode


class CodeAdmin(CodeVerbs):
    """What every catalogue shows and asks for."""

    change_form_template = "admin/policies/code/change_form.html"
    list_display = ["code", "label", "state", "owner", "promise", "successor"]
    list_filter = ["state", "leakage_class", "owner"]
    list_select_related = ["merged_into"]
    search_fields = ["code", "label", "owner", "playbook"]
    fieldsets = [
        (None, {"fields": ["code", "label", "hint"]}),
        ("Who answers for it", {"fields": ["owner", "playbook", "sla_hours"]}),
        ("When", {"fields": ["when_to_use", "when_not_to_use", "evidence_kinds"]}),
        ("How it is counted", {"fields": ["leakage_class", "most_share_percent"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: AnyCode | None = None) -> Any:
        """Show a page that is only read by its columns."""
        sections = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return sections
        column = {"most_share_percent": "cap"}
        return [
            (title, {"fields": [column.get(str(name), name) for name in options["fields"]]})
            for title, options in sections
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: AnyCode | None = None) -> list[str]:  # noqa: ARG002 - Django's
        """Keep a code's word: policies and requests carry it."""
        return [] if obj is None else ["code"]

    def has_change_permission(self, request: HttpRequest, obj: AnyCode | None = None) -> bool:
        """Leave a merged code as it is."""
        is_open = obj is None or obj.state != CodeState.MERGED
        return is_open and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: AnyCode, form: ModelForm[Any], change: bool) -> None:  # noqa: ARG002, FBT001 - Django's
        """Save through the command; a new code is a draft."""
        if isinstance(form, CodeForm):
            save_code(kind=self.model.kind, code=obj.pk, words=form.words, actor=person_of(request), at=timezone.now())

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Put the verbs and what happened beside the form."""
        shown = kwargs.get("obj")
        return super().render_change_form(
            request, {**context, **(self.standing(request, shown) if shown is not None else {})}, *args, **kwargs
        )

    @admin.display(description=gettext_lazy("promise"), ordering="sla_hours")
    def promise(self, code: AnyCode) -> str:
        """Say the promise with its unit."""
        return f"{code.sla_hours} h"

    @admin.display(description=gettext_lazy("at most this share of all uses"))
    def cap(self, code: AnyCode) -> str:
        """Say the cap as a percentage."""
        return "no cap" if code.most_share_basis_points is None else share_words(code.most_share_basis_points)

    @admin.display(description=gettext_lazy("use instead"))
    def successor(self, code: AnyCode) -> str:
        """Name what a merged code gave way to."""
        return code.merged_into_id or ""


@admin.register(ReasonCode)
class ReasonCodeAdmin(CodeAdmin):
    """Why customers ask."""

    form = ReasonCodeForm


@admin.register(ExceptionCode)
class ExceptionCodeAdmin(CodeAdmin):
    """Why we depart from policy."""

    form = ExceptionCodeForm
