"""The catalogue of the evidence map: what is demanded where, and sets to start from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from config.kernel.admin_large import LargeAdmin
from config.kernel.admin_pages import admin_page, answers_refusals, person_of
from config.kernel.refusals import NotPermitted
from config.kernel.wording import joined, said
from evidence import ledger
from evidence.models import EvidenceRequirement
from evidence.requirements import subject_of

from .evidence_map.cataloguing import add_requirements, set_requirement
from .evidence_map.forms import RequirementForm
from .evidence_map.patterns import PATTERNS, pattern_named
from .evidence_map.words import catalogue, flags_of, when_words

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.forms import ModelForm
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

ADD = "evidence.add_evidencerequirement"


@admin.register(EvidenceRequirement)
class EvidenceRequirementAdmin(LargeAdmin[EvidenceRequirement]):
    """Never deleted: a demand that is not wanted any more is switched off."""

    form = RequirementForm
    list_display = ["artifact", "point", "holds_for", "why", "owner", "is_active", "flags"]
    list_filter = ["is_active", "point", "artifact", "team"]
    search_fields = ["reason", "exception_code", "why", "owner"]
    fieldsets = [
        (None, {"fields": ["point", "artifact", "is_active"]}),
        (
            gettext_lazy("Holds for"),
            {"fields": ["team", "category", "reason", "exception_code", "method", "above", "currency"]},
        ),
        (gettext_lazy("Who asks for it, and why"), {"fields": ["why", "owner", "because"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: EvidenceRequirement | None = None) -> Any:
        """Ask why it is changed only of what is there; show a page that is only read by its columns."""
        is_read = obj is not None and not self.has_change_permission(request, obj)
        column = {"above": "above_minor"} if is_read else {}
        left_out = {"because"} if obj is None or is_read else set()
        return [
            (title, {"fields": [column.get(str(name), name) for name in options["fields"] if name not in left_out]})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[EvidenceRequirement]:  # noqa: ARG002 - Django's
        """Know what became of the codes."""
        return catalogue()

    def get_urls(self) -> list[URLPattern]:
        """Give the patterns their addresses."""
        guarded = self.admin_site.admin_view
        own = [
            path("patterns/", guarded(self.patterns_page), name="evidence_evidencerequirement_patterns"),
            path(
                "patterns/<slug:slug>/",
                guarded(require_POST(self.add_pattern)),
                name="evidence_evidencerequirement_pattern",
            ),
        ]
        return [*own, *super().get_urls()]

    def save_model(
        self,
        request: HttpRequest,
        obj: EvidenceRequirement,
        form: ModelForm[EvidenceRequirement],
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Save through the command, which asks the codes and records it."""
        if isinstance(form, RequirementForm):
            saved = set_requirement(
                demand=form.demand,
                actor=person_of(request),
                at=timezone.now(),
                requirement_id=obj.pk if change else None,
                because=form.cleaned_data.get("because", ""),
            )
            obj.pk = saved.pk

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Put what happened beside the form."""
        shown = kwargs.get("obj")
        told = {} if shown is None else {"timeline": list(ledger.timeline_of(subject_of(shown.pk)))}
        return super().render_change_form(request, {**context, **told}, *args, **kwargs)

    @answers_refusals
    def patterns_page(self, request: HttpRequest) -> HttpResponse:
        """List the sets to start from."""
        _check_may_add(request)
        patterns = [(pattern, list(pattern.demands())) for pattern in PATTERNS]
        context = {"title": said("Patterns to start from"), "patterns": patterns}
        return admin_page(self, request, "admin/evidence/evidencerequirement/patterns.html", context)

    @answers_refusals
    def add_pattern(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Add what a pattern demands and the catalogue does not know yet."""
        _check_may_add(request)
        pattern = pattern_named(slug)
        if pattern is None:
            raise Http404
        count = add_requirements(demands=pattern.demands(), actor=person_of(request), at=timezone.now())
        words = (
            said("“{pattern}”: {count} added.", pattern=pattern.title, count=count)
            if count
            else said("“{pattern}” is in the catalogue already.", pattern=pattern.title)
        )
        self.message_user(request, words, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:evidence_evidencerequirement_changelist"))

    @admin.display(description=gettext_lazy("holds for"))
    def holds_for(self, requirement: EvidenceRequirement) -> str:
        """Say the conditions."""
        return when_words(requirement)

    @admin.display(description=gettext_lazy("look at"))
    def flags(self, requirement: EvidenceRequirement) -> str:
        """Flag codes that are not in use any more."""
        return joined(flags_of(requirement), "; ")


def _check_may_add(request: HttpRequest) -> None:
    if not person_of(request).has_perm(ADD):
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=ADD))
