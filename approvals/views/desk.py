"""Verbs of the queue beside deciding: claim, hold, release, put off, send on, and views under a name."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from approvals.permissions import visible_to
from approvals.queue_view import view_from
from approvals.services import desk
from approvals.services.escalating import escalate_step
from approvals.services.leasing import claim_next as claim
from approvals.services.leasing import day_is_full, lease_step, release_step
from config.kernel.people import User
from config.kernel.refusals import NotPermitted, OutOfDate, Refused
from config.kernel.web import PersonRequest, asks_for_fragment, is_ours, or_404, page, status_of
from config.kernel.wording import joined, said, told

from .queue import CHOSEN, COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpRequest

    from approvals.models import ApprovalRoute

NO_CONTENT = 204
SEES = "approvals.view_approvalroute"
AND = said(" and ")
CLAIMS = "claim"
"""The word in the address of a list that says: after a decision claim the next one."""


def _on_route(command: Callable[[PersonRequest, ApprovalRoute], str]) -> Callable[[HttpRequest, UUID], HttpResponse]:
    """Make the view of one verb on a route: run it, say it, go back to where the person came from."""

    @page(SEES)
    @require_POST
    @wraps(command)
    def view(request: PersonRequest, route_id: UUID) -> HttpResponse:
        found = visible_to(request.user).select_related("team", "requested_by").filter(pk=route_id).first()
        route: ApprovalRoute = or_404(found, "route")
        try:
            words = command(request, route)
        except (Refused, NotPermitted, OutOfDate) as no:
            if not asks_for_fragment(request):
                raise
            tone = {"message": told(no.detail), "tone": "bad"}
            return trigger_client_event(HttpResponse(status=status_of(no)), "rd:toast", tone)
        if asks_for_fragment(request):
            response = HttpResponse(status=NO_CONTENT)
            return trigger_client_event(response, "rd:toast", {"message": told(words)}) if words else response
        if "quietly" in request.POST:
            return HttpResponse(status=NO_CONTENT)
        messages.success(request, words)
        return redirect(_back(request, route.page))

    return view


@page(SEES)
@require_POST
def claim_next(request: PersonRequest) -> HttpResponse:
    """Hold the oldest promise of the view the person looks at, and show it."""
    back = _back(request, reverse("approvals:queue"))
    query = QueryDict(urlsplit(back).query, mutable=True)
    route = claim(wanted=view_from(query), actor=request.user, at=timezone.now())
    if route is None:
        words = said("Nothing in this view waits for you that nobody holds.")
        if day_is_full(wanted=view_from(query), actor=request.user, at=timezone.now()):
            words = joined([words, said("Your limits for today have no room for the rest.")])
        if asks_for_fragment(request):
            return trigger_client_event(HttpResponse(status=NO_CONTENT), "rd:toast", {"message": told(words)})
        messages.info(request, words)
        return redirect(back)
    query[CLAIMS] = "1"
    here = urlencode({"back": f"{urlsplit(back).path}?{query.urlencode()}"})
    # Redirected, because the panel belongs to the app that owns the subject; htmx follows.
    return redirect(f"{route.panel if asks_for_fragment(request) else route.page}?{here}")


def _lease(request: PersonRequest, route: ApprovalRoute) -> str:
    step = lease_step(route=route, actor=request.user, at=timezone.now())
    if asks_for_fragment(request):
        return ""
    return said("{reference} is yours until {time} UTC.", reference=route.reference, time=f"{step.leased_until:%H:%M}")


def _release(request: PersonRequest, route: ApprovalRoute) -> str:
    release_step(route=route, actor=request.user)
    return said("{reference} is free again.", reference=route.reference)


def _snooze(request: PersonRequest, route: ApprovalRoute) -> str:
    pause = request.POST.get("pause", "") or request.POST.get("until", "")
    snooze = desk.snooze_route(route=route, pause=pause, actor=request.user, at=timezone.now())
    return said(
        "{reference} comes back at {time} UTC on {day}.",
        reference=route.reference,
        time=f"{snooze.until_at:%H:%M}",
        day=f"{snooze.until_at:%d %B}",
    )


def _wake(request: PersonRequest, route: ApprovalRoute) -> str:
    desk.wake_route(route=route, actor=request.user)
    return said("{reference} is back in your queue.", reference=route.reference)


def _escalate(request: PersonRequest, route: ApprovalRoute) -> str:
    note, username = request.POST.get("note", ""), request.POST.get("to", "").strip()
    if not username:
        above = escalate_step(route=route, actor=request.user, note=note, at=timezone.now())
        roles = joined([step.role for step in above], AND)
        return said("{reference} waits for {roles} now.", reference=route.reference, roles=roles)
    colleague = User.objects.filter(username=username, is_active=True, is_service_account=False).first()
    if colleague is None:
        raise Refused("refused", said("Nobody here has that user name."), "to")
    desk.ask_colleague(route=route, colleague=colleague, note=note, actor=request.user, at=timezone.now())
    return said("{colleague} is asked to decide on {reference}.", colleague=colleague, reference=route.reference)


lease = _on_route(_lease)
release = _on_route(_release)
snooze = _on_route(_snooze)
wake = _on_route(_wake)
escalate = _on_route(_escalate)


@page(SEES)
@require_POST
def save_view(request: PersonRequest) -> HttpResponse:
    """Keep the view the person looks at under a name."""
    back = _back(request, reverse("approvals:queue"))
    wanted = view_from(QueryDict(urlsplit(back).query))
    view = desk.save_view(name=request.POST.get("name", ""), wanted=wanted, actor=request.user)
    messages.success(request, said("“{name}” is among your views.", name=view.name))
    return redirect(f"{reverse('approvals:queue')}?{view.query}")


@page(SEES)
@require_POST
def rename_view(request: PersonRequest, view_id: UUID) -> HttpResponse:
    """Give a view of one's own another name."""
    view = desk.rename_view(view_id=view_id, name=request.POST.get("name", ""), actor=request.user)
    messages.success(request, said("The view is named “{name}” now.", name=view.name))
    return redirect(f"{reverse('approvals:queue')}?{view.query}")


@page(SEES)
@require_POST
def delete_view(request: PersonRequest, view_id: UUID) -> HttpResponse:
    """Forget a view of one's own."""
    desk.delete_view(view_id=view_id, actor=request.user)
    messages.success(request, said("The view is gone; the requests in it stay."))
    return redirect("approvals:queue")


@page(SEES)
@require_POST
def choose_columns(request: PersonRequest) -> HttpResponse:
    """Keep which columns this person wants to see."""
    request.session[CHOSEN] = [name for name in request.POST.getlist("column") if name in COLUMNS]
    return redirect(_back(request, reverse("approvals:queue")))


def _back(request: PersonRequest, otherwise: str) -> str:
    """Answer the address the person came from, when it is one of ours."""
    back = request.POST.get("back", "")
    return back if is_ours(request, back) else otherwise
