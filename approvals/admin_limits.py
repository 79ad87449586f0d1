"""Limits are changed here by proposal: what is typed waits for a second person, and the record says who that may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from config.kernel.admin_large import LargeAdmin
from config.kernel.admin_pages import PortalAdmin, ReadOnlyAdmin, admin_page, answers_refusals, money, person_of
from config.kernel.refusals import NotPermitted
from config.kernel.wording import said

from .forms import LimitForm, StepUpForm, WithdrawalForm
from .guards import is_own
from .limit_changes import answerers_of
from .models import AuthorityLimit, LimitChange, StepUpLimit
from .services.limits import propose_limit, propose_withdrawal, scope_of
from .services.step_up_limits import remove_step_up, set_step_up

if TYPE_CHECKING:
    from django.forms import ModelForm
    from django.http import HttpRequest

SCOPE = ["user", "role", "team", "category", "currency"]


@admin.register(AuthorityLimit)
class AuthorityLimitAdmin(PortalAdmin[AuthorityLimit]):
    """Who may sign for how much, where."""

    form = LimitForm
    fields = [*SCOPE, "single", "daily", "why"]
    list_display = ["holder", "team", "category", "currency", money("single_minor"), money("daily_minor")]
    list_select_related = ["user", "team"]
    list_filter = ["category", "currency", "team"]
    search_fields = ["user__username", "user__last_name", "role"]
    ordering = ["user__username", "role", "category", "currency"]

    def get_readonly_fields(self, request: HttpRequest, obj: AuthorityLimit | None = None) -> list[str]:  # noqa: ARG002 - Django's
        """Keep whom and what a limit names; another scope is another limit."""
        return [] if obj is None else SCOPE

    def has_change_permission(self, request: HttpRequest, obj: AuthorityLimit | None = None) -> bool:
        """Show one's own limits without a button."""
        return super().has_change_permission(request, obj) and not _is_own(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: AuthorityLimit | None = None) -> bool:
        """Let the withdrawal of somebody else's limit be proposed."""
        return person_of(request).has_perm("approvals.delete_authoritylimit") and not _is_own(request, obj)

    def save_model(
        self,
        request: HttpRequest,
        obj: AuthorityLimit,
        form: ModelForm[AuthorityLimit],
        change: bool,  # noqa: ARG002, FBT001 - Django's signature
    ) -> None:
        """Propose it; the limit itself is written when somebody else confirms."""
        proposed = propose_limit(
            scope=scope_of(obj),
            single_minor=obj.single_minor,
            daily_minor=obj.daily_minor,
            why=form.cleaned_data["why"],
            actor=person_of(request),
            at=timezone.now(),
        )
        _say_who_confirms(request, proposed)

    def log_addition(self, request: HttpRequest, obj: AuthorityLimit, message: Any) -> Any:
        """Leave it to the ledger: nothing was added yet."""

    def log_change(self, request: HttpRequest, obj: AuthorityLimit, message: Any) -> Any:
        """Leave it to the ledger: nothing was changed yet."""

    def response_add(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        obj: AuthorityLimit,  # noqa: ARG002 - as above
        post_url_continue: str | None = None,  # noqa: ARG002 - as above
    ) -> HttpResponse:
        """Lead to where it waits."""
        return HttpResponseRedirect(reverse("approvals:limit_changes"))

    def response_change(self, request: HttpRequest, obj: AuthorityLimit) -> HttpResponse:  # noqa: ARG002 - Django's
        """Lead to where it waits."""
        return HttpResponseRedirect(reverse("approvals:limit_changes"))

    @answers_refusals
    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: Any = None,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        """Propose to withdraw a limit, and say why."""
        limit = self.get_object(request, object_id)
        if limit is None:
            raise Http404
        if not self.has_delete_permission(request, limit):
            raise NotPermitted(
                "not_permitted", said("This limit is your own, or you lack the right to withdraw limits.")
            )
        form = WithdrawalForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            proposed = propose_withdrawal(
                limit_id=limit.pk, why=form.cleaned_data["why"], actor=person_of(request), at=timezone.now()
            )
            _say_who_confirms(request, proposed)
            return HttpResponseRedirect(reverse("approvals:limit_changes"))
        context = {"title": said("Propose to withdraw a limit"), "limit": limit, "form": form}
        return admin_page(self, request, "admin/approvals/authoritylimit/withdraw.html", context)

    @admin.display(description=gettext_lazy("for"), ordering="user__username")
    def holder(self, limit: AuthorityLimit) -> str:
        """Name the person or the role."""
        return str(limit.user) if limit.user is not None else said("everybody with the role {role}", role=limit.role)


@admin.register(LimitChange)
class LimitChangeAdmin(ReadOnlyAdmin[LimitChange]):
    """Every change of a limit: who proposed it, why, and who answered."""

    list_display = ["proposed_at", "__str__", money("single_before_minor"), "proposed_by", "state", "answered_by"]
    list_select_related = ["user", "proposed_by", "answered_by"]
    list_filter = ["state", "category", "currency"]
    search_fields = ["user__username", "role", "why"]
    ordering = ["-proposed_at", "-id"]


@admin.register(StepUpLimit)
class StepUpLimitAdmin(LargeAdmin[StepUpLimit]):
    """Above which amount somebody shows once more who she is; whoever raises it is asked less often."""

    form = StepUpForm
    fields = ["currency", "above"]
    list_display = ["currency", money("above_minor")]
    ordering = ["currency"]

    def get_readonly_fields(self, request: HttpRequest, obj: StepUpLimit | None = None) -> list[str]:  # noqa: ARG002 - Django's
        """Keep the currency; another one is another limit."""
        return [] if obj is None else ["currency"]

    def has_delete_permission(self, request: HttpRequest, obj: StepUpLimit | None = None) -> bool:  # noqa: ARG002 - Django's
        """Let every approval in a currency ask."""
        return person_of(request).has_perm("approvals.delete_stepuplimit")

    def save_model(
        self,
        request: HttpRequest,
        obj: StepUpLimit,
        form: ModelForm[StepUpLimit],  # noqa: ARG002 - Django's signature
        change: bool,  # noqa: ARG002, FBT001 - as above
    ) -> None:
        """Set it through the command, which records it."""
        kept = set_step_up(
            currency=obj.currency, above_minor=obj.above_minor, actor=person_of(request), at=timezone.now()
        )
        obj.pk = kept.pk

    def delete_model(self, request: HttpRequest, obj: StepUpLimit) -> None:
        """Remove it through the command, which records it."""
        remove_step_up(currency=obj.currency, actor=person_of(request), at=timezone.now())


def _say_who_confirms(request: HttpRequest, change: LimitChange) -> None:
    names = ", ".join(str(person) for person in answerers_of(change)) or said("nobody yet: somebody needs the right to")
    messages.success(request, said("Proposed, not yet in force. Who can confirm it: {names}.", names=names))


def _is_own(request: HttpRequest, limit: AuthorityLimit | None) -> bool:
    return limit is not None and is_own(person_of(request), limit)
