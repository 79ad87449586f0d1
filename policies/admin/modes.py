"""What gates money and what only watches, category by category; switching takes two people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from approvals.vocabulary import Category
from config.kernel.admin_pages import PortalAdmin, admin_page, answers_refusals, person_of
from config.kernel.asking_again import ask_again
from config.kernel.refusals import Refused
from config.kernel.web import UNPROCESSABLE, number_in
from policies import switching
from policies.forms import ConfirmModeForm, ProposeModeForm, RefuseModeForm
from policies.models import ModeChange, Policy
from policies.permissions import policies_visible_to
from policies.vocabulary import Mode, ProposalState

from .pages import check_right

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from django.http import HttpRequest

    from config.kernel.people import User
    from policies.forms.publication import RefusableForm

PAGES = "admin/policies/policy"


class CategoryMode(NamedTuple):
    """A row of the table."""

    category: str
    label: str
    mode: Mode
    other: Mode
    switched: ModeChange | None
    proposal: ModeChange | None


def modes_of(policy: Policy) -> list[CategoryMode]:
    """Tell of every category what it does now, since when, and what is proposed."""
    switched: dict[str, ModeChange] = {}
    proposed: dict[str, ModeChange] = {}
    for change in policy.mode_changes.select_related("proposed_by", "answered_by").order_by("answered_at", "pk"):
        if change.state == ProposalState.PROPOSED:
            proposed[change.category] = change
        elif change.state == ProposalState.CONFIRMED:
            switched[change.category] = change
    return [
        CategoryMode(
            category.value,
            category.label,
            mode := policy.mode_for(category),
            Mode.SHADOW if mode == Mode.ENFORCE else Mode.ENFORCE,
            switched.get(category),
            proposed.get(category),
        )
        for category in Category
    ]


class ModeVerbs(PortalAdmin[Policy]):
    """Propose, confirm, refuse: each has a page that explains it, and moves only when that page is sent."""

    def get_urls(self) -> list[URLPattern]:
        """Give each verb its own address."""
        guarded = self.admin_site.admin_view
        own = [
            path(
                "<int:policy_id>/modes/<slug:category>/propose/",
                guarded(self.propose_page),
                name="policies_policy_propose_mode",
            ),
            path("modes/<uuid:change_id>/confirm/", guarded(self.confirm_page), name="policies_policy_confirm_mode"),
            path("modes/<uuid:change_id>/refuse/", guarded(self.refuse_page), name="policies_policy_refuse_mode"),
        ]
        return [*own, *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Show the modes under the policy."""
        person, number = person_of(request), number_in(object_id or "")
        policy = policies_visible_to(person).filter(pk=number).first() if number is not None else None
        more: dict[str, Any] = {}
        if policy is not None and person.has_perm("policies.view_policy"):
            rows = modes_of(policy)
            more = {"policy": policy, "rows": rows, **_offered(person, rows)}
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), **more})

    @answers_refusals
    def propose_page(self, request: HttpRequest, policy_id: int, category: str) -> HttpResponse:
        """Propose the other mode for a category."""
        check_right(request, "policies.view_policy")
        policy = policies_visible_to(person_of(request)).filter(pk=policy_id).first()
        if policy is None or category not in Category.values:
            raise Http404
        switching.check_may_propose(person_of(request))
        name = Category(category).label
        mode = Mode.SHADOW if policy.mode_for(category) == Mode.ENFORCE else Mode.ENFORCE
        form = ProposeModeForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                switching.propose_mode(
                    policy_id=policy.pk,
                    category=category,
                    mode=request.POST.get("mode", ""),
                    why=form.cleaned_data["why"],
                    actor=person_of(request),
                    at=timezone.now(),
                )
            except Refused as refusal:
                form.add_refusal(refusal)
            else:
                sentence = f"Proposed. {name} stays as it is until somebody else confirms it."
                return self._to_policy(request, policy, sentence)
        context = {"verb": f"Propose {mode.label.lower()} for {name}", "mode": mode, "sentence": _means(mode)}
        return self._mode_page(request, policy, form, context)

    @answers_refusals
    def confirm_page(self, request: HttpRequest, change_id: UUID) -> HttpResponse:
        """Switch what somebody else proposed."""
        change = self._change(request, change_id)
        asked = ask_again(request)
        if asked is not None:
            return asked
        form = ConfirmModeForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                switching.confirm_mode(
                    change_id=change.pk,
                    actor=person_of(request),
                    at=timezone.now(),
                    answer=form.cleaned_data["answer"],
                )
            except Refused as refusal:
                form.add_refusal(refusal)
            else:
                switched = f"{change.get_category_display()} is in {change.get_mode_display().lower()} from now on."
                return self._to_policy(request, change.policy, switched)
        verb = f"Switch {change.get_category_display()} to {change.get_mode_display().lower()}"
        context = {"verb": verb, "change": change, "sentence": _means(Mode(change.mode))}
        return self._mode_page(request, change.policy, form, context)

    @answers_refusals
    def refuse_page(self, request: HttpRequest, change_id: UUID) -> HttpResponse:
        """Leave a category as it is."""
        change = self._change(request, change_id)
        form = RefuseModeForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                switching.refuse_mode(
                    change_id=change.pk,
                    actor=person_of(request),
                    at=timezone.now(),
                    answer=form.cleaned_data["answer"],
                )
            except Refused as refusal:
                form.add_refusal(refusal)
            else:
                return self._to_policy(request, change.policy, f"Refused. {change.get_category_display()} stays.")
        verb = f"Refuse the switch of {change.get_category_display()}"
        context = {"verb": verb, "change": change, "sentence": "Everything stays as it is."}
        return self._mode_page(request, change.policy, form, context)

    def _change(self, request: HttpRequest, change_id: UUID) -> ModeChange:
        check_right(request, "policies.view_modechange")
        seen = ModeChange.objects.select_related("policy", "proposed_by", "answered_by")
        change = seen.filter(pk=change_id, policy__in=policies_visible_to(person_of(request))).first()
        if change is None:
            raise Http404
        switching.check_may_answer(person_of(request), change)
        return change

    def _mode_page(
        self, request: HttpRequest, policy: Policy, form: RefusableForm, context: dict[str, Any]
    ) -> HttpResponse:
        shown = {"title": f"{context['verb']}: {policy}", "policy": policy, "form": form, **context}
        status = UNPROCESSABLE if form.errors else 200
        return admin_page(self, request, f"{PAGES}/mode.html", shown, status=status)

    def _to_policy(self, request: HttpRequest, policy: Policy, sentence: str) -> HttpResponse:
        self.message_user(request, sentence, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:policies_policy_change", args=[policy.pk]))


def _offered(person: User, rows: Sequence[CategoryMode]) -> dict[str, Any]:
    may_answer = person.has_perm(switching.ANSWER)
    return {
        "may_propose": any(person.has_perm(right) for right in switching.PROPOSE),
        "answers": {
            row.proposal.pk
            for row in rows
            if row.proposal is not None and may_answer and row.proposal.proposed_by_id != person.pk
        },
    }


def _means(mode: Mode) -> str:
    if mode == Mode.ENFORCE:
        return (
            "The verdict gates: what the policy allows is paid without a person, what it blocks is blocked. "
            "Requests in flight keep the verdict they have."
        )
    return (
        "The verdict is written down and shown, and a person decides every case. "
        "Requests in flight keep the verdict they have."
    )
