"""Sign in, and show once more who one is before something large."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.views import LoginView
from django.http import HttpResponseRedirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from config.demo.door import record_becoming
from config.kernel.refusals import NotPermitted, Refused
from config.kernel.sign_in import check_password, needs_password, note_sign_in, step_up_page
from config.kernel.web import PersonRequest, page

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.forms import AuthenticationForm
    from django.http import HttpRequest, HttpResponse

SENTENCE = "Confirm who you are to go on."


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class SignIn(LoginView):
    """The login; its moment is remembered as long as the session lives."""

    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Let her in, and note when."""
        answer = super().form_valid(form)
        note_sign_in(self.request, at=timezone.now())
        return answer


@sensitive_post_parameters("password")
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
        return step_up_page(request, goal=goal, sentence=SENTENCE, kept=kept, no=no)
    return HttpResponseRedirect(goal, preserve_request=kept is not None)


def _confirm(request: PersonRequest, *, at: datetime) -> None:
    if needs_password(request):
        check_password(request.user, request.POST.get("password", ""), at=at)
    else:
        record_becoming(request.user, before=request.user.username, at=at)
    # A session that may do more gets a new name.
    request.session.cycle_key()
    note_sign_in(request, at=at)


def _ours(request: HttpRequest, address: str) -> str:
    is_ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else "/"
