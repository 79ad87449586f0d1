"""Signing in through the company's own provider (OpenID Connect): it says who somebody is, never who may come in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.db import transaction
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from approvals.services.roles import record_means
from config.kernel.people import User
from config.kernel.sign_in_log import Happening
from config.kernel.wording import said

from .company_door import Provider
from .noting import COMPANY, note

if TYPE_CHECKING:
    from allauth.socialaccount.models import SocialLogin
    from django.http import HttpRequest

SECONDS: Final = 10
STRONG: Final = "company_asked_for_two_things"
NO_ANSWER: Final = said("Your company's sign-in answered something else than was asked. Try once more.")
UNKNOWN: Final = said("Nobody here has a mail address that your company's sign-in vouches for. Ask an administrator.")
AMBIGUOUS: Final = said("Several people here have this mail address. Ask an administrator to set that right.")


class CompanyAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # ships without types
    """Finds the person whom the provider names; makes nobody."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002 - the library's
        """Let nobody make an account: an administrator does."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Take who was here before by her number at the provider, and a new one by her verified mail address."""
        if sociallogin.state.get("process") != "login":
            _refuse(request, UNKNOWN)
        claims = _claims_of(request, sociallogin)
        request.session[STRONG] = is_strong(claims)
        if sociallogin.is_existing:
            return
        vouched = {address.email.casefold() for address in sociallogin.email_addresses if address.verified}
        found = [one for email in sorted(vouched) for one in User.objects.filter(email__iexact=email)]
        known = [one for one in found if one.is_active and not one.is_service_account]
        if len(known) != 1:
            _refuse(request, AMBIGUOUS if known else UNKNOWN)
        with transaction.atomic():
            sociallogin.connect(request, known[0])
            record_means(
                person=known[0],
                sentence="signed in through the company's sign-in for the first time.",
                actor=known[0],
                at=timezone.now(),
            )

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Provider:
        """Ask ours, whatever the address calls it: there is one provider."""
        return Provider(request, app=self.get_app(request, provider=provider, client_id=client_id))

    def get_requests_session(self) -> Any:
        """Wait for the provider only so long, and go nowhere else when it says so."""
        session = super().get_requests_session()
        plain = session.request
        session.request = lambda *words, **more: plain(*words, **{"timeout": SECONDS, **more, "allow_redirects": False})
        return session


def is_strong(claims: dict[str, Any]) -> bool:
    """Tell whether the provider says that it asked for two things (`OIDC_STRONG`)."""
    shown = claims.get("amr")
    said = {str(one) for one in shown} if isinstance(shown, list) else set()
    return bool({*said, str(claims.get("acr", ""))} & settings.OIDC_STRONG)


def _claims_of(request: HttpRequest, sociallogin: SocialLogin) -> dict[str, Any]:
    """Want an answer to the very question we asked, about one and the same person."""
    told = sociallogin.account.extra_data
    claims: dict[str, Any] = told.get("id_token") or {}
    asked = str(sociallogin.state.get("nonce", ""))
    is_answer = bool(asked) and constant_time_compare(str(claims.get("nonce", "")), asked)
    if not is_answer or told.get("userinfo", claims).get("sub") != claims.get("sub"):
        _refuse(request, NO_ANSWER)
    return claims


def _refuse(request: HttpRequest, sentence: str) -> NoReturn:
    note(request, Happening.REFUSED, means=COMPANY)
    raise ImmediateHttpResponse(render(request, "account/company_refused.html", {"sentence": sentence}, status=403))
