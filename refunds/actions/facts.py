"""What is known of a governed action before the policy is asked: its payment, its customer, its dispute."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F, Sum

from approvals.vocabulary import Category
from config.kernel.refusals import Refused
from policies.actions.facts import plain_facts
from refunds.disputes.standing import standing_over
from refunds.models import Customer, Dispute, Payment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from config.kernel.people import Team
    from policies.actions.asking import Wish
    from policies.engine.facts import RefundFacts

AN_HOUR = timedelta(hours=1)


def gather_for(wish: Wish, *, at: datetime) -> RefundFacts:
    """Freeze the facts of a wish: what was asked, and what we know ourselves of the payment, customer or dispute.

    A refund of a payment that is not this team's counts as one without a payment. What is asked for lately is not
    counted here: velocity rules look at refund requests.

    :raises Refused: `currency_mismatch` with the payment
    """
    facts = plain_facts(
        team=wish.team,
        category=wish.category,
        amount=wish.amount,
        reason=wish.reason,
        at=at,
        dispute_due_at=wish.dispute_due_at,
    )
    if wish.category == Category.DISPUTE:
        return _with_dispute(facts, wish, at)
    payment = payment_of(wish.team, wish.gateway, wish.about) if wish.category == Category.REFUND else None
    if payment is not None:
        if payment.currency != wish.amount.currency:
            sentence = f"This payment is in {payment.currency}, not {wish.amount.currency}."
            raise Refused("currency_mismatch", sentence, "currency")
        return with_payment(facts, payment, at=at)
    tenure_days = _tenure_days(_customer_of(wish), at)
    return replace(facts, customer_tenure_days=tenure_days)


def payment_of(team: Team, gateway: str, external_id: str) -> Payment | None:
    """Find the team's payment by the processor's id."""
    if not external_id:
        return None
    payments = Payment.objects.select_related("order__customer")
    return payments.filter(gateway=gateway, external_id=external_id, order__team=team).first()


def with_payment(facts: RefundFacts, payment: Payment, *, at: datetime) -> RefundFacts:
    """Add what a payment and its order say of a refund that no request was entered for."""
    order = payment.order
    counted_from = order.delivered_at or order.placed_at
    disputes = standing_over(payment.pk)
    charges = Payment.objects.filter(order=order, currency=facts.currency)
    spoken_for = F("refunded_minor") + F("reserved_minor") + F("elsewhere_minor")
    given_back = charges.aggregate(minor=Sum(spoken_for, default=0))["minor"]
    return replace(
        facts,
        payment_is_found=True,
        refundable_minor=payment.refundable_minor,
        charge_minor=int(given_back),
        days_since_delivery=max((at - counted_from).days, 0),
        is_delivered=order.delivered_at is not None,
        counted_from_on=counted_from.date(),
        customer_tenure_days=_tenure_days(order.customer, at),
        dispute_is_open=bool(disputes),
        dispute_due_in_hours=_due_in_hours(disputes, at) if disputes else facts.dispute_due_in_hours,
    )


def _with_dispute(facts: RefundFacts, wish: Wish, at: datetime) -> RefundFacts:
    """Let the deadline we read ourselves count before the one that was told."""
    known = Dispute.objects.filter(gateway=wish.gateway, external_id=wish.about, payment__order__team=wish.team).first()
    if known is None or known.due_at is None:
        return facts
    return replace(facts, dispute_due_in_hours=_due_in_hours([known], at))


def _due_in_hours(disputes: Iterable[Dispute], at: datetime) -> int | None:
    due = [dispute.due_at for dispute in disputes if dispute.is_open and dispute.due_at is not None]
    return (min(due) - at) // AN_HOUR if due else None


def _customer_of(wish: Wish) -> Customer | None:
    if not wish.customer:
        return None
    found = Customer.objects.filter(external_id=wish.customer, orders__team=wish.team).distinct()[:2]
    return found[0] if len(found) == 1 else None


def _tenure_days(customer: Customer | None, at: datetime) -> int | None:
    since = customer.since if customer is not None else None
    return None if since is None else max((at.date() - since).days, 0)
