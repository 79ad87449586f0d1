"""Take a goodwill credit down: who gets how much, and the order it makes up for where there is one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from approvals.vocabulary import Category
from config.kernel.ids import new_id
from config.kernel.people import Team, team_ids_of
from config.kernel.refusals import Reason, Refused
from config.kernel.wording import said
from evidence import ledger
from evidence.text import refuse_card_number
from policies.vocabulary import LegalBasis

from . import intake, lifecycle
from .helpdesk.tickets import link
from .models import RefundRequest
from .permissions import customers_in_reach
from .vocabulary import Method

if TYPE_CHECKING:
    from datetime import datetime

    from config.kernel.money import Money
    from config.kernel.people import User

    from .helpdesk.tickets import TicketName
    from .models import Customer, Order


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditDraft:
    """What somebody wants to give. With an `order` the customer and the team are the order's, without they are named.

    `channel` is where the order or the customer is known; for a customer it may be left out while it says who is meant.
    """

    amount: Money
    order: str = ""
    customer: str = ""
    team: str = ""
    channel: str = ""
    reason: str = ""
    note: str = ""
    ticket: TicketName | None = None


def take_down(*, draft: intake.Draft | CreditDraft, actor: User, at: datetime) -> RefundRequest:
    """Write down whatever is asked for. Call it inside a transaction.

    :raises Refused: with every reason at once; nothing is written
    """
    if isinstance(draft, CreditDraft):
        return open_credit(draft=draft, actor=actor, at=at)
    return intake.open_draft(draft=draft, actor=actor, at=at)


def open_credit(*, draft: CreditDraft, actor: User, at: datetime) -> RefundRequest:
    """Write a goodwill credit down in `intake`. Call it inside a transaction.

    :raises Refused: `unknown_order`, `currency_mismatch`, or with every other reason at once; nothing is written
    """
    lifecycle.check_may_speak(actor, "submit")
    order = intake.order_named(draft.channel, draft.order, actor) if draft.order else None
    team = _team_of(draft, order, actor)
    customer = _customer_of(draft, order, team, actor)
    _check(draft, order)
    refund_request = RefundRequest(
        id=new_id(),
        reference=intake.next_reference(),
        category=Category.GOODWILL_CREDIT,
        team=team,
        order=order,
        customer=customer,
        method=Method.STORE_CREDIT,
        legal_basis=LegalBasis.GOODWILL,
        currency=draft.amount.currency,
        requested_minor=draft.amount.minor,
        line_set=_fingerprint(draft.amount),
        reason_id=draft.reason or None,
        note=draft.note,
        requested_by=actor,
        created_at=at,
        updated_at=at,
    )
    refund_request.save(force_insert=True)
    told = {"order": f"{order.channel}/{order.external_id}"} if order is not None else {}
    ledger.record(
        subject=refund_request.subject,
        kind="refund_request.opened",
        actor=actor,
        at=at,
        sentence=f"opened a goodwill credit of {draft.amount}" + (f" for order {order.external_id}." if order else "."),
        data={**told, "category": str(Category.GOODWILL_CREDIT), "requested_minor": draft.amount.minor},
    )
    if draft.ticket is not None:
        link(refund_request, draft.ticket, actor=actor, at=at)
    return refund_request


def _team_of(draft: CreditDraft, order: Order | None, actor: User) -> Team:
    if order is not None:
        if draft.team not in {"", order.team.slug}:
            raise Refused("refused", said("Order {number} belongs to another team.", number=order.external_id), "team")
        return order.team
    team = Team.objects.filter(slug=draft.team, pk__in=team_ids_of(actor)).first()
    if team is None:
        named = (
            said("There is no team “{team}” among yours.", team=draft.team[:50])
            if draft.team
            else said("Name the team that gives it.")
        )
        raise Refused("invalid", named, "team")
    return team


def _customer_of(draft: CreditDraft, order: Order | None, team: Team, actor: User) -> Customer:
    """Find who gets it: the order's customer, or one who bought from the team before.

    :raises Refused: for a stranger, a name that two customers have, and somebody who was forgotten
    """
    if order is not None:
        if order.customer is None:
            raise Refused("refused", said("Nobody is known who could be given store credit."), "order")
        if draft.customer not in {"", order.customer.external_id}:
            raise Refused(
                "refused",
                said("Order {number} is of another customer.", number=order.external_id),
                "customer",
            )
        found = [order.customer]
    elif not draft.customer:
        raise Refused("invalid", said("Name the order or the customer."), "customer")
    else:
        known = customers_in_reach(actor).filter(external_id=draft.customer, orders__team=team).distinct()
        found = list((known.filter(channel=draft.channel) if draft.channel else known)[:2])
    if not found:
        raise Refused(
            "refused", said("No customer {customer} bought from this team.", customer=draft.customer), "customer"
        )
    if len(found) > 1:
        raise Refused(
            "refused",
            said("Several customers are known as {customer}; name the channel too.", customer=draft.customer),
            "channel",
        )
    if found[0].erased_at is not None:
        raise Refused(
            "refused", said("This customer was forgotten; nobody is left who could be given store credit."), "customer"
        )
    return found[0]


def _check(draft: CreditDraft, order: Order | None) -> None:
    reasons: list[Reason] = []
    if order is not None and order.currency != draft.amount.currency:
        sentence = said(
            "This order is in {currency}, not {other}.", currency=order.currency, other=draft.amount.currency
        )
        raise Refused("currency_mismatch", sentence, "currency")
    if draft.amount.minor <= 0:
        reasons.append(Reason("invalid", said("The amount must be more than zero."), "amount_minor"))
    reasons += intake.why_not_words(draft.reason, draft.note)
    refuse_card_number(draft.note, field="note")
    if reasons:
        raise Refused.of(reasons)


def _fingerprint(amount: Money) -> str:
    """Fingerprint what is given, so that the same amount for the same customer is not asked for twice at once."""
    return hashlib.sha256(f"goodwill {amount.currency} {amount.minor}".encode()).hexdigest()
