"""Today: one page that says what waits for whoever opened it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.views.decorators.http import require_safe

from approvals.queue_view import QueueView
from approvals.role_names import role_names
from approvals.selectors import waiting_routes
from config.kernel.web import PersonRequest, page, render_page
from config.today import figures_for
from refunds.processing.plain_words import in_plain_words
from refunds.selectors import RequestFilter, exceptions_waiting, refund_requests

if TYPE_CHECKING:
    from django.http import HttpResponse

SHOWN = 8


@page()
@require_safe
def home(request: PersonRequest) -> HttpResponse:
    """Show what waits for this person, by role."""
    at = timezone.now()
    user = request.user
    context: dict[str, object] = {"now": at, "roles": role_names(user.role_names), "figures": figures_for(user, at=at)}
    if user.has_perm("approvals.decide_approvalstep"):
        context["waiting"] = list(waiting_routes(user, QueueView(), at=at)[:SHOWN])
    if user.has_perm("refunds.review_refundrequest"):
        context["exceptions"] = list(exceptions_waiting(user)[:SHOWN])
    if user.has_perm("refunds.submit_refundrequest"):
        wanted = RequestFilter(tab="needs_me", is_mine=True)
        context["returned"] = list(refund_requests(user, wanted)[:SHOWN])
    if user.has_perm("refunds.retry_refundrequest"):
        failed = refund_requests(user, RequestFilter(state="failed"))[:SHOWN]
        context["failed"] = [{"request": one, "why": in_plain_words(one.failure_reason)} for one in failed]
    return render_page(request, "home.html", context)
