"""A team's policy: opened here, renamed here; its rules stand in its versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy

from approvals.vocabulary import Category
from config.kernel.admin_pages import person_of
from config.kernel.people import Team, team_ids_of
from policies.drafting import open_policy, rename_policy
from policies.forms import PolicyForm
from policies.models import Policy
from policies.permissions import policies_visible_to
from policies.vocabulary import VersionState

from .modes import ModeVerbs
from .shadow import ShadowReports
from .templates import TemplatePages

if TYPE_CHECKING:
    from django.db.models import ForeignKey, QuerySet
    from django.forms import ModelForm
    from django.http import HttpRequest


@admin.register(Policy)
class PolicyAdmin(ShadowReports, ModeVerbs, TemplatePages):
    """Which team goes by which policy, and which categories gate money."""

    list_display = ["title", "team", "slug", "gates", "in_force"]
    list_select_related = ["team"]
    search_fields = ["title", "slug"]
    ordering = ["title"]

    def get_form(self, request: HttpRequest, obj: Policy | None = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's
        """Ask for a template where a policy begins."""
        return super().get_form(request, obj, change=change, **kwargs if change else {"form": PolicyForm, **kwargs})

    def get_fields(self, request: HttpRequest, obj: Policy | None = None) -> Any:  # noqa: ARG002 - Django's
        """Show the versions of a policy that exists."""
        return ["team", "title", "slug", "template"] if obj is None else ["title", "team", "slug", "editions"]

    def get_readonly_fields(self, request: HttpRequest, obj: Policy | None = None) -> list[str]:  # noqa: ARG002 - Django's
        """Keep whose it is and its word in addresses; what gates money is switched by two people, not here."""
        return [] if obj is None else ["team", "slug", "editions"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Policy]:
        """Show those of the viewer's teams."""
        return policies_visible_to(person_of(request)).prefetch_related("versions")

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the viewer's teams that have no policy yet."""
        if db_field.name == "team":
            kwargs["queryset"] = Team.objects.filter(pk__in=team_ids_of(person_of(request)), policy=None)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Policy, form: ModelForm[Policy], change: bool) -> None:  # noqa: FBT001 - Django's
        """Open or rename through the commands."""
        actor, at = person_of(request), timezone.now()
        if change:
            rename_policy(policy_id=obj.pk, title=obj.title, actor=actor, at=at)
            return
        version = open_policy(
            team=obj.team,
            title=obj.title,
            slug=obj.slug,
            template=form.cleaned_data["template"],
            actor=actor,
            at=at,
        )
        obj.pk = version.policy_id

    @admin.display(description=gettext_lazy("gates money"))
    def gates(self, policy: Policy) -> str:
        """Name the categories in which the verdict gates; all others are in shadow."""
        named = [Category(category).label for category in policy.enforced_categories]
        return ", ".join(named) or "nothing: all categories are in shadow"

    @admin.display(description=gettext_lazy("in force"))
    def in_force(self, policy: Policy) -> str:
        """Name the published version."""
        return next(
            (
                f"version {version.number}"
                for version in policy.versions.all()
                if version.state == VersionState.PUBLISHED
            ),
            "none",
        )

    @admin.display(description=gettext_lazy("versions"))
    def editions(self, policy: Policy) -> str:
        """Lead to each version."""
        rows = (
            (
                reverse("admin:policies_policyversion_change", args=[version.pk]),
                version.number,
                VersionState(version.state).label.lower(),
            )
            for version in policy.versions.all()
        )
        return format_html("<ul>{}</ul>", format_html_join("", '<li><a href="{}">Version {}</a>, {}</li>', rows))
