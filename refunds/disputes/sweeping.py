"""Find the disputes whose webhooks were dropped, and read those again that have not been heard of for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from django.utils import timezone

from refunds.gateways.base import GatewayUnreachable
from refunds.gateways.registry import gateway_named
from refunds.models import Dispute
from refunds.vocabulary import DISPUTE_IS_OPEN

from .recording import record_dispute

if TYPE_CHECKING:
    from datetime import datetime

logger = structlog.get_logger(__name__)

LOOKS_BACK = timedelta(days=3)
"""As long as Stripe itself goes on delivering an event; what is older came by webhook or by an earlier sweep."""

READ_AGAIN_AFTER = timedelta(hours=6)
MOST_AT_ONCE = 100


def sweep_disputes(*, gateway: str, at: datetime) -> int:
    """Walk through the disputes opened lately, then read old open ones again. Answers how many are ours."""
    began = timezone.now()
    ours = 0
    try:
        for told in gateway_named(gateway).disputes_opened_since(at - LOOKS_BACK):
            ours += record_dispute(gateway=gateway, told=told, asked_at=began, at=timezone.now()) is not None
        stale = Dispute.objects.filter(
            gateway=gateway, status__in=DISPUTE_IS_OPEN, read_at__lt=at - READ_AGAIN_AFTER
        ).order_by("read_at")
        for external_id in list(stale.values_list("external_id", flat=True)[:MOST_AT_ONCE]):
            asked_at = timezone.now()
            told_again = gateway_named(gateway).dispute(external_id)
            if told_again is not None:
                record_dispute(gateway=gateway, told=told_again, asked_at=asked_at, at=timezone.now())
                ours += 1
    except GatewayUnreachable as error:
        logger.warning("disputes.cannot_ask", gateway=gateway, why=str(error))
    return ours
