"""The access review: who could approve what on a date, as a page and as a file, and that it was looked at."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, cast

from django.contrib import messages
from django.http import HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from approvals.access_review import HEADER, file_rows, past_began_at, review_at
from approvals.services.reviews import SIGNS_REVIEWS, sign_review, signed_reviews
from config.kernel.csv_out import proven_lines
from config.kernel.refusals import Refused
from config.kernel.web import PersonRequest, day_in, moment_in, page, render_page
from config.kernel.wording import said

if TYPE_CHECKING:
    from django.http import HttpResponse

SEES = "approvals.view_limitchange"


@page(SEES)
@require_safe
def access_review(request: PersonRequest) -> HttpResponse:
    """Show who could approve what at the end of a day, or at a moment, in UTC."""
    now = timezone.now()
    asked = request.GET.get("on", "")
    moment = moment_from(asked, now=now)
    review = review_at(moment)
    if request.GET.get("format") == "csv":
        lines = proven_lines(HEADER, file_rows(review), query=request.get_full_path(), at=now)
        name = f"access-review-{moment.astimezone(UTC):%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        streamed = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
        return cast("HttpResponse", streamed)
    context = {
        "review": review,
        "moment": moment,
        "on": asked or f"{now.astimezone(UTC):%Y-%m-%d}",
        "began_at": past_began_at(),
        "signed": signed_reviews(),
        "may_sign": any(request.user.has_perm(right) for right in SIGNS_REVIEWS),
    }
    return render_page(request, "approvals/authority_review.html", context)


@page(*SIGNS_REVIEWS)
@require_POST
def sign(request: PersonRequest) -> HttpResponse:
    """Record that somebody looked through the review of a date."""
    now = timezone.now()
    asked = request.POST.get("on", "")
    sign_review(moment=moment_from(asked, now=now), note=request.POST.get("note", ""), actor=request.user, at=now)
    messages.success(request, said("The review is signed and in the ledger."))
    return HttpResponseRedirect(f"{reverse('approvals:access_review')}?on={asked}")


def moment_from(text: str, *, now: datetime) -> datetime:
    """Read a day, meaning its end in UTC, or an aware moment; without either it is now, and never later than now.

    :raises Refused: for what is neither
    """
    if not text:
        return now
    day = day_in(text)
    if day is not None:
        return min(datetime.combine(day + timedelta(days=1), time.min, UTC), now)
    moment = moment_in(text.replace(" ", "+"))
    if moment is None:
        raise Refused("invalid", said("Enter a day such as 2026-03-31, or a moment with its offset."), "on")
    return min(moment, now)
