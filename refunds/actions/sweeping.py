"""Find the refunds whose webhooks were dropped: all that were made since the last reading, and an hour before."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from django.utils import timezone

from refunds.gateways.base import GatewayUnreachable
from refunds.gateways.registry import action_gateway_named, gateway_named
from refunds.models import SweepMark
from refunds.processing.belonging import operation_of
from refunds.processing.recording import STATE_OF, record_provider_state

from .movements import read_movements
from .observing import is_young, observe_refund

if TYPE_CHECKING:
    from datetime import datetime

    from refunds.gateways.base import ProviderRefund

logger = structlog.get_logger(__name__)

OVERLAP = timedelta(hours=1)
"""Processors date things when they begin them; what was still young at the last reading is seen again too."""

FIRST_LOOK = timedelta(days=3)
REFUNDS, MOVEMENTS = "refunds", "movements"


def sweep_refunds(*, gateway: str, at: datetime) -> int:
    """Walk through the refunds made since the mark. Answers how many were news; the mark moves when all were seen.

    One that is ours and further than we know is brought up to date, one that is nobody's becomes ungoverned.
    """
    mark, _ = SweepMark.objects.get_or_create(
        gateway=gateway, what=REFUNDS, defaults={"read_until": at - FIRST_LOOK + OVERLAP}
    )
    found = 0
    try:
        for refund in gateway_named(gateway).refunds_created_since(mark.read_until - OVERLAP):
            found += _look_at(gateway, refund)
    except GatewayUnreachable as error:
        logger.warning("refunds.cannot_ask", gateway=gateway, why=str(error))
        return found
    SweepMark.objects.filter(pk=mark.pk, read_until__lt=at).update(read_until=at)
    return found


def sweep_movements(*, gateway: str, at: datetime) -> int:
    """Read again what the processor had news of since the mark. Answers how many objects; the mark moves as above."""
    mark, _ = SweepMark.objects.get_or_create(
        gateway=gateway, what=MOVEMENTS, defaults={"read_until": at - FIRST_LOOK + OVERLAP}
    )
    try:
        hinted = set(action_gateway_named(gateway).movements_hinted_since(mark.read_until - OVERLAP))
        for external_id in sorted(hinted):
            read_movements(gateway=gateway, external_id=external_id, at=timezone.now())
    except GatewayUnreachable as error:
        logger.warning("movements.cannot_ask", gateway=gateway, why=str(error))
        return 0
    SweepMark.objects.filter(pk=mark.pk, read_until__lt=at).update(read_until=at)
    return len(hinted)


def _look_at(gateway: str, refund: ProviderRefund) -> bool:
    at = timezone.now()
    try:
        operation = operation_of(refund)
        if operation is not None:
            is_known = operation.external_id == refund.external_id and operation.state == STATE_OF[refund.status]
            if not is_known:
                record_provider_state(operation_id=operation.pk, refund=refund, at=at)
            return not is_known
        return not is_young(refund.created_at, at=at) and _is_news(gateway, refund, at)
    except Exception:
        # One broken row must not keep all others waiting.
        logger.exception("refund.cannot_be_looked_at", gateway=gateway, refund=refund.external_id)
        return False


def _is_news(gateway: str, refund: ProviderRefund, at: datetime) -> bool:
    action = observe_refund(gateway=gateway, refund=refund, at=at)
    return action is not None and action.updated_at == at
