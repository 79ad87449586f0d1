"""Where somebody is signed in, and signing out there."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from config.kernel.asking_again import asks_again
from config.kernel.devices import device_named
from config.kernel.sessions import ADDRESS, BY_HERSELF, DEVICE, IDLE, LONGEST, Session, end_sessions, sessions_of
from config.kernel.sign_in_log import events_of
from config.kernel.web import PersonRequest, or_404, page, render_page
from config.kernel.wording import said

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


LATELY: Final = 10


@dataclass(frozen=True, slots=True)
class Browser:
    """One session as its person sees it."""

    session: Session
    device: str
    address: str
    is_this: bool
    ends_at: datetime


@page()
@require_safe
def sessions(request: PersonRequest) -> HttpResponse:
    """List every browser in which this person is signed in."""
    context = {
        "browsers": [_browser(request, session) for session in sessions_of(request.user, at=timezone.now())],
        "events": events_of(request.user)[:LATELY],
        "idle_minutes": int(IDLE.total_seconds() // 60),
        "longest_hours": int(LONGEST.total_seconds() // 3600),
    }
    return render_page(request, "account/sessions.html", context)


@page()
@require_POST
@asks_again()
def end_session(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """Sign out in one other browser."""
    session = or_404(sessions_of(request.user, at=timezone.now()).filter(public_id=public_id).first(), "session")
    end_sessions(Session.objects.filter(pk=session.pk), why=BY_HERSELF, at=timezone.now())
    messages.success(request, said("You are signed out there."))
    return redirect("account:sessions")


@page()
@require_POST
@asks_again()
def end_other_sessions(request: PersonRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    others = sessions_of(request.user, at=timezone.now()).exclude(pk=request.session.session_key)
    count = end_sessions(others, why=BY_HERSELF, at=timezone.now())
    messages.success(
        request, said("You are signed out everywhere else.") if count else said("You are signed in only here.")
    )
    return redirect("account:sessions")


@page()
@require_safe
def time_left(request: PersonRequest) -> HttpResponse:
    """Tell in how many seconds this session ends without a sign of its person; asking is none."""
    now = timezone.now()
    session = sessions_of(request.user, at=now).filter(pk=request.session.session_key).first()
    ends = [] if session is None else [session.seen_at + IDLE, session.began_at + LONGEST]
    return JsonResponse({"seconds": max(int((min(ends, default=now) - now).total_seconds()), 0)})


@page()
@require_POST
def stay(request: PersonRequest) -> HttpResponse:  # noqa: ARG001 - that she asked is the sign
    """Stay signed in."""
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _browser(request: PersonRequest, session: Session) -> Browser:
    told = session.get_decoded()
    return Browser(
        session,
        device_named(str(told.get(DEVICE, ""))),
        str(told.get(ADDRESS, "")),
        session.pk == request.session.session_key,
        session.began_at + LONGEST,
    )
