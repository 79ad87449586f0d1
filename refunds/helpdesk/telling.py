"""What is written back into a ticket: a sentence for each step that whoever talks to the customer must know.

A witness of the news, see `config/subscriptions.py`. The sentence goes out as a signed webhook; an app of the helpdesk,
or the service between, writes it down as a note.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

from refunds.models import RefundRequest, TicketLink
from refunds.outgoing.announcing import announce, hearers_of
from refunds.outgoing.vocabulary import Event

if TYPE_CHECKING:
    from datetime import datetime


def tell_ticket(*, news: str, at: datetime, subject_id: str, **_later: str) -> None:
    """Tell each ticket of a request what became of it."""
    links = TicketLink.objects.filter(refund_request_id=UUID(subject_id), helpdesk__is_active=True)
    # Asked first: most requests answer no ticket, and then nobody need be looked for who would hear.
    answered = list(links.select_related("helpdesk").order_by("pk"))
    hearers = hearers_of(Event.TICKET) if answered else []
    if not hearers:
        return
    told = RefundRequest.objects.select_related("team").get(pk=subject_id)
    for one in answered:
        data = {
            "helpdesk": one.helpdesk.slug,
            "ticket": one.ticket_id,
            "note": note_on(told, news),
            "reference": told.reference,
            "state": str(told.state),
            "page": f"{settings.PORTAL_URL}{told.get_absolute_url()}",
        }
        announce(Event.TICKET, hearers=hearers, team_id=told.team_id, team=told.team.slug, data=data, at=at)


def note_on(told: RefundRequest, news: str) -> str:
    """Say it in a sentence, with an amount and without anybody's name."""
    match news:
        case Event.SUBMITTED:
            return f"{told.reference}: a refund of {told.asked} was asked for."
        case Event.APPROVED:
            return f"{told.reference}: {told.amount} was approved."
        case Event.DECLINED:
            return f"{told.reference}: the refund was declined."
        case Event.REFUNDED:
            return f"{told.reference}: {told.amount} went back to the customer."
        case _:
            return f"{told.reference}: the refund did not arrive; finance looks at it."
