"""A draft from a typed template: choose one, read what it says, then draft it. Nothing is in force by that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from config.kernel.admin_pages import PortalAdmin, admin_page, answers_refusals, person_of
from config.kernel.web import UNPROCESSABLE, number_in
from config.kernel.wording import said
from policies.engine.describe import chapters
from policies.forms.template import InstallForm
from policies.models import Policy
from policies.permissions import policies_visible_to
from policies.publishing import install_template
from policies.templates import typed_template, typed_templates

from .pages import check_right
from .tables import matrix_tables

if TYPE_CHECKING:
    from django.http import HttpRequest

PAGES = "admin/policies/template"
OK = 200


class TemplatePages(PortalAdmin[Policy]):
    """The list of templates and a page for each; whoever comes from a policy finds its team chosen."""

    def get_urls(self) -> list[URLPattern]:
        """Give both their addresses."""
        guarded = self.admin_site.admin_view
        own = [
            path("templates/", guarded(self.templates_page), name="policies_policy_templates"),
            path("templates/<slug:slug>/", guarded(self.template_page), name="policies_policy_template"),
        ]
        return [*own, *super().get_urls()]

    @answers_refusals
    def templates_page(self, request: HttpRequest) -> HttpResponse:
        """List what there is to start from."""
        check_right(request, "policies.add_policyversion")
        policy = _asked_for(request)
        context = {"title": said("New draft from a template"), "templates": typed_templates(), "policy": policy}
        return admin_page(self, request, f"{PAGES}/list.html", context)

    @answers_refusals
    def template_page(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Show its rules and its matrix; sent, it becomes a draft."""
        check_right(request, "policies.add_policyversion")
        template, policy, person = typed_template(slug), _asked_for(request), person_of(request)
        if template is None:
            raise Http404
        initial = {"team": policy.team_id} if policy is not None else None
        form = InstallForm(person, request.POST if request.method == "POST" else None, initial=initial)
        if form.is_bound and form.is_valid():
            team = form.cleaned_data["team"]
            draft = install_template(slug=slug, team=team, actor=person, at=timezone.now())
            sentence = said(
                "{draft} begins with the rules of “{title}”. Nothing changes until it is published.",
                draft=draft,
                title=template.title,
            )
            self.message_user(request, sentence, messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:policies_policyversion_change", args=[draft.pk]))
        context = {
            "title": template.title,
            "template": template,
            "chapters": [chapter for chapter in chapters(template.parsed) if chapter[1]],
            "tables": matrix_tables(template.parsed),
            "policy": policy,
            "form": form,
        }
        status = UNPROCESSABLE if form.errors else OK
        return admin_page(self, request, f"{PAGES}/read.html", context, status=status)


def _asked_for(request: HttpRequest) -> Policy | None:
    """Find the policy the reader came from, when it is one of hers."""
    number = number_in(request.GET.get("policy", ""))
    if number is None:
        return None
    return policies_visible_to(person_of(request)).select_related("team").filter(pk=number).first()
