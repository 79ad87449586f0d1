"""Finance's processing board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.kernel.asking_again import asks_again
from config.kernel.web import PersonRequest, page, render_page, uuid_in
from refunds.processing import line
from refunds.processing.board import BY_NAME, PAGE, operations_in, tallies
from refunds.processing.line import lines_to_show
from refunds.processing.plain_words import in_plain_words
from refunds.processing.releasing import MAY_RELEASE, MOST_AT_ONCE, release_operations

if TYPE_CHECKING:
    from django.http import HttpResponse

ATTENTION = ("needs_person", "failed")
"""What the board opens with, when anything stands there."""


@page("refunds.view_operation")
@require_safe
def processing(request: PersonRequest) -> HttpResponse:
    """Show what is on its way and what is stuck; one column at a time as a table."""
    at = timezone.now()
    counted = tallies(request.user, at=at)
    waiting = [tally.column.name for tally in counted if tally.count]
    asked = request.GET.get("column", "")
    name = next(
        (one for one in (asked, *ATTENTION, *waiting) if one in BY_NAME and (one == asked or one in waiting)), "queued"
    )
    column = BY_NAME[name]
    found = operations_in(request.user, column, at=at, after=uuid_in(request.GET.get("after", "")))
    operations = list(found[: PAGE + 1])
    context = {
        "tallies": counted,
        "column": column,
        "rows": [{"operation": one, "why": in_plain_words(one.failure_reason)} for one in operations[:PAGE]],
        "next": f"?{urlencode({'column': name, 'after': str(operations[PAGE - 1].pk)})}"
        if len(operations) > PAGE
        else "",
        "may_propose": request.user.has_perm("refunds.propose_payout_refundrequest"),
        "may_retry": request.user.has_perm("refunds.retry_refundrequest"),
        "may_release": column.is_unreleased and request.user.has_perm(MAY_RELEASE),
        "most": MOST_AT_ONCE,
        "lines": lines_to_show(),
        "now": at,
    }
    return render_page(request, "refunds/processing.html", context, fragment="board")


@page(MAY_RELEASE)
@require_POST
@asks_again()
def release_payments(request: PersonRequest) -> HttpResponse:
    """Release what is ticked, and go back to what still waits."""
    chosen = [found for word in request.POST.getlist("operation") if (found := uuid_in(word)) is not None]
    batches = release_operations(operation_ids=set(chosen), actor=request.user, at=timezone.now())
    sums = ", ".join(str(batch.total) for batch in batches)
    messages.success(request, _("Released: {sums}. It is on its way.").format(sums=sums))
    return redirect(f"{reverse('refunds:processing')}?column=to_release")


@page("refunds.reopen_gatewayline")
@require_POST
def try_line(request: PersonRequest, gateway: str) -> HttpResponse:
    """Let one call through a stopped line, and go back to the board."""
    line.try_again(gateway=gateway, actor=request.user, at=timezone.now())
    messages.success(request, _("The gateway is tried again with the next refund that waits."))
    return redirect("refunds:processing")
