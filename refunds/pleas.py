"""A plea as systems outside write it: a checked body, told in the words of the commands and filed by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from approvals.freezing import notes_what_is_frozen
from approvals.vocabulary import Category
from config.kernel.money import Money
from config.kernel.refusals import Refused

from . import workflow
from .crediting import CreditDraft, take_down
from .helpdesk.tickets import TicketName
from .intake import AskedLine, Draft
from .permissions import orders_visible_to
from .vocabulary import Method

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from config.kernel.people import User

    from .models import RefundRequest


@notes_what_is_frozen
@transaction.atomic(durable=True)
def file_plea(*, body: Mapping[str, Any], actor: User, at: datetime) -> RefundRequest:
    """File what a body asks for, or keep it as a draft where it says so.

    :raises NotPermitted: `not_permitted`, `frozen` or `over_authority`
    :raises Refused: with every reason; nothing is written
    """
    return take_in(body=body, actor=actor, at=at)


def take_in(*, body: Mapping[str, Any], actor: User, at: datetime) -> RefundRequest:
    """Do it inside the caller's transaction, who also keeps what a freeze stopped."""
    draft = draft_of(body)
    if "currency" in body and isinstance(draft, Draft):
        _check_currency(draft, body["currency"], actor)
    if body["submit"]:
        return workflow.file_within(draft=draft, actor=actor, at=at)
    return take_down(draft=draft, actor=actor, at=at)


def draft_of(body: Mapping[str, Any]) -> Draft | CreditDraft:
    """Put a checked body in the words of the command."""
    ticket = TicketName(body["ticket"]["helpdesk"], body["ticket"]["id"]) if "ticket" in body else None
    if body["category"] == Category.GOODWILL_CREDIT:
        return CreditDraft(
            amount=Money(body["amount_minor"], body["currency"]),
            order=body.get("order", ""),
            customer=body.get("customer", ""),
            team=body.get("team", ""),
            channel=body.get("channel", ""),
            reason=body["reason"],
            note=body["note"],
            ticket=ticket,
        )
    return Draft(
        channel=body["channel"],
        order=body["order"],
        reason=body["reason"],
        note=body["note"],
        lines=[AskedLine(**line) for line in body.get("lines", ())],
        shipping_minor=body.get("shipping_minor", 0),
        method=body.get("method", Method.ORIGINAL.value),
        legal_basis=body.get("legal_basis", ""),
        connect_share=body.get("connect_share", ""),
        ticket=ticket,
    )


def _check_currency(draft: Draft, currency: str, actor: User) -> None:
    orders = orders_visible_to(actor).filter(channel=draft.channel, external_id=draft.order)
    own = orders.values_list("currency", flat=True).first()
    if own is not None and own != currency:
        raise Refused("currency_mismatch", f"This order is in {own}, not {currency}.", "currency")
