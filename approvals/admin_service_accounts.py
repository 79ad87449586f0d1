"""Service accounts in the admin site: what is agreed, their tokens, and the button that stops them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.db.models import Max
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from config.kernel.admin_large import LargeAdmin
from config.kernel.admin_pages import admin_page, answers_refusals, person_of
from config.kernel.asking_again import ask_again
from config.kernel.people import assign_to_teams
from config.kernel.service_accounts import AskingLimit, ServiceAccount
from config.kernel.tokens import ApiToken
from config.kernel.wording import said

from .admin_tokens import secret_page
from .service_account_forms import AskingLimitForm, IssueForm, ServiceAccountForm, WhyForm
from .services import service_accounts
from .services.service_accounts import QUARANTINES, agreed, check_right, open_account, record_change
from .services.tokens import ISSUES, issue_token

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet
    from django.forms import ModelForm
    from django.http import HttpRequest


class AskingLimitInline(admin.TabularInline[AskingLimit, ServiceAccount]):
    """How much it may ask for."""

    model = AskingLimit
    form = AskingLimitForm
    fields = ["currency", "single", "daily"]
    extra = 1
    verbose_name_plural = "How much it may ask for; with any limit, in no other currency"


@admin.register(ServiceAccount)
class ServiceAccountAdmin(LargeAdmin[ServiceAccount]):
    """Who answers for each machine, how fast and for how much it may ask."""

    form = ServiceAccountForm
    inlines = [AskingLimitInline]
    list_display = ["user", "purpose", "owner", "calls_per_minute", "asks_per_hour", "last_used", "stands"]
    list_select_related = ["user", "owner", "quarantined_by"]
    search_fields = ["user__username", "purpose"]
    ordering = ["user__username"]
    change_form_template = "admin/kernel/serviceaccount/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ServiceAccount]:
        """Load when each was last heard of."""
        found = super().get_queryset(request)
        return found.annotate(last_used_at=Max("user__auth_token_set__last_used_at"))

    def get_fields(self, request: HttpRequest, obj: ServiceAccount | None = None) -> Any:  # noqa: ARG002 - Django's
        """Ask for the name once."""
        first = ["username"] if obj is None else []
        return [*first, "purpose", "owner", "teams", "calls_per_minute", "asks_per_hour"]

    def get_urls(self) -> list[URLPattern]:
        """Give the verbs an address."""
        site = self.admin_site.admin_view
        return [
            path("<uuid:account_id>/issue/", site(self.issue_page), name="kernel_serviceaccount_issue"),
            path("<uuid:account_id>/quarantine/", site(self.quarantine_page), name="kernel_serviceaccount_quarantine"),
            path("<uuid:account_id>/release/", site(self.release_page), name="kernel_serviceaccount_release"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *words: Any, **named: Any) -> Any:
        """Show its tokens below what is agreed."""
        account = cast("ServiceAccount | None", context.get("original"))
        if account is not None:
            context["tokens"] = ApiToken.objects.filter(user=account.user_id).order_by("-created")
            context["now"] = timezone.now()
        return super().render_change_form(request, context, *words, **named)

    def save_model(
        self,
        request: HttpRequest,
        obj: ServiceAccount,
        form: ModelForm[ServiceAccount],
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        """Open a new one by its command; keep what was agreed before."""
        told = form.cleaned_data
        if not change:
            opened = open_account(
                username=told["username"],
                purpose=told["purpose"],
                owner=told["owner"],
                teams=told["teams"],
                actor=person_of(request),
                at=timezone.now(),
            )
            obj.pk, obj.user = opened.pk, opened.user
            obj._state.adding = False  # noqa: SLF001 - the command has written the row
        form.before = agreed(_stored(obj.pk))  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: ModelForm[ServiceAccount], formsets: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Write limits and teams, and record what changed."""
        super().save_related(request, form, formsets, change)
        account = _stored(form.instance.pk)
        assign_to_teams(user=account.user, teams=form.cleaned_data["teams"])
        record_change(
            account=account,
            before=form.before,  # type: ignore[attr-defined]
            after=agreed(account),
            actor=person_of(request),
            at=timezone.now(),
        )

    @answers_refusals
    def issue_page(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """Issue a token, and show its secret once."""
        check_right(person_of(request), ISSUES)
        asked = ask_again(request)
        if asked is not None:
            return asked
        account = _found(account_id)
        form = IssueForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            token, secret = issue_token(
                user=account.user, actor=person_of(request), at=timezone.now(), **form.cleaned_data
            )
            return secret_page(self, request, token, secret)
        context = {"title": said("Issue a token to {account}", account=account), "account": account, "form": form}
        return admin_page(self, request, "admin/kernel/serviceaccount/issue.html", context)

    @answers_refusals
    def quarantine_page(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """Refuse its calls from this moment."""
        return self._stop_or_go(request, account_id, is_stop=True)

    @answers_refusals
    def release_page(self, request: HttpRequest, account_id: UUID) -> HttpResponse:
        """Let it call again."""
        return self._stop_or_go(request, account_id, is_stop=False)

    def _stop_or_go(self, request: HttpRequest, account_id: UUID, *, is_stop: bool) -> HttpResponse:
        check_right(person_of(request), QUARANTINES)
        asked = None if is_stop else ask_again(request)
        if asked is not None:
            return asked
        account = _found(account_id)
        form = WhyForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            verb = service_accounts.quarantine if is_stop else service_accounts.release
            verb(account_id=account_id, why=form.cleaned_data["why"], actor=person_of(request), at=timezone.now())
            self.message_user(
                request,
                said("{account} is in quarantine.", account=account)
                if is_stop
                else said("{account} is released.", account=account),
            )
            return HttpResponseRedirect(reverse("admin:kernel_serviceaccount_change", args=[account_id]))
        title = said("Quarantine {account}", account=account) if is_stop else said("Release {account}", account=account)
        context = {"title": title, "account": account, "form": form, "is_stop": is_stop}
        return admin_page(self, request, "admin/kernel/serviceaccount/stop.html", context)

    @admin.display(description=gettext_lazy("last used"), ordering="last_used_at")
    def last_used(self, account: ServiceAccount) -> datetime | None:
        """Say when any of its tokens was used."""
        return cast("Any", account).last_used_at  # type: ignore[no-any-return]  # annotated above

    @admin.display(description=gettext_lazy("stands"))
    def stands(self, account: ServiceAccount) -> str:
        """Say whether it may call."""
        return said("Quarantined by {who}", who=account.quarantined_by) if account.quarantined_at else said("May call")


def _stored(account_id: UUID) -> ServiceAccount:
    return ServiceAccount.objects.select_related("user").prefetch_related("limits").get(pk=account_id)


def _found(account_id: UUID) -> ServiceAccount:
    account = ServiceAccount.objects.select_related("user").filter(pk=account_id).first()
    if account is None:
        raise Http404
    return account
