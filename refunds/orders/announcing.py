"""Tell a sandbox which payments exist; real processors captured them themselves and are told nothing."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import structlog

from refunds.gateways.base import CapturedPayment, GatewayUnreachable
from refunds.gateways.registry import gateway_named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from refunds.models import Payment

logger = structlog.get_logger(__name__)


def announce_payments(payments: Iterable[Payment]) -> bool:
    """Tell each gateway about its payments, after they are committed. Answers whether all of them heard.

    A sandbox that is down loses nothing: announcing again is harmless, and the next refund says that the payment is
    unknown there.
    """
    heard = True
    in_order = sorted(payments, key=lambda payment: (payment.gateway, payment.pk))
    for gateway, its_own in groupby(in_order, key=lambda payment: payment.gateway):
        try:
            gateway_named(gateway).announce([as_captured(payment) for payment in its_own])
        except GatewayUnreachable as error:
            logger.warning("payments.not_announced", gateway=gateway, why=str(error))
            heard = False
    return heard


def as_captured(payment: Payment) -> CapturedPayment:
    """Put a payment in the words of a gateway."""
    return CapturedPayment(
        external_id=payment.external_id,
        amount_minor=payment.captured_minor,
        currency=payment.currency,
        captured_at=payment.captured_at,
        method=payment.method or "card",
        metadata={"order_id": payment.order.external_id},
        is_destination_charge=payment.is_destination_charge,
    )
