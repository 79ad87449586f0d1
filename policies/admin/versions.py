"""A version in the admin site: a draft is edited in typed rows, every other is read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.urls import URLPattern, path
from django.utils import timezone

from config.kernel.admin_pages import answers_refusals, person_of
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.web import CONFLICT, UNPROCESSABLE, uuid_in
from policies import drafting
from policies.engine.describe import describe
from policies.engine.document import parse_document
from policies.forms import DraftForm
from policies.models import PolicyVersion
from policies.vocabulary import VersionState

from .pages import check_right
from .verbs import VersionVerbs

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@admin.register(PolicyVersion)
class PolicyVersionAdmin(VersionVerbs):
    """Drafts, what waits for review, what is in force and what was."""

    list_display = ["policy", "number", "state", "author", "published_by", "since"]
    list_display_links = ["policy", "number"]
    list_filter = ["state", "policy"]
    list_select_related = ["policy", "author", "published_by"]
    search_fields = ["policy__title", "policy__slug"]
    ordering = ["policy__title", "-number"]

    @admin.display(ordering="created_at")
    def since(self, version: PolicyVersion) -> Any:
        """Say since when it stands where it stands."""
        return version.retired_at or version.published_at or version.created_at

    def get_urls(self) -> list[URLPattern]:
        """Give each verb its own address."""
        pages = {
            "new-draft": self.new_draft_page,
            "review": self.review_page,
            "back": self.send_back_page,
            "publish": self.publish_page,
            "matrix": self.matrix_page,
            "difference": self.difference_page,
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
            return self._draft_page(request, version, DraftForm(version))
        document = parse_document(version.document)
        return self.page(request, version, "read.html", {"sentences": describe(document)})

    def _save_draft(self, request: HttpRequest, version: PolicyVersion) -> HttpResponse:
        check_right(request, "policies.change_policyversion")
        if version.state in {VersionState.PUBLISHED, VersionState.RETIRED}:
            raise NotPermitted(
                "not_permitted", f"{version} was published and stays as it is. Begin a new draft from it."
            )
        if version.state != VersionState.DRAFT:
            raise OutOfDate("out_of_date", f"{version} waits for review by now and cannot be edited.")
        form = DraftForm(version, request.POST)
        if not form.is_valid():
            return self._draft_page(request, version, form, status=UNPROCESSABLE)
        texts = {name: form.cleaned_data[name] for name in form.texts}
        save = partial(drafting.change_draft, version_id=version.pk, document=form.document, **texts)
        try:
            save(seen=form.cleaned_data["seen"], actor=person_of(request), at=timezone.now())
        except OutOfDate as no:
            form.add_error(None, f"{no.detail} What you typed is still on this page.")
            return self._draft_page(request, version, form, status=CONFLICT)
        except Refused as refusal:
            form.add_refusal(refusal)
            return self._draft_page(request, version, form, status=UNPROCESSABLE)
        return self.done(request, version, f"The draft {version} is saved. It is not in force.")

    def _draft_page(
        self, request: HttpRequest, version: PolicyVersion, form: DraftForm, *, status: int = 200
    ) -> HttpResponse:
        return self.page(request, version, "draft.html", {"form": form}, status=status)
