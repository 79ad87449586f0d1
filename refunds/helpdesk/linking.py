"""Link a request to the ticket it answers, and take a wrong link away again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from config.kernel.refusals import OutOfDate
from config.kernel.wording import said
from evidence import ledger
from refunds import lifecycle
from refunds.entitlement import locked_for

from .tickets import link, tickets_of

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.people import User
    from refunds.models import RefundRequest

    from .tickets import TicketName


@transaction.atomic(durable=True)
def link_ticket(*, reference: str, name: TicketName, actor: User, at: datetime) -> RefundRequest:
    """Link a request to a ticket.

    :raises NotPermitted: to whoever may not file requests
    :raises Refused: as `link`
    """
    lifecycle.check_may_speak(actor, "submit")
    refund_request = locked_for(reference, actor)
    link(refund_request, name, actor=actor, at=at)
    return refund_request


@transaction.atomic(durable=True)
def unlink_ticket(*, reference: str, link_id: int, actor: User, at: datetime) -> RefundRequest:
    """Take a link away; what was written into the ticket stays there, and the ledger remembers the link.

    :raises NotPermitted: to whoever may not file requests
    :raises OutOfDate: when somebody was faster
    """
    lifecycle.check_may_speak(actor, "submit")
    refund_request = locked_for(reference, actor)
    known = tickets_of(refund_request).filter(pk=link_id).first()
    if known is None:
        raise OutOfDate("out_of_date", said("This ticket is not linked any more."))
    known.delete()
    ledger.record(
        subject=refund_request.subject,
        kind="refund_request.ticket_unlinked",
        actor=actor,
        at=at,
        sentence=f"took the link to ticket {known.ticket_id} of {known.helpdesk} away.",
        data={"helpdesk": known.helpdesk.slug, "ticket": known.ticket_id},
    )
    return refund_request
