"""What somebody was told, how she wants to be told, and the links in her mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals import links, mailing
from approvals.models import ApprovalRoute
from approvals.notice_forms import WishForm
from approvals.notices import notices_of, unread_count, wish_of
from approvals.services.notifying import mark_read, set_wish
from approvals.vocabulary import NoticeKind, NoticeWish, RouteState, StepState
from config.kernel.web import CONFLICT, FORBIDDEN, UNPROCESSABLE, PersonRequest, page, render_page, uuid_in
from config.kernel.wording import said

if TYPE_CHECKING:
    from django.http import HttpResponse

    from approvals.models import Notice

PAGE = 50
NOT_FOUND = 404
GONE = 410


@require_http_methods(["GET", "HEAD", "POST"])
@page()
def notices(request: PersonRequest) -> HttpResponse:
    """List what the viewer was told; a POST says how she wants to be told by mail."""
    form = WishForm(request.POST if request.method == "POST" else None, initial={"wish": wish_of(request.user)})
    if form.is_bound and form.is_valid():
        set_wish(wish=NoticeWish(form.cleaned_data["wish"]), actor=request.user)
        messages.success(request, said("Kept how you want to be told."))
        return redirect("approvals:notices")
    listed = notices_of(request.user)
    before = uuid_in(request.GET.get("before", ""))
    if before is not None:
        # Keys are made in the order of time.
        listed = listed.filter(pk__lt=before)
    rows = list(listed[: PAGE + 1])
    older = "?" + urlencode({"before": str(rows[PAGE - 1].pk)}) if len(rows) > PAGE else ""
    context = {
        "form": form,
        "rows": [_shown(notice) for notice in rows[:PAGE]],
        "unread": unread_count(request.user),
        "older": older,
        "newest": reverse("approvals:notices") if before else "",
        "now": timezone.now(),
        "mail_is_kept": settings.MAIL_IS_KEPT,
    }
    return render_page(
        request, "approvals/notices.html", context, fragment="told", status=UNPROCESSABLE if form.errors else 200
    )


def _shown(notice: Notice) -> dict[str, Any]:
    """Give a row its mail word for word where mail is kept and not sent."""
    is_over = notice.route.state != RouteState.OPEN
    mail = None
    if settings.MAIL_IS_KEPT and not is_over:
        subject_line, body = mailing.compose([mailing.line_of(notice)])
        mail = {"subject_line": subject_line, "body": body}
    return {"notice": notice, "is_over": is_over and notice.kind != NoticeKind.LAPSED, "mail": mail}


@require_POST
@page()
def read_notices(request: PersonRequest) -> HttpResponse:
    """Mark the named notices of the viewer as read, or all that are listed."""
    named = [pk for text in request.POST.getlist("notice") if (pk := uuid_in(text)) is not None]
    mark_read(actor=request.user, notice_ids=named, at=timezone.now())
    return redirect("approvals:notices")


@require_safe
@page()
def open_link(request: PersonRequest, token: str) -> HttpResponse:
    """Lead the person a signed link is for to its request, and everybody else nowhere. Changes nothing."""
    try:
        link = links.read_token(token)
    except links.LinkExpired:
        return _answer(
            request,
            GONE,
            said("This link has expired"),
            said("Links in mail last seven days. The request is in your queue."),
        )
    except links.LinkBroken:
        return _answer(
            request,
            NOT_FOUND,
            said("This link is broken"),
            said("It was cut off or changed on its way. Open it from the mail once more, or look into your queue."),
        )
    if link.user_id != request.user.pk:
        sentence = said(
            "You are logged in as {name}, and this link was sent to somebody else. Ask her to open it.",
            name=request.user,
        )
        return _answer(request, FORBIDDEN, said("This link is not yours"), sentence)
    route = ApprovalRoute.objects.filter(pk=link.route_id).first()
    if route is None:
        return _answer(request, GONE, said("This request is gone"), said("Nothing waits for you here."))
    if not route.steps.filter(level=link.level, state=StepState.OPEN).exists():
        sentence = said("{reference} no longer waits for the signature this link was about.", reference=route.reference)
        return _answer(request, CONFLICT, said("This was decided meanwhile"), sentence, route.page)
    return redirect(route.page)


def _answer(request: PersonRequest, status: int, title: str, sentence: str, address: str = "") -> HttpResponse:
    context = {"title": title, "sentence": sentence, "address": address}
    return render_page(request, "approvals/link.html", context, status=status)
