"""From a ticket to its requests, or to a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.views.decorators.http import require_safe

from config.kernel.web import PersonRequest, or_404, page, render_page
from refunds.helpdesk.tickets import TicketName, helpdesks_for
from refunds.permissions import visible_to
from refunds.selectors import orders_found

if TYPE_CHECKING:
    from django.http import HttpResponse

    from refunds.models import Helpdesk

SEES, FILES = "refunds.view_refundrequest", "refunds.submit_refundrequest"
SHOWN = 50


@page(SEES)
@require_safe
def ticket(request: PersonRequest, helpdesk: str, ticket_id: str) -> HttpResponse:
    """Show the requests that answer a ticket, and let whoever may file open one on an order.

    The address for a button in the helpdesk; `?q=` looks for the order at once.
    """
    known: Helpdesk = or_404(helpdesks_for(request.user).filter(slug=helpdesk).first(), "helpdesk")
    found = visible_to(request.user).filter(tickets__helpdesk=known, tickets__ticket_id=ticket_id)
    text = request.GET.get("q", "")
    may_file = request.user.has_perm(FILES)
    context = {
        "helpdesk": known,
        "ticket_id": ticket_id,
        "ticket": TicketName(known.slug, ticket_id),
        "address": known.page_of(ticket_id),
        "requests": list(found.select_related("customer", "order").order_by("-created_at", "-pk")[:SHOWN]),
        "text": text,
        "may_file": may_file,
        "orders": orders_found(request.user, text) if may_file else [],
    }
    return render_page(request, "refunds/ticket.html", context)
