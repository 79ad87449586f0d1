"""The sign-in library's own pages that are open here, by the names it calls them; all others stay shut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as social
from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import path, reverse

from config.kernel.first_run import is_first_run
from config.kernel.web import page

from . import company_door as company

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

opened = page()
login = account.LoginView.as_view(extra_context={"company": settings.OIDC_NAME if settings.OIDC_URL else ""})


def door(request: HttpRequest) -> HttpResponseBase:
    """Sign in; while there is nobody, set the portal up."""
    if is_first_run():
        return HttpResponseRedirect(reverse("account:first_run"))
    answer: HttpResponseBase = login(request)
    return answer


urlpatterns = [
    path("login/", door, name="account_login"),
    path("login/inactive/", account.account_inactive, name="account_inactive"),
    path("login/with/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("login/with/error/", social.login_error, name="socialaccount_login_error"),
    path("login/with/<slug:provider_id>/", company.login, name="openid_connect_login"),
    path("login/with/<slug:provider_id>/callback/", company.callback, name="openid_connect_callback"),
    path("login/passkey/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("login/second-factor/", mfa.authenticate, name="mfa_authenticate"),
    path("account/second-factor/", opened(mfa.index), name="mfa_index"),
    path("account/second-factor/app/", opened(totp.activate_totp), name="mfa_activate_totp"),
    path("account/second-factor/app/remove/", opened(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/second-factor/codes/", opened(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "account/second-factor/codes/new/",
        opened(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("account/second-factor/passkeys/", opened(webauthn.list_webauthn), name="mfa_list_webauthn"),
    path("account/second-factor/passkeys/add/", opened(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path(
        "account/second-factor/passkeys/<int:pk>/remove/", opened(webauthn.remove_webauthn), name="mfa_remove_webauthn"
    ),
    path("account/second-factor/passkeys/<int:pk>/edit/", opened(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
]
