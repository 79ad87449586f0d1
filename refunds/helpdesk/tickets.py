"""What a ticket is called, which helpdesks somebody's tickets may come from, and the link of a request to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db.models import Q

from config.kernel.people import team_ids_of
from config.kernel.refusals import Refused
from config.kernel.wording import said
from evidence import ledger
from evidence.text import refuse_card_number
from refunds.models import Helpdesk, TicketLink
from refunds.models.helpdesk import TICKET_IDS

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from config.kernel.people import User
    from refunds.models import RefundRequest


MOST_TICKETS = 20


@dataclass(frozen=True, slots=True)
class TicketName:
    """A ticket as addresses write it: `zendesk:35436`."""

    helpdesk: str
    ticket_id: str

    def __str__(self) -> str:
        return f"{self.helpdesk}:{self.ticket_id}"

    @classmethod
    def of(cls, text: str) -> TicketName | None:
        """Read one; None where nothing is written. What cannot be one is refused by whoever looks for it."""
        helpdesk, _, ticket_id = text.strip().partition(":")
        return cls(helpdesk, ticket_id) if helpdesk else None


def helpdesks_ever_for(viewer: User) -> QuerySet[Helpdesk]:
    """Select the helpdesks that her teams work with, or did."""
    return Helpdesk.objects.filter(Q(team=None) | Q(team__in=team_ids_of(viewer)))


def helpdesks_for(viewer: User) -> QuerySet[Helpdesk]:
    """Select the helpdesks in use that her teams work with."""
    return helpdesks_ever_for(viewer).filter(is_active=True)


def tickets_of(refund_request: RefundRequest) -> QuerySet[TicketLink]:
    """Select the tickets that a request answers, in the order they were linked."""
    return TicketLink.objects.filter(refund_request=refund_request).select_related("helpdesk").order_by("pk")


def known_helpdesk(name: TicketName, *, viewer: User) -> Helpdesk:
    """Find the helpdesk of a ticket.

    :raises Refused: `unknown_helpdesk`, or `invalid` for what is no ticket's id
    """
    helpdesk = helpdesks_for(viewer).filter(slug=name.helpdesk).first()
    if helpdesk is None:
        raise Refused(
            "unknown_helpdesk",
            said("There is no helpdesk “{helpdesk}” for your teams.", helpdesk=name.helpdesk[:30]),
            "ticket",
        )
    try:
        TICKET_IDS(name.ticket_id)
    except ValidationError as error:
        raise Refused("invalid", str(error.messages[0]), "ticket") from None
    return helpdesk


def link(refund_request: RefundRequest, name: TicketName, *, actor: User, at: datetime) -> None:
    """Link a locked or new request to a ticket; the same link again changes nothing. Call it inside a transaction.

    :raises Refused: `unknown_helpdesk`, `invalid`, `card_number_in_text`, or too many tickets
    """
    helpdesk = known_helpdesk(name, viewer=actor)
    refuse_card_number(name.ticket_id, field="ticket")
    if helpdesk.team_id not in {None, refund_request.team_id}:
        raise Refused(
            "unknown_helpdesk",
            said("{helpdesk} is not a helpdesk of {team}.", helpdesk=helpdesk, team=refund_request.team),
            "ticket",
        )
    linked = tickets_of(refund_request)
    if linked.filter(helpdesk=helpdesk, ticket_id=name.ticket_id).exists():
        return
    if linked.count() >= MOST_TICKETS:
        raise Refused("refused", said("A request answers at most {most} tickets.", most=MOST_TICKETS), "ticket")
    TicketLink.objects.create(
        refund_request=refund_request, helpdesk=helpdesk, ticket_id=name.ticket_id, linked_by=actor, linked_at=at
    )
    ledger.record(
        subject=refund_request.subject,
        kind="refund_request.ticket_linked",
        actor=actor,
        at=at,
        sentence=f"linked ticket {name.ticket_id} of {helpdesk}.",
        data={"helpdesk": helpdesk.slug, "ticket": name.ticket_id},
    )
