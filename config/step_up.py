"""Show once more who one is before something large."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.http import HttpResponseRedirect, JsonResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from config.accounts.forms import CodeAgainForm
from config.accounts.noting import note
from config.accounts.passkeys import AgainForm
from config.demo.door import record_becoming
from config.kernel.asking_again import SENTENCE
from config.kernel.lockout import TOO_MANY
from config.kernel.refusals import NotPermitted, Refused
from config.kernel.sign_in import AGAIN, CODE, PASSKEY, PASSWORD, check_password, means_of, note_sign_in, step_up_page
from config.kernel.sign_in_log import Happening
from config.kernel.web import PersonRequest, page
from config.kernel.wording import said

if TYPE_CHECKING:
    from datetime import datetime

    from django.forms import Form
    from django.http import HttpRequest, HttpResponse


@sensitive_post_parameters("password", "code", "credential")
@page()
@require_http_methods(["GET", "HEAD", "POST"])
def step_up(request: PersonRequest) -> HttpResponse:
    """Ask who she is, and lead back to where she came from.

    What she had sent there is sent once more, by her own browser and with her own words: a redirect of status 307 keeps
    method and body. Nothing is ever approved by a GET.
    """
    asked = request.GET if request.method != "POST" else request.POST
    goal = _ours(request, asked.get("next", ""))
    if request.method != "POST":
        return step_up_page(request, goal=goal, sentence=SENTENCE)
    kept = request.POST if request.POST.get("replay") else None
    try:
        _confirm(request, at=timezone.now())
    except (Refused, NotPermitted) as no:
        _note_failure(request, no)
        return step_up_page(request, goal=goal, sentence=SENTENCE, kept=kept, no=no)
    return HttpResponseRedirect(goal, preserve_request=kept is not None)


@page()
@require_safe
def passkey_options(request: PersonRequest) -> HttpResponse:
    """Say what a passkey of this person has to sign."""
    return JsonResponse({"request_options": begin_authentication(request.user)})


def _confirm(request: PersonRequest, *, at: datetime) -> None:
    means = means_of(request)
    if PASSKEY in means and request.POST.get("credential"):
        _check(AgainForm(user=request.user, data=request.POST), said("This passkey was not accepted."))
    elif CODE in means:
        _check(
            CodeAgainForm(user=request.user, data=request.POST), said("This code is not right, or it was used before.")
        )
    elif AGAIN in means:
        raise Refused("sign_in_again", said("Sign in again through your company's sign-in."), "credential")
    elif PASSKEY in means:
        raise Refused("wrong_credential", said("Use your passkey."), "credential")
    elif PASSWORD in means:
        check_password(request.user, request.POST.get("password", ""), at=at)
    else:
        record_becoming(request.user, before=request.user.username, at=at)
    shown = next((name for name in (PASSKEY, CODE, PASSWORD) if name in means), "demo")
    note(request, Happening.CONFIRMED, means=shown, user=request.user)
    # A session that may do more gets a new name.
    request.session.cycle_key()
    note_sign_in(request, at=at)


def _note_failure(request: PersonRequest, no: Refused | NotPermitted) -> None:
    """Keep a wrong password; codes and passkeys are kept where they are looked at."""
    if PASSWORD in means_of(request):
        happening = Happening.SHUT if isinstance(no, NotPermitted) else Happening.WRONG
        note(request, happening, means=PASSWORD, user=request.user)


def _check(form: Form, sentence: str) -> None:
    if not form.is_valid():
        codes = {error.code for errors in form.errors.as_data().values() for error in errors}
        if codes & {"too_many_tries", "too_many_login_attempts"}:
            raise NotPermitted("too_many_tries", TOO_MANY)
        raise Refused("wrong_code", sentence, "code")
    form.save()  # type: ignore[attr-defined]  # the library's forms have it


def _ours(request: HttpRequest, address: str) -> str:
    is_ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else "/"
