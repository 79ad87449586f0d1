"""Who decides about money, rules or people shows two things: until she can, no other page opens to her."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.module_loading import import_string

from config.kernel.refusals import NotPermitted
from config.kernel.sign_in import has_second_factor
from config.kernel.web import render_page
from config.kernel.wording import said

from .company import STRONG

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

OPEN: Final = ("/account/", "/language/", "/step-up/", "/logout/", "/login/", "/static/", "/healthz", "/readyz")
CODE: Final = "second_factor_required"
SENTENCE: Final = said(
    "Your role decides, so you sign in with two things: set up an authenticator app or a passkey first."
)


class SecondFactorWanted:
    """Leads people of deciding roles to setting up their second factor; machines and calls hear it as a refusal."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Stand before the views."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let through who has one, and who needs none."""
        if request.path.startswith(OPEN) or not _is_wanting(request):
            return self.get_response(request)
        if request.path.startswith(("/api/", "/mcp")):
            told = {"type": "about:blank", "title": "Forbidden", "status": 403, "code": CODE, "detail": SENTENCE}
            return JsonResponse(told, status=HTTPStatus.FORBIDDEN, content_type="application/problem+json")
        if request.method in {"GET", "HEAD"} and not request.headers.get("HX-Request"):
            messages.warning(request, SENTENCE)
            return HttpResponseRedirect(reverse("mfa_index"))
        no = NotPermitted(CODE, SENTENCE)
        return render_page(
            request,
            "refused.html",
            {"refusal": no, "title": said("You may not do this yet")},
            fragment="refusal",
            status=HTTPStatus.FORBIDDEN,
        )


def _is_wanting(request: HttpRequest) -> bool:
    # A call with a token has no session; whoever made the token decided how much it may.
    if not settings.SECOND_FACTOR_WANTED or not request.user.is_authenticated:
        return False
    user = request.user
    if user.is_service_account or has_second_factor(user) or _came_from_company(request):
        return False
    return user.is_superuser or bool(user.role_names & import_string(settings.SECOND_FACTOR_ROLES))


def _came_from_company(request: HttpRequest) -> bool:
    """Tell whether a sign-in that asks for two things itself let her in."""
    if not settings.OIDC_IS_SECOND_FACTOR or request.session.get(STRONG) is not True:
        return False
    return any(one["method"] == "socialaccount" for one in get_authentication_records(request, request.user))
