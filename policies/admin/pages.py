"""What every page about a version shares: its frame, its tools, and those that only show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from config.kernel.admin_pages import PortalAdmin, admin_page, answers_refusals, person_of
from config.kernel.people import User
from config.kernel.refusals import NotPermitted
from config.kernel.subjects import Subject
from config.kernel.wording import said
from evidence import ledger
from policies.editions import KIND
from policies.engine.document import parse_document
from policies.models import PolicyVersion, VersionLog
from policies.permissions import versions_visible_to
from policies.version_logs import canonical
from policies.vocabulary import VersionState

from .lifecycle import steps_of
from .tables import matrix_tables
from .tools import tools_for

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest

PAGES = "admin/policies/policyversion"


class VersionPages(PortalAdmin[PolicyVersion]):
    """The frame."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """Offer none: a draft begins from a version."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        """Open drafts alone."""
        is_open = obj is None or obj.state == VersionState.DRAFT
        return is_open and super().has_change_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyVersion]:
        """Show those of the viewer's teams."""
        return versions_visible_to(person_of(request)).select_related(
            "policy__team", "author", "published_by", "second_person", "reviewed_by"
        )

    @answers_refusals
    def matrix_page(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Show what the thresholds say at common amounts."""
        version = self.asked_for(request, version_id)
        tables = matrix_tables(parse_document(version.document))
        return self.page(request, version, "matrix.html", {"title": f"What {version} says", "tables": tables})

    @answers_refusals
    def log_page(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Show what its publication left behind."""
        version = self.asked_for(request, version_id)
        context = {"title": f"Version log of {version}", "log": _log_of(version)}
        return self.page(request, version, "log.html", context)

    @answers_refusals
    def log_file(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """Hand the log out as the bytes that were fingerprinted."""
        version = self.asked_for(request, version_id)
        name = f"{version.policy.slug}-v{version.number}-log.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store, private"}
        return HttpResponse(canonical(_log_of(version).body), content_type="application/json", headers=headers)

    def page(
        self, request: HttpRequest, version: PolicyVersion, template: str, context: dict[str, Any], *, status: int = 200
    ) -> HttpResponse:
        """Render a page about a version with its tools and what happened to it."""
        timeline = list(ledger.timeline_of(Subject(KIND, version.pk)))
        shown = {
            "title": f"{version.policy}, version {version.number}",
            "version": version,
            "writers": [str(one) for one in User.objects.filter(pk__in=version.writer_ids).order_by("pk")],
            "tools": tools_for(person_of(request), version),
            "steps": steps_of(version, timeline),
            "timeline": timeline,
            **context,
        }
        return admin_page(self, request, f"{PAGES}/{template}", shown, status=status)

    def asked_for(self, request: HttpRequest, version_id: UUID | None) -> PolicyVersion:
        """Load a version this person may see; strangers get 404."""
        check_right(request, "policies.view_policyversion")
        found = self.get_queryset(request).filter(pk=version_id).first() if version_id else None
        if found is None:
            raise Http404
        return found

    def done(self, request: HttpRequest, version: PolicyVersion, sentence: str) -> HttpResponse:
        """Say what was done and go to the version."""
        self.message_user(request, sentence, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:policies_policyversion_change", args=[version.pk]))


def check_right(request: HttpRequest, permission: str) -> None:
    """Ask for a right.

    :raises NotPermitted: naming it
    """
    if not person_of(request).has_perm(permission):
        raise NotPermitted("not_permitted", said("This needs the right “{right}”.", right=permission))


def _log_of(version: PolicyVersion) -> VersionLog:
    log = VersionLog.objects.filter(version=version).first()
    if log is None:
        raise Http404
    return log
