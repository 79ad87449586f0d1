"""Tokens in the admin site: shown by their first characters, replaced and revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from config.kernel.admin_pages import ReadOnlyAdmin, admin_page, answers_refusals, person_of
from config.kernel.asking_again import ask_again
from config.kernel.tokens import ApiToken
from config.kernel.wording import said

from .service_account_forms import RotateForm
from .services.service_accounts import check_right
from .services.tokens import ISSUES, REVOKES, revoke_token, rotate_token

if TYPE_CHECKING:
    from django.http import HttpRequest


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin[ApiToken]):
    """Tokens by their first characters; the secret was shown once and is not here."""

    list_display = ["token_key", "user", "name", "scopes", "created", "expiry", "last_used_at"]
    list_select_related = ["user"]
    list_filter = ["user__is_service_account"]
    search_fields = ["user__username", "token_key__exact"]
    ordering = ["-created"]
    fields = ["token_key", "user", "name", "scopes", "created", "expiry", "last_used_at", "issued_by"]
    change_form_template = "admin/kernel/apitoken/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        """Give the verbs an address."""
        site = self.admin_site.admin_view
        return [
            path("<str:digest>/revoke/", site(self.revoke_page), name="kernel_apitoken_revoke"),
            path("<str:digest>/rotate/", site(self.rotate_page), name="kernel_apitoken_rotate"),
            *super().get_urls(),
        ]

    @answers_refusals
    def revoke_page(self, request: HttpRequest, digest: str) -> HttpResponse:
        """End a token at once."""
        check_right(person_of(request), REVOKES)
        token = _found(digest)
        if request.method == "POST":
            revoke_token(digest=digest, actor=person_of(request), at=timezone.now())
            self.message_user(
                request, said("The token {key} of {user} is revoked.", key=token.token_key, user=token.user)
            )
            return HttpResponseRedirect(reverse("admin:kernel_apitoken_changelist"))
        return admin_page(
            self,
            request,
            "admin/kernel/apitoken/revoke.html",
            {"title": said("Revoke {key}", key=token.token_key), "token": token},
        )

    @answers_refusals
    def rotate_page(self, request: HttpRequest, digest: str) -> HttpResponse:
        """Put a new token in the place of one, both good for a while, and show the new secret once."""
        check_right(person_of(request), ISSUES)
        asked = ask_again(request)
        if asked is not None:
            return asked
        token = _found(digest)
        form = RotateForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            new, secret = rotate_token(
                digest=digest, overlap=form.cleaned_data["overlap"], actor=person_of(request), at=timezone.now()
            )
            return secret_page(self, request, new, secret)
        context = {"title": said("Replace {key}", key=token.token_key), "token": token, "form": form}
        return admin_page(self, request, "admin/kernel/apitoken/rotate.html", context)


def secret_page(of: admin.ModelAdmin[Any], request: HttpRequest, token: ApiToken, secret: str) -> HttpResponse:
    """Show a secret this once; no address shows it again, and nobody keeps the page."""
    context = {"title": said("The token {key}", key=token.token_key), "token": token, "secret": secret}
    answer = admin_page(of, request, "admin/kernel/apitoken/secret.html", context)
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


def _found(digest: str) -> ApiToken:
    token: ApiToken | None = ApiToken.objects.select_related("user").filter(pk=digest).first()
    if token is None:
        raise Http404
    return token
