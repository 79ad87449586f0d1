"""Choose who you are: without passwords, on this machine, in the demo only."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from config.accounts.noting import note
from config.kernel.people import User
from config.kernel.sessions import note_device
from config.kernel.sign_in import note_sign_in
from config.kernel.sign_in_log import Happening

from .chooser import choices, is_a_world
from .door import ARE_HIDDEN, ARE_SHOWN, FIRST_MINUTES, record_becoming
from .first_tasks import steps
from .people import PERSONAS

BY_NAME = "demo"


@require_safe
@never_cache
def chooser(request: HttpRequest) -> HttpResponse:
    """Show everybody one can become, and what waits for them."""
    context = {
        "choices": choices(at=timezone.now()),
        "is_a_world": is_a_world(),
        "steps": steps(),
        "next": request.GET.get("next", ""),
    }
    return render(request, "demo/chooser.html", context)


@require_POST
@never_cache
def become(request: HttpRequest, username: str) -> HttpResponse:
    """Log in as somebody of the demo, and put that on record."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None or username not in {persona.username for persona in PERSONAS}:
        raise Http404("Nobody of that name is part of the demo.")
    before = request.user.username if request.user.is_authenticated else "nobody"
    at, are_led = timezone.now(), request.session.get(FIRST_MINUTES, ARE_SHOWN)
    record_becoming(user, before=before, at=at)
    login(request, user, backend="config.kernel.backend.PeopleBackend")
    note_sign_in(request, at=at)
    note_device(request, address=get_adapter().get_client_ip(request))
    request.session[FIRST_MINUTES] = are_led
    note(request, Happening.SIGNED_IN, means=BY_NAME, user=user)
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return redirect(wanted if is_ours else "home")


@require_POST
@never_cache
def lead(request: HttpRequest, word: str) -> HttpResponse:
    """Show the first minutes to this browser, or hide them."""
    request.session[FIRST_MINUTES] = ARE_HIDDEN if word == "hide" else ARE_SHOWN
    return redirect("home" if request.user.is_authenticated else "demo:chooser")
