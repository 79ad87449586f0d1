"""Refunds that carry no operation of ours: read again, left alone while they are young, then recorded as ungoverned."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from approvals.vocabulary import Category
from config.kernel.money import Money
from config.kernel.people import Team
from policies.actions.facts import plain_facts
from policies.actions.observing import Sighting, note_return, observe
from policies.models import GovernedAction
from refunds.elsewhere import count_elsewhere, hold_payments
from refunds.gateways.actions import ACTION_ID
from refunds.gateways.base import RefundStatus
from refunds.models import Payment
from refunds.processing.belonging import uuid_or_none

from .facts import with_payment

if TYPE_CHECKING:
    from datetime import datetime

    from refunds.gateways.base import ProviderRefund

YOUNG = timedelta(minutes=5)
"""Until then our own worker may not have committed what it made; longer than a call and its record can take."""

UNDONE = frozenset({RefundStatus.FAILED, RefundStatus.CANCELED})


def is_young(left_at: datetime, *, at: datetime) -> bool:
    """Tell whether what left may still be our own work, not yet written down."""
    return at - left_at < YOUNG


@transaction.atomic
def observe_refund(*, gateway: str, refund: ProviderRefund, at: datetime) -> GovernedAction | None:
    """Record a refund that no operation of ours made; None where its money came back, or for a team nobody has.

    Whether it is old enough was asked before. What is left on the payment is lowered, and raised again when the money
    comes back.
    """
    payment = (
        Payment.objects.select_related("order__team", "order__customer")
        .filter(gateway=gateway, external_id=refund.payment_external_id)
        .first()
    )
    payments = [] if payment is None else hold_payments(payment.order_id)
    action = _came_back(gateway, refund, at) if refund.status in UNDONE else _seen(gateway, refund, payment, at)
    count_elsewhere(payments)
    return action


def _seen(gateway: str, refund: ProviderRefund, payment: Payment | None, at: datetime) -> GovernedAction | None:
    team = payment.order.team if payment is not None else house_team(refund.currency)
    if team is None:
        return None
    amount = Money(refund.amount_minor, refund.currency)
    reason = str(refund.metadata.get("reason_code", ""))[:40]
    facts = plain_facts(team=team, category=Category.REFUND, amount=amount, reason=reason, at=refund.created_at)
    if payment is not None and payment.currency == refund.currency:
        facts = with_payment(facts, payment, at=refund.created_at)
    seen = Sighting(
        team=team,
        category=Category.REFUND,
        gateway=gateway,
        external_id=refund.external_id,
        amount=amount,
        left_at=refund.created_at,
        about=refund.payment_external_id,
        reason=reason,
        action_id=uuid_or_none(str(refund.metadata.get(ACTION_ID, ""))),
        facts=facts,
    )
    return observe(sighting=seen, at=at)


def _came_back(gateway: str, refund: ProviderRefund, at: datetime) -> GovernedAction | None:
    known = GovernedAction.objects.filter(
        gateway=gateway, external_id=refund.external_id, category=Category.REFUND
    ).first()
    return None if known is None else note_return(action_id=known.pk, failure=refund.failure_reason, at=at)


def house_team(currency: str) -> Team | None:
    """Find whose money it is when nothing says so: the first team of the currency, else the first of all.

    A payout, a transfer, or a refund of a charge we never heard of names no team; somebody must see it all the same.
    """
    teams = Team.objects.order_by("pk")
    return teams.filter(currency=currency).first() or teams.first()
