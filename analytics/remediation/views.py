"""The board of items, the review of a month, and opening one by hand."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from config.kernel.refusals import Refused
from config.kernel.web import UNPROCESSABLE, PersonRequest, day_in, moment_in, page, render_page, uuid_in
from config.kernel.wording import said

from . import opening, selectors
from .forms import BoardFilter, OpenForm
from .permissions import OPENS, SEES
from .rules import amber_words, red_words, rules

if TYPE_CHECKING:
    from django.http import HttpResponse

    from analytics.models import RemediationItem

PAGE = 50


@page(SEES)
@require_safe
def board(request: PersonRequest) -> HttpResponse:
    """List the items, the first promise first."""
    at, viewer, query = timezone.now(), request.user, request.GET
    form = BoardFilter(query)
    wanted = form.wanted
    place = moment_in(query.get("after", "")), uuid_in(query.get("after_id", ""))
    after = None if place[0] is None or place[1] is None else (place[0], place[1])
    rows = selectors.a_page(selectors.items_listed(viewer, wanted, at=at), after=after, count=PAGE + 1)
    following = ""
    if len(rows) > PAGE:
        rows = rows[:PAGE]
        following = "?" + urlencode({**wanted, "after": rows[-1].due_at.isoformat(), "after_id": str(rows[-1].pk)})
    context = {
        "rows": [_line(row) for row in rows],
        "form": form,
        "is_filtered": bool(wanted),
        "next": following,
        "standing": selectors.standing_of(viewer, at=at),
        "rules": [{"rule": rule, "red": red_words(rule), "amber": amber_words(rule)} for rule in rules()],
        "may_open": viewer.has_perm(OPENS),
        "now": at,
    }
    return render_page(request, "analytics/remediation/board.html", context, fragment="list")


@page(SEES)
@require_safe
def review(request: PersonRequest) -> HttpResponse:
    """Show what one month brought; without one, this month."""
    at = timezone.now()
    first = (day_in(request.GET.get("month", "") + "-01") or at.date()).replace(day=1)
    first = max(min(first, at.date().replace(day=1)), date(2000, 1, 1))
    month = selectors.month_of(request.user, first, at=at)
    parts: list[tuple[str, str, list[RemediationItem]]] = [
        (
            said("Came back"),
            said("Opened again in this month, or opened anew after an earlier item closed."),
            list(month.came_back),
        ),
        (said("Red now"), said("Whatever the month, by the thresholds of today."), list(month.red)),
        (said("Overdue now"), said("The promise of the next step is over."), list(month.overdue)),
        (
            said("Closed"),
            said("The effect test found the code rarer by more than chance explains."),
            list(month.closed),
        ),
        (said("Opened"), said("By rule or by hand."), list(month.opened)),
    ]
    context = {
        "first": first,
        "parts": [{"title": title, "hint": hint, "rows": [_line(row) for row in rows]} for title, hint, rows in parts],
        "now": at,
    }
    return render_page(request, "analytics/remediation/review.html", context)


@page(OPENS)
@require_http_methods(["GET", "HEAD", "POST"])
def open_item(request: PersonRequest) -> HttpResponse:
    """Open an item by hand."""
    form = OpenForm(request.POST if request.method == "POST" else None, initial={"code": request.GET.get("code", "")})
    left: Any = ()
    if request.method == "POST" and form.is_valid():
        kind, _, code = form.cleaned_data["code"].partition(":")
        try:
            item = opening.open_item(
                kind=kind, code=code, why=form.cleaned_data["why"], actor=request.user, at=timezone.now()
            )
        except Refused as no:
            left = form.refuse(no)
        else:
            messages.success(request, said("The item is open."))
            return redirect(item)
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render_page(request, "analytics/remediation/open.html", {"form": form, "reasons": left}, status=status)


def _line(item: RemediationItem) -> dict[str, Any]:
    return {"item": item, "cost": selectors.cost_of(item)}
