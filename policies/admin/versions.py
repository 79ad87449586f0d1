"""A version in the admin site: a draft is edited in typed rows, every other is read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from config.kernel.admin_pages import answers_refusals, person_of
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.templatetags.redress import when
from config.kernel.web import CONFLICT, UNPROCESSABLE, uuid_in
from config.kernel.wording import inside, said
from policies import drafting
from policies.engine.describe import describe
from policies.engine.difference import difference
from policies.engine.document import parse_document
from policies.forms import DraftForm
from policies.models import PolicyVersion
from policies.vocabulary import VersionState

from .backtests import BacktestPages
from .baselines import BaselinePages
from .emergencies import EmergencyVerbs
from .pages import check_right
from .workbench import OPEN, Workbench

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

TONES = {
    VersionState.DRAFT: "warn",
    VersionState.IN_REVIEW: "warn",
    VersionState.SCHEDULED: "warn",
    VersionState.PUBLISHED: "ok",
}
"""Of the marks of states; those without one are neither in force nor waiting for it."""


@admin.register(PolicyVersion)
class PolicyVersionAdmin(BaselinePages, BacktestPages, Workbench, EmergencyVerbs):
    """Drafts, what waits for review, what is in force and what was."""

    list_display = ["policy", "number", "standing", "effect", "author", "reviewer", "since", "emergency"]
    list_display_links = ["policy", "number"]
    list_filter = ["state", "change_category", "policy"]
    list_select_related = ["policy", "author", "published_by", "reviewed_by", "second_person"]
    search_fields = ["policy__title", "policy__slug"]
    ordering = ["policy__title", "-number"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyVersion]:
        """Put the rules of the version before beside each, and the number of another open one."""
        of_policy = PolicyVersion.objects.filter(policy=OuterRef("policy")).order_by("-number")
        before = of_policy.filter(number__lt=OuterRef("number")).values("document")[:1]
        rival = of_policy.filter(state__in=OPEN).exclude(pk=OuterRef("pk")).values("number")[:1]
        return super().get_queryset(request).annotate(document_before=Subquery(before), rival=Subquery(rival))

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def standing(self, version: Any) -> str:
        """Say where it stands, and which other one is open beside it."""
        state = VersionState(version.state)
        shown = format_html('<span class="mark {}">{}</span>', TONES.get(state, ""), state.label)
        if state not in OPEN or not version.rival:
            return shown
        return format_html('{} <span class="hint">version {} is open too</span>', shown, version.rival)

    @admin.display(description=gettext_lazy("reviewer"))
    def reviewer(self, version: PolicyVersion) -> str:
        """Name who signed it, or who has to."""
        return str(version.published_by or version.reviewed_by or version.second_person or "")

    @admin.display(ordering="created_at")
    def since(self, version: PolicyVersion) -> Any:
        """Say since when it stands where it stands."""
        return when(version.retired_at or version.published_at or version.shadow_since or version.created_at, "short")

    @admin.display(description=gettext_lazy("changes"))
    def effect(self, version: Any) -> str:
        """Count the rules that differ."""
        if version.document_before is None:
            return "the first"
        count = len(difference(parse_document(version.document_before), parse_document(version.document)))
        return f"{count} {'rule' if count == 1 else 'rules'}" if count else "nothing yet"

    @admin.display(description=gettext_lazy("emergency review"))
    def emergency(self, version: PolicyVersion) -> str:
        """Say whether an emergency change was read, must be, or should have been."""
        if not version.is_emergency or version.review_due_at is None:
            return "not yet in force" if version.is_emergency else ""
        if version.reviewed_at is not None:
            return "reviewed"
        words = "overdue since" if version.is_overdue(timezone.now()) else "due by"
        tone = "bad" if version.is_overdue(timezone.now()) else "warn"
        return format_html('<span class="mark {}">{} {}</span>', tone, words, when(version.review_due_at, "short"))

    def get_urls(self) -> list[URLPattern]:
        """Give each verb its own address."""
        pages = {
            "new-draft": self.new_draft_page,
            "review": self.review_page,
            "back": self.send_back_page,
            "shadow": self.shadow_page,
            "publish": self.publish_page,
            "recall": self.recall_page,
            "emergency": self.emergency_page,
            "emergency-review": self.emergency_review_page,
            "matrix": self.matrix_page,
            "preview": self.preview_page,
            "difference": self.difference_page,
            "proof": self.proof_page,
            "rules-file": self.rules_file,
            "matrix-file": self.matrix_file,
            "log": self.log_page,
            "log-file": self.log_file,
        }
        own = [
            path(
                f"<uuid:version_id>/{word}/",
                self.admin_site.admin_view(page),
                name=f"policies_policyversion_{word.replace('-', '_')}",
            )
            for word, page in pages.items()
        ]
        return [*own, *super().get_urls()]

    @answers_refusals
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Edit a draft, read everything else."""
        del form_url, extra_context
        version = self.asked_for(request, uuid_in(object_id))
        if request.method == "POST":
            return self._save_draft(request, version)
        if self.has_change_permission(request, version):
            return self.draft_page(request, version, DraftForm(version))
        document = parse_document(version.document)
        return self.page(request, version, "read.html", {"sentences": describe(document)})

    def _save_draft(self, request: HttpRequest, version: PolicyVersion) -> HttpResponse:
        check_right(request, "policies.change_policyversion")
        if version.state in {VersionState.PUBLISHED, VersionState.RETIRED}:
            raise NotPermitted(
                "not_permitted",
                said("{version} was published and stays as it is. Begin a new draft from it.", version=version),
            )
        if version.state != VersionState.DRAFT:
            where = inside(VersionState(version.state).label)
            raise OutOfDate(
                "out_of_date", said("{version} is {where} by now and cannot be edited.", version=version, where=where)
            )
        form = DraftForm(version, request.POST)
        if request.POST.get("do") == "preview":
            form.full_clean()
            return self.draft_page(request, version, form)
        if not form.is_valid():
            return self.draft_page(request, version, form, status=UNPROCESSABLE)
        explanation = drafting.Explanation(**{name: form.cleaned_data[name] for name in form.explanation})
        save = partial(drafting.change_draft, version_id=version.pk, document=form.document, explanation=explanation)
        try:
            save(seen=form.cleaned_data["seen"], actor=person_of(request), at=timezone.now())
        except OutOfDate as no:
            form.add_error(None, f"{no.detail} What you typed is still on this page.")
            return self.draft_page(request, version, form, status=CONFLICT)
        except Refused as refusal:
            form.add_refusal(refusal)
            return self.draft_page(request, version, form, status=UNPROCESSABLE)
        return self.done(request, version, f"The draft {version} is saved. It is not in force.")
